"""Threads of a process that add, read, touch and delete on a shared store, and note what they saw and when."""

from __future__ import annotations

import json
import random
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from rows import exact_hash, new, unit

from storage import NewEntry, StorageError, Store

__all__ = ["KEPT", "THREADS", "Note", "final_problems", "notes_of", "stale", "work"]

THREADS, QUESTIONS = 8, 60
KEPT = [f"kept{number}" for number in range(8)]
"""Questions that nobody deletes: by them uses are counted."""


@dataclass(frozen=True, slots=True)
class Note:
    """One operation: from `start` to `end`, seconds of a clock that all processes share.

    `did` is write, delete, read, touch or error; `answer` what was written or read, or the error.
    """

    did: str
    question: str
    answer: str | None
    start: float
    end: float


def _vector(question: str) -> NDArray[np.float32]:
    return unit(int.from_bytes(question.encode(), "big") % (1 << 63))


def entry(question: str, answer: str) -> NewEntry:
    """An entry whose vector is of its question."""
    made = new(question, answer, embedder="e", vector=None)
    return type(made)(**{**{name: getattr(made, name) for name in made.__slots__}, "vector": _vector(question)})


def work(url: str, process: int, seconds: float, path: str) -> None:
    """Work with 8 threads for so long; write the notes to a file."""
    found: list[list[Note]] = [[] for _ in range(THREADS)]
    with Store.open(url) as store:
        until = monotonic() + seconds
        threads = [
            threading.Thread(target=_work, args=(store, process * THREADS + one, until, found[one]))
            for one in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    Path(path).write_text("\n".join(json.dumps(asdict(note)) for notes in found for note in notes))


def _work(store: Store, worker: int, until: float, notes: list[Note]) -> None:
    chance = random.Random(worker)
    number = 0
    while (start := monotonic()) < until:
        number += 1
        question = f"q{chance.randrange(QUESTIONS)}"
        did = chance.choices(("write", "delete", "exact", "nearest", "touch"), (2, 1, 5, 5, 3))[0]
        try:
            seen = _one(store, did, question, f"{worker}.{number}")
            notes += [Note(*one, start, monotonic()) for one in seen]
        except StorageError as error:
            notes.append(Note("error", question, f"{type(error).__name__}: {error}", start, monotonic()))


def _one(store: Store, did: str, question: str, answer: str) -> Iterator[tuple[str, str, str | None]]:
    match did:
        case "write":
            store.add(entry(question, answer))
            yield "write", question, answer
        case "delete":
            there = store.exact("s", exact_hash(question))
            if there is not None and store.delete(there.id):
                yield "delete", question, None
        case "exact":
            there = store.exact("s", exact_hash(question))
            if there is not None:
                yield "read", question, there.answer
        case "nearest":
            for neighbour in store.nearest("s", _vector(question), 1, "e"):
                yield "read", neighbour.entry.question, neighbour.entry.answer
        case _:
            kept = KEPT[len(answer) % len(KEPT)]
            there = store.exact("s", exact_hash(kept))
            assert there is not None, f"{kept} is gone"
            store.touch(there.id)
            yield "touch", kept, None


def notes_of(paths: Iterable[Path]) -> list[Note]:
    """All notes, by their end."""
    lines = (line for path in paths for line in path.read_text().splitlines())
    return sorted((Note(**json.loads(line)) for line in lines), key=lambda note: note.end)


def stale(notes: Iterable[Note], seconds: float) -> list[str]:
    """Reads that gave an answer although it had been replaced or deleted for longer than that."""
    changes = _changes(notes)
    found = []
    for note in notes:
        if note.did != "read" or note.question in KEPT:
            continue
        written = next((one for one in changes[note.question] if one.answer == note.answer), None)
        if written is None:
            found.append(f"{note} was never written")
            continue
        later = [one for one in changes[note.question] if one.start > written.end and one.end < note.start - seconds]
        found += [f"{note}, after {one}" for one in later[:1]]
    return found


def final_problems(store: Store, notes: Iterable[Note]) -> list[str]:
    """Questions whose state is not that of one of their last changes."""
    found = []
    for question, changes in _changes(notes).items():
        there = store.exact("s", exact_hash(question))
        answer = None if there is None else there.answer
        last = [one for one in changes if not any(other.start > one.end for other in changes)]
        if answer not in {one.answer for one in last}:
            found.append(f"{question} has {answer}, its last changes are {last}")
    return found


def _changes(notes: Iterable[Note]) -> dict[str, list[Note]]:
    changes: dict[str, list[Note]] = defaultdict(list)
    for note in notes:
        if note.did in ("write", "delete"):
            changes[note.question].append(note)
    return changes
