"""What lies in a folder, as a file to which lines are only added. Each carries its own checksum.

    1f3a90c2 {"put": {"path": …, "size": …}}        a block lies here
    77d0e4b1 {"use": [NAME, USED, EXPIRES]}         it has been used
    0a9921fe {"drop": NAME}                         it is gone
    c3b5d610 {"model": [NAME, {"dtype": …}]}        what stands for a model

A line that was torn or changed does not agree with its checksum and is left out; the others stand. One process writes;
others follow by reading what has been added.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["Journal", "Line"]

#: One entry: what happened, and to what.
Line = dict[str, Any]


class Journal:
    """A file of checked lines. Not safe for threads by itself.

    Args:
        path: The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_to = 0
        self._file = 0
        self.lines = 0
        self.bad_lines = 0

    def read(self) -> tuple[list[Line], bool]:
        """Entries that were added since the last call, and whether the file is another than then: then they are all.

        Raises:
            OSError: It is there but cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                fresh = status.st_ino != self._file or status.st_size < self._read_to
                if fresh:
                    self._file, self._read_to, self.lines, self.bad_lines = status.st_ino, 0, 0, 0
                file.seek(self._read_to)
                added = file.read()
        except FileNotFoundError:
            gone = self._file != 0
            self._file = self._read_to = self.lines = self.bad_lines = 0
            return [], gone
        whole, _, torn = added.rpartition(b"\n")
        self._read_to += len(added) - len(torn)
        return self._checked(whole), fresh

    @property
    def is_torn(self) -> bool:
        """Whether something lies behind the last whole line that was read."""
        return self._path.is_file() and self._path.stat().st_size > self._read_to

    def append(self, entries: Iterable[Line], *, sync: bool = False) -> None:
        """Add entries, all or none; with `sync` they outlast a power cut too.

        Raises:
            OSError: There is no room or no right to write; nothing has been added.
        """
        data = b"".join(map(_to_line, entries))
        with self._path.open("ab", buffering=0, opener=_owner_only) as file:
            end = os.fstat(file.fileno()).st_size
            try:
                _write_all(file.fileno(), data)
                if sync:
                    os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), end)
                raise
        self.lines += data.count(b"\n")

    def rewrite(self, entries: Iterable[Line]) -> None:
        """Put these entries in place of all. A crash leaves either the old file or the new one.

        Raises:
            OSError: There is no room or no right to write; the old file stands.
        """
        data = b"".join(map(_to_line, entries))
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb", buffering=0, opener=_owner_only) as file:
            _write_all(file.fileno(), data)
            os.fsync(file.fileno())  # a name must never point at lines that a power cut could take back
            self._file = os.fstat(file.fileno()).st_ino
        fresh.replace(self._path)
        self.lines, self.bad_lines, self._read_to = data.count(b"\n"), 0, len(data)

    def _checked(self, data: bytes) -> list[Line]:
        lines = data.split(b"\n") if data else []
        entries = [entry for entry in map(_from_line, lines) if entry is not None]
        self.lines += len(lines)
        self.bad_lines += len(lines) - len(entries)
        return entries


def _to_line(entry: Line) -> bytes:
    payload = json.dumps(entry, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(payload), payload)


def _from_line(line: bytes) -> Line | None:
    checksum, _, payload = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(payload):
        return None
    entry: Line = json.loads(payload)
    return entry


def _write_all(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
