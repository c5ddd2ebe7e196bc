"""Files that only their owner can read: they hold what people have written."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["append_private", "make_private_folder", "replace_private"]


def make_private_folder(path: Path) -> None:
    """A folder for its owner alone; one that is there stays as it is. Raises OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def append_private(path: Path, data: bytes, *, sync: bool) -> None:
    """Add to a file, all or nothing. With `sync` it outlasts a power cut.

    Raises:
        OSError: There is no room or no right to write; the file is as it was.
    """
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        end = os.fstat(file).st_size
        try:
            _write_all(file, data)
            if sync:
                os.fsync(file)
        except OSError:
            os.ftruncate(file, end)
            raise
    finally:
        os.close(file)


def replace_private(path: Path, data: bytes, *, sync: bool) -> None:
    """Put a file in place at once: a crash leaves the old one or this one, and never a part.

    Raises:
        OSError: There is no room or no right to write; the old file stands and nothing else is left behind.
    """
    fresh = path.with_suffix(".new")
    try:
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _write_all(file, data)
            if sync:
                os.fsync(file)
        finally:
            os.close(file)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _write_all(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
