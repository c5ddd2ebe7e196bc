"""The layers in int8 give the vectors of float32, and what is multiplied apart is what is large."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semantic_cache.encoder import Encoder
from semantic_cache.encoder.encoder import open_session
from semantic_cache.encoder.graph import Graph, lower_model
from semantic_cache.encoder.int8_graph import LARGE_INNER, LARGE_STATES, rounded_columns
from training.evaluate_sets import shipped_pairs

Read = Callable[[str], dict[str, np.ndarray]]

_STANDING_OUT = (0, 1, 2, 4, 5, 6, 7)
"""Layers in which one inner number is twice as large as any other."""


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Of the shipped pairs' questions, in five languages, and longer texts of ten and of forty of them."""
    asked = sorted({pair.other for pair in shipped_pairs(Path(__file__).parents[3])})
    longer = [" ".join(asked[start : start + 10]) for start in range(0, 100, 10)]
    return [*asked[::4], *longer, " ".join(asked[::20])]


class _Opened(Graph):
    """Float32, and what stands between the products comes out as well."""

    def build(self, inputs: Any, outputs: Any) -> bytes:
        width, hidden, layers = self.model.width, self.model.hidden, range(self.model.layers)
        inside = {f"l{n}.{name}": ("batch", "tokens", width) for n in layers for name in ("aln.states", "oln.states")}
        inside |= {f"l{n}.gelu": ("batch", "tokens", hidden) for n in layers}
        return super().build(inputs, {**outputs, **inside})


@pytest.fixture(scope="module")
def largest(encoder: Encoder, read: Read, texts: Sequence[str]) -> dict[str, np.ndarray]:
    """What stands between the products → the largest that each of its places ever is."""
    session = open_session(lower_model(encoder.packed, encoder.packed.layers, _Opened), 1)
    names = [output.name for output in session.get_outputs()]
    found: dict[str, np.ndarray] = {}
    for text in texts[::6]:
        for name, value in zip(names, session.run(names, read(text)), strict=True):
            highest = np.abs(value[0]).max(axis=0)
            found[name] = np.maximum(found.get(name, highest), highest)
    return found


def test_vectors_are_those_of_float32(encoder: Encoder, read: Read, texts: list[str]) -> None:
    exact = open_session(lower_model(encoder.packed, encoder.packed.layers, Graph), 1)
    means = np.stack([exact.run(None, read(text))[0][0].mean(axis=0) for text in texts])
    units = means / np.linalg.norm(means, axis=1, keepdims=True)
    vectors = encoder.vectors(texts)
    assert len(texts) > 140
    assert encoder.count_tokens(texts[-1]) > 250
    assert np.einsum("ij,ij->i", vectors, units).min() > 0.999
    moved = vectors @ vectors.T - units @ units.T
    assert np.abs(moved).max() < 0.01  # what is compared: the cosine of two questions


@pytest.mark.parametrize("layer", _STANDING_OUT)
def test_the_inner_number_that_stands_out_is_multiplied_apart(layer: int, largest: dict[str, np.ndarray]) -> None:
    inner = largest[f"l{layer}.gelu"]
    assert inner.argmax() == LARGE_INNER[layer]
    assert inner.max() > 2 * np.sort(inner)[-2]


def test_the_places_that_are_multiplied_apart_are_among_the_largest_somewhere(largest: dict[str, np.ndarray]) -> None:
    states = {name: value for name, value in largest.items() if name.endswith(".states")}
    for place in LARGE_STATES:
        assert any(place in np.argsort(value)[-4:] for value in states.values()), place
    for name, value in states.items():
        rest = np.delete(value, LARGE_STATES)
        assert rest.max() < 5 * np.median(rest), name


def test_a_text_has_one_vector_alone_and_beside_others(encoder: Encoder, texts: list[str]) -> None:
    some = [*texts[:20], "a " * 200]
    assert np.array_equal(encoder.vectors(some), np.concatenate([encoder.vectors([text]) for text in some]))


def test_a_matrix_in_int8_uses_seven_bits_and_is_half_a_step_off_at_most() -> None:
    matrix = np.random.default_rng(0).normal(size=(30, 20)).astype(np.float32)
    rounded, scale = rounded_columns(matrix)
    assert rounded.dtype == np.int8
    assert np.abs(rounded).max() == 63
    assert np.all(np.abs(rounded * scale - matrix) <= scale * 0.501)
