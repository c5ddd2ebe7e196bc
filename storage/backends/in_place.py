"""Whether a file is still the one that was opened: SQLite would go on writing to one that nobody finds any more."""

from __future__ import annotations

from pathlib import Path

from storage.errors import UnwritableError

__all__ = ["InPlace"]


class InPlace:
    """A file that was opened, by its number on the disk. None stands for no file: nothing can happen to it."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._opened: tuple[int, int] | None = None

    def remember(self) -> None:
        """Take the file as it is now for the one that was opened."""
        self._opened = self._now()

    def check(self) -> None:
        """Raises UnwritableError where another file, or none, is in its place since `remember`."""
        if self._opened is not None and self._now() != self._opened:
            raise UnwritableError(
                f"{self._path} was moved, removed or replaced while it was open. Nothing was written to what is there "
                "now: open the store again, or put the file back."
            )

    def _now(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino
