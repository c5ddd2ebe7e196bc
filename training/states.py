"""States of texts after the lower layers, computed once: training reads each text many times."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from semantic_cache.encoder.encoder import Encoder, open_session
from semantic_cache.encoder.graph import Graph, lower_model, upper_model
from semantic_cache.encoder.packed_file import PackedModel
from semantic_cache.encoder.pieces import Pieces

__all__ = ["States"]

_BATCH = 64
MOST_TOKENS = 96


class States:
    """Text → (tokens, width) float16 after the first `layers`, and its (width,) float32 unit vector.

    Args:
        cache: Folder that keeps what was computed for the next run.
        threads: That compute.
        product: Computes as the product does, one text at a time; without it float32 does, of 96 tokens at most.
    """

    def __init__(
        self, model: PackedModel, layers: int, cache: Path, threads: int = 2, product: Encoder | None = None
    ) -> None:
        self._model, self._layers, self._cache, self._threads = model, layers, cache, threads
        self._product = product
        self._label = f"{layers}-{product.fingerprint if product else 'float32'}"
        self._pieces = Pieces(model)
        self._read_already: set[str] = set()
        self._states: dict[str, NDArray[np.float16]] = {}
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def prepare(self, texts: Iterable[str], name: str, *, vectors: bool = False) -> None:
        """Compute what is missing, or read what an earlier run wrote under that name.

        Args:
            vectors: Whether vectors are wanted too; they take as long again.
        """
        wanted = set(texts)
        if name not in self._read_already:
            self._read_already.add(name)
            for path in sorted(self._cache.glob(f"{name}-{self._label}-*.npz")):
                self._read(path)
        missing = wanted - set(self._vectors if vectors else self._states)
        if missing:
            self._compute(sorted(missing, key=len), vectors=vectors)
            number = len(list(self._cache.glob(f"{name}-{self._label}-*.npz")))
            self._write(self._cache / f"{name}-{self._label}-{number:03}-{os.getpid()}.npz", sorted(missing))

    def __getitem__(self, text: str) -> NDArray[np.float16]:
        return self._states[text]

    def cosine(self, one: str, other: str) -> float:
        return float(self._vectors[one] @ self._vectors[other])

    def vectors(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """(texts, width) float32."""
        return np.stack([self._vectors[text] for text in texts])

    def _compute(self, texts: list[str], *, vectors: bool) -> None:
        if self._product:
            for text in texts:
                self._states[text] = self._product.states(text).astype(np.float16)
                if vectors:
                    self._vectors[text] = self._product.vectors([text])[0]
            return
        lower = open_session(lower_model(self._model, self._layers, Graph), self._threads)
        upper = open_session(upper_model(self._model, self._layers, Graph), self._threads)
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            ids = [[self._pieces.bos, *one[: MOST_TOKENS - 2], self._pieces.eos] for one in self._cut(batch)]
            longest = max(map(len, ids))
            mask = np.array([[1] * len(one) + [0] * (longest - len(one)) for one in ids], dtype=np.int32)
            padded = np.array([one + [self._pieces.pad] * (longest - len(one)) for one in ids])
            words = self._model.words.rows(padded)
            states = lower.run(None, {"words": words, "mask": mask})[0]
            for row, text in enumerate(batch):
                self._states[text] = states[row, : len(ids[row])].astype(np.float16)
            if vectors:
                means = upper.run(None, {"states": states, "mask": mask})[0]
                self._vectors |= zip(batch, means / np.linalg.norm(means, axis=1, keepdims=True), strict=True)

    def _cut(self, texts: list[str]) -> list[list[int]]:
        return self._pieces([f"query: {text}" for text in texts])

    def _write(self, path: Path, texts: list[str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        known = [text for text in texts if text in self._vectors]
        part = path.with_suffix(".part")  # another run may read the folder meanwhile
        with part.open("wb") as file:
            np.savez(
                file, texts=np.array(texts, dtype=object),
                lengths=np.array([len(self._states[text]) for text in texts]),
                known=np.array(known, dtype=object), vectors=self.vectors(known) if known else np.zeros((0, 0)),
                states=np.concatenate([self._states[text] for text in texts]),
            )  # fmt: skip
        part.replace(path)

    def _read(self, path: Path) -> None:
        with np.load(path, allow_pickle=True) as file:  # written by this program
            ends, states = np.cumsum(file["lengths"]), file["states"]
            for text, end, length in zip(file["texts"], ends, file["lengths"], strict=True):
                self._states[text] = states[end - length : end]
            self._vectors |= zip(file["known"], file["vectors"], strict=True)
