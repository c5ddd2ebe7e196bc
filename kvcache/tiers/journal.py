"""What lies in a folder, as a file to which lines are only added. Each carries its own checksum.

    1f3a90c2 {"put": {"path": …, "size": …}}        a block lies here
    77d0e4b1 {"use": [NAME, USED, NOTED, LIMITS]}   it has been used
    0a9921fe {"drop": NAME}                         it is gone
    c3b5d610 {"model": [NAME, {"dtype": …}]}        what stands for a model

A line that was torn or changed does not agree with its checksum and is left out, as is one that agrees and means
nothing here; the others stand. One process writes;
others follow by reading what has been added.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable
from io import FileIO
from pathlib import Path
from typing import Any

from kvcache.tiers.private_file import append_private, replace_private

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
        self._file: FileIO | None = None
        self._rest = b""
        self.lines = 0
        self.bad_lines = 0

    def read(self) -> tuple[list[Line], bool]:
        """Entries that were added since the last call, and whether the file is another than then: then they are all.

        Raises:
            OSError: It is there but cannot be read.
        """
        fresh = self._follow()
        added = self._rest + (b"" if self._file is None else self._file.readall())
        whole, newline, self._rest = added.rpartition(b"\n")
        return self._checked(whole.split(b"\n") if newline else []), fresh

    def append(self, entries: Iterable[Line], *, sync: bool = False) -> None:
        """Add entries, all or none; with `sync` they outlast a power cut.

        Raises:
            OSError: There is no room or no right to write; nothing has been added.
        """
        data = b"".join(map(_to_line, entries))
        append_private(self._path, data, sync=sync)
        self.lines += data.count(b"\n")

    def rewrite(self, entries: Iterable[Line]) -> None:
        """Put these entries in place of all. A crash, or a power cut, leaves either the old file or the new one.

        Raises:
            OSError: There is no room or no right to write; the old file stands.
        """
        data = b"".join(map(_to_line, entries))
        replace_private(self._path, data, sync=True)
        self.lines, self.bad_lines, self._rest = data.count(b"\n"), 0, b""

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _follow(self) -> bool:
        """Open the file that has the name now. True when it is another; an open file's number is never given again."""
        try:
            current = self._path.stat()
        except FileNotFoundError:
            current = None
        held = None if self._file is None else os.fstat(self._file.fileno())
        if held is not None and current is not None and held.st_ino == current.st_ino:
            return False
        self.close()
        self._rest, self.lines, self.bad_lines = b"", 0, 0
        if current is not None:
            self._file = FileIO(self._path, "rb")
        return held is not None or current is not None

    def _checked(self, lines: list[bytes]) -> list[Line]:
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
    try:
        entry = json.loads(payload)
    except (ValueError, RecursionError):  # whoever wrote it added a checksum to what is no JSON
        return None
    return entry if isinstance(entry, dict) else None
