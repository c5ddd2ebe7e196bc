"""A file that is there only when it is whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.errors import StoreFullError, StoreValueError, UnwritableError

__all__ = ["new_file"]

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A place to write a file to; when the block ends, it is on the disk under `path`. An error leaves nothing behind.

    Raises:
        StoreValueError: There is such a file already; it is left as it is.
        UnwritableError: The folder is not there, or may not be written.
        StoreFullError: There is no room.
    """
    path = path.absolute()
    _refuse_existing(path)
    try:
        # In the same folder: a file is only renamed within a disk. SQLite puts its own files beside, which go too.
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.name[:100]}.", ignore_cleanup_errors=True) as folder:
            temporary = Path(folder) / path.name
            yield temporary
            _sync(temporary)
            _refuse_existing(path)
            temporary.rename(path)
            _sync(path.parent)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StoreFullError(f"{path}: {error.strerror}. Nothing was written: make room, and try again.") from error
        raise UnwritableError(f"{path}: {error.strerror}. Its folder must be there and writable.") from error


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise StoreValueError(f"{path} is there already, and is not overwritten: name another file, or remove it.")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
