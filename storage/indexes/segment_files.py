"""The folder beside a store in which its large indexes are kept."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from storage.indexes.large_settings import LargeSettings
from storage.indexes.partition_key import PartitionKey
from storage.indexes.segment import Segment
from storage.indexes.segment_file import UnusableSegmentError, read_key, read_segment, write_segment

__all__ = ["SegmentFiles", "index_folder"]

_ENDING = ".segment"
_log = logging.getLogger("storage")


def index_folder(place: str) -> Path | None:
    """The folder of a store in a file, `<store>.index`; None for any other, which has nothing to lie beside."""
    path = Path(place)
    return path.with_name(path.name + ".index") if path.is_absolute() else None


class SegmentFiles:
    """One file a partition. A folder that cannot be used, or a full disk, is said once; then nothing is kept.

    Shared with other processes: a file is put in its place whole, and one process at a time makes that of a partition.
    """

    def __init__(self, folder: Path, settings: LargeSettings) -> None:
        self._folder = folder
        self._settings = settings
        self._complained = False

    def load(self, key: PartitionKey) -> Segment | None:
        """The segment of a partition; None where there is none, or none that can be used: that one is removed."""
        path = self._path(key)
        try:
            return read_segment(path, key, self._settings)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._complain(error)
            return None
        except UnusableSegmentError as error:
            _log.warning("An index is made anew, nothing is lost: %s", error)
            self.discard(key)
            return None

    def save(self, key: PartitionKey, segment: Segment) -> Segment:
        """Keep a segment; gives back the same on the file's pages, or the one given where it could not be kept."""
        try:
            write_segment(self._path(key), key, segment)
        except OSError as error:
            self._complain(error)
            return segment
        return self.load(key) or segment

    def discard(self, key: PartitionKey) -> None:
        """Remove the file of a partition."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            self._complain(error)

    @contextmanager
    def turn(self, key: PartitionKey) -> Iterator[bool]:
        """Be the one process that makes the segment of a partition inside; False where another one is.

        Where there can be no lock there are no files either, and nobody to wait for.
        """
        lock = FileLock(self._path(key).with_suffix(".lock"))
        try:
            self._folder.mkdir(exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        except (OSError, NotImplementedError) as error:
            self._complain(error)
            yield True
            return
        try:
            yield True
        finally:
            lock.release()

    def tidy(self, is_used: Callable[[PartitionKey], bool]) -> None:
        """Remove the files of partitions that have no entries any more, and what killed processes left half."""
        try:
            for path in self._folder.glob(f"*{_ENDING}"):
                if not self._is_used(path, is_used):
                    path.unlink(missing_ok=True)
                    path.with_suffix(".lock").unlink(missing_ok=True)
            for path in self._folder.glob(f"*{_ENDING}.*"):
                _remove_unfinished(path)
        except OSError as error:
            self._complain(error)

    def _is_used(self, path: Path, is_used: Callable[[PartitionKey], bool]) -> bool:
        try:
            return is_used(read_key(path))
        except FileNotFoundError:
            return False
        except UnusableSegmentError:
            return True  # whoever loads it finds that out, and says so

    def _path(self, key: PartitionKey) -> Path:
        name = "\0".join(map(str, key)).encode("utf-8", "surrogatepass")
        return self._folder / (hashlib.blake2b(name, digest_size=16).hexdigest() + _ENDING)

    def _complain(self, error: Exception) -> None:
        if not self._complained:
            self._complained = True
            _log.warning("Indexes are kept in memory alone, each process makes its own: %s", error)


def _remove_unfinished(path: Path) -> None:
    """Unless its writer lives: that one holds the lock."""
    with suppress(Timeout), FileLock(path.with_name(path.name.split(".")[0] + ".lock"), timeout=0):
        path.unlink(missing_ok=True)
