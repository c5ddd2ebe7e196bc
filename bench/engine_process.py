"""Another engine in a process of its own: it is handed prompts as token ids and reports seconds.

The engine's interpreter runs a module of bench/engines, which reads a job as JSON and writes a report of JSON lines.
Whatever goes wrong there is told in the outcome, with the process's last words, beside what it had reported until then.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

__all__ = ["Document", "Engine", "Job", "Outcome", "Times", "run"]

_TIMEOUT_SECONDS = 3600.0
_LAST_LINES = 3
_ROOM_TOKENS = 16  # beside the longest prompt and what is decoded after it


@dataclass(frozen=True)
class Document:
    """Prompts that begin with the same document, as token ids: the first is asked cold, the others after it."""

    tokens: int
    prompts: Sequence[Sequence[int]]


@dataclass(frozen=True)
class Job:
    """What every engine is asked."""

    documents: Sequence[Document]
    threads: int
    dtype: str
    decode_tokens: int

    @property
    def context(self) -> int:
        """Tokens that have to fit."""
        longest = max(len(prompt) for document in self.documents for prompt in document.prompts)
        return longest + self.decode_tokens + _ROOM_TOKENS


@dataclass(frozen=True)
class Times:
    """One document's figures: seconds to the first token, seconds a token after it, tokens not computed again."""

    tokens: int
    cold_seconds: float
    warm_seconds: Sequence[float]
    decode_seconds: Sequence[float]
    cached_tokens: Sequence[int] = ()


@dataclass(frozen=True)
class Engine:
    """How one is started: `interpreter -m module JOB REPORT` in `folder`, with `environment` beside this process's.

    The model is a path, absolute, or whatever else the engine understands.
    """

    name: str
    interpreter: Path
    module: str
    model: str
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path(__file__).parent
    timeout_seconds: float = _TIMEOUT_SECONDS


@dataclass(frozen=True)
class Outcome:
    """What came of one engine: its figures, as far as it got, and what is to be said where that is not the end."""

    name: str
    version: str = ""
    times: Sequence[Times] = ()
    complaint: str | None = None


def run(engine: Engine, job: Job) -> Outcome:
    """Start the engine, wait for it, and read what it reported. Its troubles are in the outcome; none is raised."""
    with tempfile.TemporaryDirectory(prefix="engine-") as name:
        work = Path(name)
        asked = asdict(job) | {"context": job.context, "model": engine.model}
        (work / "job.json").write_text(json.dumps(asked), "utf-8")
        complaint = _complaint(engine, job, work)
        return _outcome(engine, job, work / "report.jsonl", complaint)


def _complaint(engine: Engine, job: Job, work: Path) -> str | None:
    files = [str(work / file) for file in ("job.json", "report.jsonl")]
    command = [str(engine.interpreter.absolute()), "-m", engine.module, *files]
    said = work / "said.txt"
    try:
        with said.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=engine.folder, env=_environment(engine, job), stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
    except OSError as error:
        return f"stopped: {engine.name}: {engine.interpreter} does not start ({error})"
    try:
        status = process.wait(engine.timeout_seconds)
    except subprocess.TimeoutExpired:
        return f"stopped: {engine.name}: not done after {engine.timeout_seconds:g} s; ask for fewer or shorter prompts"
    finally:
        _end(process)
    if status == 0:
        return None
    lines = [line.strip() for line in said.read_text("utf-8", "replace").splitlines() if line.strip()]
    words = " / ".join(lines[-_LAST_LINES:]) or "it said nothing"
    return f"stopped: {engine.name}: exit status {status}: {words}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and whatever it has started: the next engine is to have the machine for itself."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment(engine: Engine, job: Job) -> dict[str, str]:
    threads = {name: str(job.threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    # This project's own environment is not the engine's.
    own = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")}
    return own | threads | dict(engine.environment)


def _outcome(engine: Engine, job: Job, report: Path, complaint: str | None) -> Outcome:
    lines = report.read_text("utf-8", "replace").splitlines() if report.is_file() else []
    version, times = "", []
    try:
        for number, line in enumerate(map(json.loads, lines)):
            if number == 0:
                version = str(line["version"])
            else:
                times.append(Times(**line))
    except (ValueError, TypeError, KeyError) as error:  # what was read before that line stands
        complaint = complaint or f"stopped: {engine.name}: its report cannot be read ({error})"
    if complaint is None and len(times) != len(job.documents):
        complaint = f"stopped: {engine.name}: {len(times)} of {len(job.documents)} documents in its report"
    return Outcome(engine.name, version, tuple(times), complaint)
