"""What a language costs, in a process of its own: seconds to load, memory, milliseconds a question."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

from labelled import PAIRS, missing, read_pairs

__all__ = ["LANGUAGES", "Cost", "cost_of", "texts_of"]

_ENOUGH = 300
LANGUAGES = ("en", "ko", "ru", "pt", "es")
_FIRST = {
    "en": "How do I reset my password?",
    "ko": "비밀번호를 어떻게 바꿔요?",
    "ru": "Как сбросить пароль?",
    "pt": "Como faço para trocar minha senha?",
    "es": "¿Cómo puedo cambiar mi contraseña?",
}
_ANALYSERS = ("kiwipiepy", "pymorphy3", "simplemma", "rapidfuzz")
_SCRIPT = """
import json, sys, time
from pathlib import Path

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

given = json.load(sys.stdin)
names = given["analysers"]
empty, started = resident(), time.perf_counter()
from normalize import Normalizer
normalizer = Normalizer()
built, base = time.perf_counter(), resident()
early = [name for name in names if name in sys.modules]
begun = time.perf_counter()
normalizer(given["first"])
first, loaded = time.perf_counter(), resident()
milliseconds = []
for text in given["texts"]:
    at = time.perf_counter()
    try:
        normalizer(text)
    except ValueError:
        continue
    milliseconds.append((time.perf_counter() - at) * 1000)
json.dump({
    "build_s": built - started, "first_s": first - begun, "base_bytes": base - empty, "loaded_bytes": loaded - base,
    "after_all_bytes": resident() - base, "loaded_early": early, "milliseconds": milliseconds,
    "loaded": [name for name in names if name in sys.modules],
}, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """One language in a fresh process.

    `build_s` seconds to import and build a Normalizer, `first_s` for the first question, which loads the analyser;
    `*_mb` of resident memory: of the Normalizer, then of the first question, then of all. `median_ms` and `p90_ms` a
    question, the first excluded. `analysers` are those loaded in the end, `loaded_early` those loaded before any
    question: there should be none.
    """

    language: str
    build_s: float
    first_s: float
    base_mb: float
    first_mb: float
    all_mb: float
    questions: int
    median_ms: float
    p90_ms: float
    analysers: tuple[str, ...]
    loaded_early: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def texts_of(data: Path, language: str, most: int) -> list[str]:
    """At most so many distinct texts of the pair sets of one language, drawn alike in every run.

    Questions, where there are enough of them: sets of statements (PAWS, STS) have sentences three times as long.
    """
    absent = missing(data)
    names = [name for name, of in PAIRS.items() if of == language and name not in absent]
    found = {text: None for name in names for pair in read_pairs(data, name) for text in (pair.one, pair.other)}
    asked = [text for text in found if text.rstrip().endswith(("?", "？"))]
    drawn = asked if len(asked) >= _ENOUGH else list(found)
    return random.Random(0).sample(drawn, min(most, len(drawn)))


def cost_of(language: str, texts: Sequence[str]) -> Cost:
    """Measure in a fresh process. Error: CalledProcessError, where that process fails."""
    given = {"first": _FIRST[language], "texts": list(texts), "analysers": _ANALYSERS}
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], input=json.dumps(given), capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    found = json.loads(done.stdout)
    times = found["milliseconds"]
    many = len(times) > 1
    return Cost(
        language=language,
        build_s=found["build_s"],
        first_s=found["first_s"],
        base_mb=found["base_bytes"] / 1e6,
        first_mb=found["loaded_bytes"] / 1e6,
        all_mb=found["after_all_bytes"] / 1e6,
        questions=len(times),
        median_ms=median(times) if times else 0.0,
        p90_ms=quantiles(times, n=10)[8] if many else 0.0,
        analysers=tuple(found["loaded"]),
        loaded_early=tuple(found["loaded_early"]),
    )
