"""Search among 1,000 to 1,000,000 vectors: time, recall, memory, changes, files; beside other indexes and stores.

    python bench/vector_indexes.py [--sizes 1000 10000 100000] [--only large usearch] [--real] [--data ../shared/data]

Each index is made in one process and opened in a fresh one, so that memory and loading are those of a start. One
thread. Recall is held against comparing with every vector. `near` is recall@1 among the questions whose nearest vector
has a cosine of 0.9 or more: those that a cache could answer. 10,000,000 vectors need 15 GB for the vectors alone and
twelve hours on one core: --sizes takes them where there is room.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import faiss
import numpy as np
from machine import describe, spread, write
from numpy.typing import NDArray
from store_rivals import GPTCacheStore, SamewiseStore
from vector_rivals import INDEXES, Place, Rival
from vector_sets import VectorSet, made, real, shape_of

_RIVALS: dict[str, Callable[[Place], Rival]] = {**INDEXES, "store": SamewiseStore, "gptcache": GPTCacheStore}
_QUESTIONS = 1000
_CHANGES = 300
_K = 10
_NEAR = 0.9
_REAL = 20_000
_LARGEST = {"exact": 1_000_000, "store": 100_000, "gptcache": 100_000}
_PACKAGES = ("faiss-cpu", "usearch", "hnswlib", "gptcache", "sqlalchemy", "numpy")
_COLUMNS = "| vectors | index | p50 | p99 | recall@1 | near | @10 | B/entry | add p50 / worst | delete p50 / worst "
_COLUMNS += "| made | saved | opened | file |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--only", nargs="+", choices=list(_RIVALS), default=list(_RIVALS))
    parser.add_argument("--real", action="store_true", help="real questions too, 18,000 of them")
    parser.add_argument("--stores-too", action="store_true", help="whole stores at any size: hours at 1,000,000")
    parser.add_argument("--folder", type=Path, help="where the files go (default: a temporary folder)")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    if options.step:
        return _step(*options.step)
    if not options.data.is_dir():
        raise SystemExit(f"The labelled data is not here: {options.data}. Name its folder with --data.")
    out = Path(__file__).parent / "out"
    questions = real(options.data, _REAL, out / "real_vectors.npy")
    folder = options.folder or Path(tempfile.mkdtemp())
    result: dict[str, Any] = {**describe(*_PACKAGES), "rows": []}
    print(f"\n{_COLUMNS}\n{'|---' * 14}|", flush=True)
    try:
        if options.real:
            cut = len(questions) // 10
            _compare("real ", VectorSet(questions[cut:], questions[:cut][:_QUESTIONS]), folder, options, result)
        for size in options.sizes:
            _compare("", made(shape_of(questions), size, _QUESTIONS), folder, options, result)
    finally:
        if options.folder is None:
            shutil.rmtree(folder)
    print(f"\nWritten to {write('vector_indexes', result)}")
    return None


def _compare(kind: str, vectors: VectorSet, folder: Path, options: Any, result: dict[str, Any]) -> None:
    size = len(vectors.stored)
    own = folder / f"{kind.strip()}{size}"
    own.mkdir(parents=True, exist_ok=True)
    np.save(own / "stored.npy", vectors.stored)
    np.save(own / "asked.npy", vectors.asked)
    near, nearest = faiss.knn(vectors.asked, vectors.stored, _K, metric=faiss.METRIC_INNER_PRODUCT)
    for name in options.only:
        if size > _LARGEST.get(name, size) and not options.stores_too:
            continue
        made_as = _run("make", name, own)
        used = _run("use", name, own)
        row = {"kind": kind.strip() or "made", "vectors": size, "index": name, **made_as, **used}
        row |= _recall(row.pop("found"), nearest, near)
        result["rows"].append(row)
        print(_line(kind, row), flush=True)
        write("vector_indexes", result)  # a run takes long: what it has is kept
        for path in own.glob("*"):
            if path.name not in ("stored.npy", "asked.npy"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(own)


def _recall(found: Sequence[Sequence[int]], nearest: Any, near: Any) -> dict[str, float]:
    # Two vectors may be equally near: the first one is right if its cosine is.
    first = np.array([ours[:1] == [theirs[0]] for ours, theirs in zip(found, nearest.tolist(), strict=True)])
    ten = [len(set(ours) & set(theirs)) / _K for ours, theirs in zip(found, nearest.tolist(), strict=True)]
    close = near[:, 0] >= _NEAR
    return {
        "recall_1": float(first.mean()),
        "recall_1_near": float(first[close].mean()) if close.any() else float("nan"),
        "near_share": float(close.mean()),
        "recall_10": float(np.mean(ten)),
    }


def _run(step: str, name: str, folder: Path) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, __file__, "--step", step, name, str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _step(step: str, name: str, place: str) -> None:
    folder = Path(place)
    stored = np.load(folder / "stored.npy", mmap_mode="r")
    count, dimensions = stored.shape
    rival = _RIVALS[name](Place(folder, dimensions, count))
    if step == "make":
        result: dict[str, Any] = {"made_s": _seconds(lambda: rival.make(stored))}
        result["saved_s"] = _seconds(rival.save)
        kept = (path for path in folder.rglob("*") if path.is_file() and path.name not in ("stored.npy", "asked.npy"))
        result["file_bytes"] = sum(path.stat().st_size for path in kept)
    else:
        del stored
        result = _use(rival, np.load(folder / "asked.npy"), count)
    # GPTCache writes its index when the program ends, and says so.
    print(json.dumps(result), flush=True)


def _use(rival: Rival, asked: NDArray[np.float32], count: int) -> dict[str, Any]:
    _warm_up(asked.shape[1])
    before = _resident()
    result: dict[str, Any] = {"opened_s": _seconds(rival.open)}
    result["opened_bytes"] = _resident() - before
    rival.search(asked[0], _K)
    found: list[list[int]] = []
    result["search_ms"] = spread([_milliseconds(partial(_search, rival, query, found)) for query in asked])
    result["searched_bytes"] = _resident() - before
    rival.add(count, asked[0])  # usearch loads its file here
    changes = range(1, min(_CHANGES, len(asked)))
    adds = [_milliseconds(partial(rival.add, count + one, asked[one])) for one in changes]
    step = max(1, count // len(changes))
    deletes = [_milliseconds(partial(rival.delete, one * step % count)) for one in changes]
    result |= {"add_ms": spread(adds), "add_worst_ms": max(adds)}
    return {**result, "delete_ms": spread(deletes), "delete_worst_ms": max(deletes), "found": found}


def _search(rival: Rival, query: NDArray[np.float32], found: list[list[int]]) -> None:
    found.append(rival.search(query, _K))


def _warm_up(dimensions: int) -> None:
    """What the libraries take before the first vector is not the index's."""
    rows = np.eye(2, dimensions, dtype=np.float32)
    faiss.knn(rows, rows, 1)


def _resident() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def _seconds(call: Callable[[], object]) -> float:
    started = perf_counter()
    call()
    return perf_counter() - started


def _milliseconds(call: Callable[[], object]) -> float:
    return _seconds(call) * 1000


def _line(kind: str, row: dict[str, Any]) -> str:
    search, add, delete = row["search_ms"], row["add_ms"], row["delete_ms"]
    return (
        f"| {kind}{row['vectors']:,} | {row['index']} | {search['median']:.3f} | {search['p99']:.2f} ms "
        f"| {row['recall_1']:.3f} | {row['recall_1_near']:.3f} | {row['recall_10']:.3f} "
        f"| {row['opened_bytes'] / row['vectors']:.0f}–{row['searched_bytes'] / row['vectors']:.0f} "
        f"| {add['median']:.3f} / {row['add_worst_ms']:.2f} ms "
        f"| {delete['median']:.3f} / {row['delete_worst_ms']:.2f} ms "
        f"| {row['made_s']:.1f} s | {row['saved_s']:.2f} s | {row['opened_s'] * 1000:.0f} ms "
        f"| {row['file_bytes'] / 1e6:.0f} MB |"
    )


if __name__ == "__main__":
    main()
