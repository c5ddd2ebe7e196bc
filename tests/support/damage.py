"""Damage to the file of a store, as disks do it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rows import exact_hash

PAGE = 4096


def damage_pages_of(path: Path, questions: Iterable[str]) -> int:
    """Overwrite the beginning of the pages that hold these questions, as `rows.new` makes them; how many pages."""
    data = bytearray(path.read_bytes())
    pages = {data.index(f"ts{question}{exact_hash(question)}".encode()) // PAGE for question in questions}
    for page in pages:
        data[page * PAGE : page * PAGE + 64] = b"\xff" * 64
    path.write_bytes(data)
    return len(pages)
