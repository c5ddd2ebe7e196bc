"""The pair model's file holds what was trained, and stages of training can be averaged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from semantic_cache.encoder import Encoder, open_encoder, shipped_weights
from semantic_cache.encoder import pair_weights as subject
from semantic_cache.encoder.pair_weights import averaged, packed_difference, read_difference
from semantic_cache.errors import EmbeddingError

_MATRIX = "layers.l7.fi.w"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder(show_progress=False)


def test_a_matrix_comes_back_to_half_a_step_of_what_was_learned(encoder: Encoder) -> None:
    base = encoder.packed.tensors[_MATRIX.removeprefix("layers.")]
    learned = np.random.default_rng(0).normal(0.0, 0.01, base.shape).astype(np.float32)
    head = np.arange(6, dtype=np.float32).reshape(2, 3)
    packed = packed_difference({_MATRIX: base + learned, "inner.weight": head}, encoder.packed)
    assert packed[_MATRIX].dtype == np.int8
    weights = read_difference(packed, encoder.packed)
    assert set(weights) == {_MATRIX, "inner.weight"}
    assert weights[_MATRIX] == pytest.approx(base + learned, abs=0.0002)
    assert np.array_equal(weights["inner.weight"], head)


def test_a_matrix_that_learned_nothing_comes_back_as_it_was(encoder: Encoder) -> None:
    base = encoder.packed.tensors[_MATRIX.removeprefix("layers.")]
    weights = read_difference(packed_difference({_MATRIX: base}, encoder.packed), encoder.packed)
    assert weights[_MATRIX] == pytest.approx(base, abs=1e-7)


def test_the_shipped_ones_differ_and_their_mean_lies_between(encoder: Encoder) -> None:
    one, other = shipped_weights(encoder.packed)
    assert set(one) == set(other)
    assert not np.array_equal(one[_MATRIX], other[_MATRIX])
    mean = averaged((one, other))[_MATRIX]
    assert mean.dtype == np.float32
    assert mean == pytest.approx((one[_MATRIX] + other[_MATRIX]) / 2, abs=1e-6)


def _installed(folder: Path, first: Mapping[str, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation whose second file is the shipped one."""
    shipped = files("semantic_cache.matching").joinpath("pair_model_2.npz").read_bytes()
    (folder / "pair_model_2.npz").write_bytes(shipped)
    np.savez(folder / "pair_model_1.npz", **first)  # type: ignore[arg-type]
    monkeypatch.setattr(subject, "files", lambda _: folder)


def test_a_damaged_file_is_told_with_the_way_out(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _installed(tmp_path, {}, monkeypatch)
    (tmp_path / "pair_model_1.npz").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(EmbeddingError, match="install it anew"):
        shipped_weights(encoder.packed)


@pytest.mark.parametrize("name", ["layers.l11.fo.b", "inner.weight", "summary"])
def test_a_file_that_lacks_something_is_told_by_its_name(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    whole = dict(packed_difference(shipped_weights(encoder.packed)[0], encoder.packed))
    _installed(tmp_path, whole, monkeypatch)
    assert set(shipped_weights(encoder.packed)[0]) >= {name}
    for damaged in (
        {key: value for key, value in whole.items() if key != name},
        {**whole, name: np.full_like(whole[name], np.nan)},
    ):
        _installed(tmp_path, damaged, monkeypatch)
        with pytest.raises(EmbeddingError, match=rf"{re.escape(name)}.*install it anew"):
            shipped_weights(encoder.packed)
