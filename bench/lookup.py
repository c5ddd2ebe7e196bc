"""Lookup latency by source at 10,000 entries, beside GPTCache on the same questions in the same run.

    python bench/lookup.py [--entries 10000] [--queries 300] [--data ../shared/data]

Both use the same embedding model, SQLite on disk and exact FAISS search. GPTCache embeds every question; it is asked
for what it would return, right or wrong, so the ratio is one of time only.
"""

from __future__ import annotations

import argparse
import atexit
import csv
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from machine import describe, spread, write
from numpy.typing import NDArray

from semantic_cache import SemanticCache, Settings
from semantic_cache.embedder import Embedder, open_embedder
from semantic_cache.entries import Source, new_entry
from semantic_cache.request import SamplingOptions, make_request
from semantic_cache.scope import make_scope

_PAIRS = ("parakqc_pairs", "kor_qpair", "text2sql_advising", "qqp")
_FILL = ("clinc150", "banking77")


def questions(data: Path, count: int, queries: int) -> tuple[list[str], list[str]]:
    """`count` distinct questions to store, and paraphrases of some of them to ask."""
    stored: dict[str, None] = {}
    asked: list[str] = []
    for name in _PAIRS:
        rows = [(a, b) for a, b, same in _rows(data / name, "q1", "q2", "label") if same == "1"][: 2 * queries]
        stored.update(dict.fromkeys(a for a, _ in rows))
        asked += [b for _, b in rows]
    for name in _FILL:
        stored.update(dict.fromkeys(text for (text,) in _rows(data / name, "text")))
    return list(stored)[:count], asked


def _rows(folder: Path, *columns: str) -> Iterator[tuple[str, ...]]:
    with (folder / "dev.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield tuple(row[column] for column in columns)


def fill(cache: SemanticCache, stored: Sequence[str], vectors: NDArray[np.float32]) -> None:
    """Store the questions with vectors made beforehand, as an import would."""
    parts, sampling = cache._parts, SamplingOptions(1, 0.0)
    rows = []
    for text, vector in zip(stored, vectors, strict=True):
        request = make_request(text, sampling=sampling)
        scope = make_scope(request, system="", documents=(), model=parts.generator.name)
        question = parts.lookup.normalize(request.text)
        rows.append(
            new_entry(
                question, "An answer.", tenant=request.tenant, scope=scope.curated,
                exact_hash=request.exact_hash, key_version=parts.lookup.key_version,
                source=Source("curated"), embedder=parts.embedder.name, vector=vector,
            )
        )  # fmt: skip
    parts.store.add_many(rows)


def gptcache(
    folder: Path, embedder: Embedder, stored: Sequence[str], vectors: NDArray[np.float32]
) -> Callable[[str], Any]:
    """GPTCache over SQLite and FAISS with the same embedder, filled with the same questions."""
    from gptcache import Cache
    from gptcache.adapter.api import get
    from gptcache.manager import CacheBase, VectorBase, get_data_manager
    from gptcache.similarity_evaluation.distance import SearchDistanceEvaluation

    cache = Cache()
    manager = get_data_manager(
        CacheBase("sqlite", sql_url=f"sqlite:///{folder / 'gptcache.db'}"),
        VectorBase("faiss", dimension=embedder.dimensions, index_path=str(folder / "gptcache.index")),
        max_size=10 * len(stored),
    )
    cache.init(
        pre_embedding_func=lambda data, **_: data["prompt"],
        embedding_func=lambda prompt, **_: embedder.encode([prompt])[0],
        data_manager=manager,
        similarity_evaluation=SearchDistanceEvaluation(),
    )
    manager.import_data(list(stored), ["An answer."] * len(stored), list(vectors), [None] * len(stored))
    return lambda text: get(text, cache_obj=cache)


def measure(
    cache: SemanticCache, other: Callable[[str], Any], asked: Sequence[str]
) -> dict[str, dict[str, list[float]]]:
    """Milliseconds by the source of our verdict; each question goes to both, one after the other."""
    times: dict[str, dict[str, list[float]]] = {}
    for text in asked:
        started = perf_counter()
        verdict = cache.lookup(text)
        middle = perf_counter()
        other(text)
        ended = perf_counter()
        row = times.setdefault(verdict.source if verdict.hit else "miss", {"samewise": [], "gptcache": []})
        row["samewise"].append((middle - started) * 1000)
        row["gptcache"].append((ended - middle) * 1000)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=300, help="of each kind")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"The labelled data is not here: {options.data}. Name its folder with --data.")
    stored, paraphrases = questions(options.data, options.entries, options.queries)
    embedder = open_embedder()
    print(f"Embedding {len(stored)} questions …", flush=True)
    vectors = np.concatenate([embedder.encode(stored[start : start + 64]) for start in range(0, len(stored), 64)])
    # GPTCache writes its index when the program ends: the folder goes after that.
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    other = gptcache(folder, embedder, stored, vectors)
    with SemanticCache.open(Settings(store=f"sqlite:///{folder / 'samewise.db'}")) as cache:
        fill(cache, stored, vectors)
        cache.lookup("a first question loads the index")
        step = max(1, len(stored) // options.queries)
        repeats = stored[::step][: options.queries]
        times = measure(cache, other, [*repeats, *(text.upper() + " !!" for text in repeats), *paraphrases])
    result = {**describe("faiss-cpu", "sqlalchemy", "gptcache"), "entries": len(stored), "milliseconds": {}}
    print("\n| source | lookups | Samewise p50 | p99 | GPTCache p50 | p99 | GPTCache / Samewise |")
    print("|---|---|---|---|---|---|---|")
    for source in ("exact", "normalized", "semantic", "miss"):
        if source in times:
            ours, theirs = spread(times[source]["samewise"]), spread(times[source]["gptcache"])
            result["milliseconds"][source] = {"samewise": ours, "gptcache": theirs}
            print(
                f"| {source} | {ours['count']} | {ours['median']:.2f} ms | {ours['p99']:.2f} ms "
                f"| {theirs['median']:.2f} ms | {theirs['p99']:.2f} ms | {theirs['median'] / ours['median']:.1f} |"
            )
    print(f"\nWritten to {write('lookup', result)}")


if __name__ == "__main__":
    main()
