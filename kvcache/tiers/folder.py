"""The folder of a disk tier: who may write it, and its files. Nothing here knows what a block is.

lock       held by the one process that writes; the system lets go of it when that process ends in any way
journal-2  what lies here; see journal.py. Another format has another number, and its blocks go
blocks/    one file a block, named after it
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Container, Iterable
from pathlib import Path

from filelock import FileLock, Timeout

from kvcache.errors import TierOpenError
from kvcache.tiers.private_file import make_private_folder, replace_private

__all__ = ["TierFolder", "forget_cached_pages"]

_SUFFIX = ".safetensors"
_OWN_FILE = re.compile(r"[0-9a-f]{64}\.(safetensors|new)")


class TierFolder:
    """Opens a folder for writing, or for reading when another process writes it or nothing may be written.

    Args:
        path: The folder; it is made if need be.

    Raises:
        TierOpenError: There is no such folder and none can be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._blocks = path / "blocks"
        self.journal_path = path / "journal-2"
        self._lock = FileLock(path / "lock", timeout=0, mode=0o600, thread_local=False)
        self.problem = self._take()

    @property
    def is_writable(self) -> bool:
        """Whether this process is the one that writes."""
        return self.problem is None

    def block_path(self, name: str) -> Path:
        """Where a block's file lies."""
        return self._blocks / (name + _SUFFIX)

    def size(self, name: str) -> int | None:
        """Bytes of a block's file, None when there is none."""
        try:
            return self.block_path(name).stat().st_size
        except OSError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Put a block's file in place at once. Raises OSError; then nothing is there.

        A power cut may leave other bytes than these under the name: whoever reads them checks them.
        """
        replace_private(self.block_path(name), data, sync=False)

    def erase(self, names: Iterable[str], *, sync: bool = False) -> None:
        """Remove files; those that are gone already do not matter. Raises OSError; some may be gone then."""
        for name in names:
            self.block_path(name).unlink(missing_ok=True)
        if sync:
            folder = os.open(self._blocks, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def sweep(self, known: Container[str]) -> None:
        """Remove what a crash left behind: half a block, or one that nothing was noted of. Other files stay.

        The journal of the format before this one goes too: nothing reads it, and its blocks go with it.
        """
        (self.path / "journal-1").unlink(missing_ok=True)
        for path in self._blocks.iterdir():
            is_ours = _OWN_FILE.fullmatch(path.name) is not None
            if is_ours and (path.suffix != _SUFFIX or path.stem not in known):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let another process write."""
        self._lock.release()

    def _take(self) -> str | None:
        """Become the writer, or say why not."""
        try:
            make_private_folder(self.path)
            make_private_folder(self._blocks)
            self._lock.acquire()
        except Timeout:
            return f"Another process writes {self.path}: its blocks are used here, and none are added."
        except OSError as exc:
            if not self.path.is_dir():
                raise TierOpenError(
                    f"{self.path} is no folder and cannot be made one ({exc.strerror}); "
                    "give another folder for the disk tier, or None for no such tier."
                ) from exc
            return f"{self.path} cannot be written ({exc.strerror}): what lies there is used, and nothing is added."
        return None


def forget_cached_pages(path: Path) -> None:
    """Let the next read of a file come from the disk. Where the system cannot, nothing happens."""
    with contextlib.suppress(OSError, AttributeError), path.open("rb") as file:
        os.fsync(file.fileno())  # pages that are not on the disk yet would stay
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
