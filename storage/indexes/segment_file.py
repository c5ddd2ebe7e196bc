"""A segment in a file: written whole or not at all, read where it lies, each byte checked before it is used.

The parts stand one after the other, at multiples of 64 bytes:

    graph | id_of | ids | revisions | places | header, JSON | its length, its CRC-32, the mark of this format: 20 bytes

The header says which partition it is, which versions wrote it, where the parts are, and the CRC-32 of each 8 MiB before
it. It comes last, for it is not known earlier: a file that was cut off has none.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import faiss
import numpy as np
from numpy.typing import NDArray

from storage.errors import StorageError
from storage.indexes.graph import Graph
from storage.indexes.large_settings import LargeSettings
from storage.indexes.partition_key import PartitionKey
from storage.indexes.segment import Segment

__all__ = ["UnusableSegmentError", "read_key", "read_segment", "write_segment"]

FORMAT = 1
_MARK = b"samewise"
_END = struct.Struct("<QI8s")
_CHUNK = 8 << 20
_ALIGNMENT = 64
_CHECKING_THREADS = 2
_ARRAYS = {"id_of": "<i8", "ids": "<i8", "revisions": "<i8", "places": "<i4"}


class UnusableSegmentError(StorageError):
    """The file is damaged, cut off, or of another version."""


class _Summed:
    """A file that is written from its beginning; knows the CRC-32 of each chunk."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.length = 0
        self.sums: list[int] = []

    def write(self, data: bytes | memoryview) -> int:
        left = memoryview(data)
        while left:
            piece = left[: _CHUNK - self.length % _CHUNK]
            if self.length % _CHUNK == 0:
                self.sums.append(0)
            self.sums[-1] = zlib.crc32(piece, self.sums[-1])
            self._file.write(piece)
            self.length += len(piece)
            left = left[len(piece) :]
        return len(data)

    def part(self, write: Callable[[Callable[[bytes | memoryview], int]], object]) -> tuple[int, int]:
        """Write a part; where it is: offset and length."""
        self.write(bytes(-self.length % _ALIGNMENT))
        start = self.length
        write(self.write)
        return start, self.length - start


def write_segment(path: Path, key: PartitionKey, segment: Segment) -> None:
    """Write a segment and have it on the disk. What is there already is replaced in one step, or stays as it was.

    Raises:
        OSError: There is no room, or no right.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file:
            _write(file, key, segment)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write(file: BinaryIO, key: PartitionKey, segment: Segment) -> None:
    summed = _Summed(file)
    parts = {"graph": summed.part(segment.graph.write)}
    for name, kind in _ARRAYS.items():
        data = np.ascontiguousarray(getattr(segment, name), dtype=kind)
        parts[name] = summed.part(partial(_write_array, data))
    header = {
        "format": FORMAT,
        "faiss": faiss.__version__,
        **key._asdict(),
        "mark": segment.mark,
        "count": len(segment.ids),
        "parts": parts,
        "length": summed.length,
        "chunk": _CHUNK,
        "sums": summed.sums,
    }
    text = json.dumps(header).encode()
    file.write(text + _END.pack(len(text), zlib.crc32(text), _MARK))


def _write_array(data: NDArray[Any], write: Callable[[memoryview], int]) -> None:
    write(data.data.cast("B"))


def read_key(path: Path) -> PartitionKey:
    """Of which partition a file is.

    Raises:
        UnusableSegmentError: It has no header, or one of another version.
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        return _key(_header(file, path))


def read_segment(path: Path, key: PartitionKey, settings: LargeSettings) -> Segment:
    """The segment of a partition, on the file's own pages: processes share them.

    Raises:
        UnusableSegmentError: It is damaged, cut off, of another version or of another partition.
        OSError: The file cannot be read.
    """
    # Opened once: by its name another file may be put in its place meanwhile.
    with path.open("rb") as file:
        header = _header(file, path)
        if _key(header) != key:
            raise UnusableSegmentError(f"{path} is the index of another partition.")
        _check(file, header, path)
        data = np.memmap(file, dtype=np.uint8, mode="r", shape=(header["length"],)).view(np.ndarray)
    parts = {name: data[start : start + length] for name, (start, length) in header["parts"].items()}
    arrays = {name: parts[name].view(kind) for name, kind in _ARRAYS.items()}
    try:
        return Segment(Graph.over(parts["graph"], settings), mark=header["mark"], **arrays)
    except RuntimeError as error:
        raise UnusableSegmentError(f"{path}: FAISS cannot read its graph. {error}") from error


def _header(file: BinaryIO, path: Path) -> dict[str, Any]:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END.size))
    end = file.read()
    if len(end) < _END.size or not end.endswith(_MARK):
        raise UnusableSegmentError(f"{path} is no index, or was cut off at {size} bytes.")
    length, its_sum, _ = _END.unpack(end)
    file.seek(max(0, size - _END.size - length))
    text = file.read(min(length, size))
    if zlib.crc32(text) != its_sum:
        raise UnusableSegmentError(f"{path}: its header is damaged.")
    header: dict[str, Any] = json.loads(text)
    versions = (header["format"], header["faiss"])
    if versions != (FORMAT, faiss.__version__):
        raise UnusableSegmentError(f"{path} has format {versions}, this version reads {(FORMAT, faiss.__version__)}.")
    return header


def _key(header: dict[str, Any]) -> PartitionKey:
    return PartitionKey(header["scope"], header["embedder"], header["dimensions"])


def _check(file: BinaryIO, header: dict[str, Any], path: Path) -> None:
    """Hold each chunk against its sum. It is read, not mapped: what is not searched takes no memory then."""
    chunk, length, number = header["chunk"], header["length"], file.fileno()
    sums: list[int] = header["sums"]

    def is_sound(at: int) -> bool:
        data = os.pread(number, min(chunk, length - at * chunk), at * chunk)
        return len(data) == min(chunk, length - at * chunk) and zlib.crc32(data) == sums[at]

    with ThreadPoolExecutor(_CHECKING_THREADS) as threads:
        for at, sound in enumerate(threads.map(is_sound, range(len(sums)))):
            if not sound:
                raise UnusableSegmentError(f"{path} is damaged between the bytes {at * chunk} and {(at + 1) * chunk}.")
