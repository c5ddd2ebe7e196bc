"""Exported files, to be written, read and bent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rows import exact_hash, key_hash, new

from storage import Effect, Entry, Feedback, FeedbackSource, Lifetime, Store

Lines = list[dict[str, Any]]


def judge(
    store: Store, entry: Entry, question: str, effect: Effect, *, source: FeedbackSource = "user", at: float = 5.0
) -> None:
    """Say that an entry is right for a question ("alias") or not."""
    judged = Feedback(
        tenant="t", scope="s", entry_id=entry.id, exact_hash=exact_hash(question), key_hash=key_hash(question),
        correct=effect == "alias", source=source, question=question, at=at,
    )  # fmt: skip
    store.feedback.record(judged, effect)


def lines_of(path: Path) -> Lines:
    """By the only end of a line that counts."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def write_lines(path: Path, lines: Lines) -> None:
    """As an export would."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def export_to(path: Path) -> None:
    """Two entries, answered at 100, with an alias, a blocked pair, two judgements and a calibration."""
    with Store.open("sqlite://", clock=lambda: 100.0) as store:
        entry = store.add(new("a", "theirs", vector=1, lifetime=Lifetime(1e6)))
        store.add(new("b", vector=None))
        judge(store, entry, "x", "alias")
        judge(store, entry, "y", "block")
        store.calibrations.save("cuts", "theirs")
        for _ in range(5):
            store.touch(entry.id)
        store.upkeep.export(path)
