"""A block's file: the same bytes come back, and changed ones never do."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from tier_blocks import path_of, same, some_block

from kvcache.kept import Kept
from kvcache.tiers.block_file import BlockContent, CorruptBlockError, encode, read

_CPU = torch.device("cpu")


def _stored(path: Path, content: BlockContent, *, int8: bool = False) -> tuple[int, int]:
    data = encode(content, int8=int8)
    path.write_bytes(data)
    return len(data), zlib.crc32(data)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("logits", [True, False])
def test_states_logits_and_token_ids_come_back_bit_for_bit(tmp_path: Path, dtype: torch.dtype, logits: bool) -> None:
    blocks = ((1, 2, 3), (2**31 - 1,), (5, 6))
    block = some_block(blocks, logits=logits).kept
    kept = Kept(tuple((keys.to(dtype), values.to(dtype)) for keys, values in block.states), block.logits)
    content = read(tmp_path / "b", *_stored(tmp_path / "b", BlockContent(blocks, kept)), _CPU)
    assert content.path == blocks
    assert content.kept.exact
    assert same(content.kept, kept)


def test_what_was_loaded_is_not_tied_to_the_file(tmp_path: Path) -> None:
    kept = some_block(path_of(1)).kept
    content = read(tmp_path / "b", *_stored(tmp_path / "b", BlockContent(path_of(1), kept)), _CPU)
    with (tmp_path / "b").open("r+b") as file:
        file.write(b"\xff" * (tmp_path / "b").stat().st_size)
        file.truncate(10)
    assert same(content.kept, kept)


def test_layers_may_have_tensors_of_any_number_shape_and_type(tmp_path: Path) -> None:
    states = (
        (torch.randn(1, 2, 4, 8), torch.randn(1, 2, 4, 8)),
        (torch.randn(1, 6, 3), torch.randn(1, 2, 4, 4), torch.arange(3)),
        (torch.randn(1, 1, 4, 16), torch.randn(1, 1, 4, 16)),
        (torch.randn(1, 2, 4, 8), torch.randn(1, 2, 4, 8)),
        (),
    )
    content = read(tmp_path / "b", *_stored(tmp_path / "b", BlockContent(path_of(1), Kept(states))), _CPU)
    assert same(content.kept, Kept(states))


@given(data=st.data())
def test_any_changed_byte_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("block") / "b"
    size, checksum = _stored(path, BlockContent(path_of(1), some_block(path_of(1)).kept))
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, size - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content))
    with pytest.raises(CorruptBlockError, match="checksum"):
        read(path, size, checksum, _CPU)


@given(data=st.data())
def test_any_other_length_is_noticed_before_the_file_is_mapped(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("block") / "b"
    size, checksum = _stored(path, BlockContent(path_of(1), some_block(path_of(1)).kept))
    whole = path.read_bytes()
    length = data.draw(st.integers(0, 2 * size).filter(lambda number: number != size))
    path.write_bytes((whole + whole)[:length])
    with pytest.raises(CorruptBlockError, match=f"{length} bytes, but {size}"):
        read(path, size, checksum, _CPU)


def test_a_file_that_is_gone_is_not_called_corrupt(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "b", 1, 0, _CPU)


def test_a_file_of_another_kind_is_corrupt_even_if_its_checksum_is_right(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"not safetensors at all")
    with pytest.raises(CorruptBlockError, match="cannot be read"):
        read(tmp_path / "b", 22, zlib.crc32(b"not safetensors at all"), _CPU)


def test_int8_says_that_it_is_not_exact_and_takes_less_than_half(tmp_path: Path) -> None:
    blocks = (tuple(range(64)),)
    kept = some_block(blocks).kept
    exact, _ = _stored(tmp_path / "a", BlockContent(blocks, kept))
    rounded = _stored(tmp_path / "b", BlockContent(blocks, kept), int8=True)
    content = read(tmp_path / "b", *rounded, _CPU)
    assert rounded[0] < exact / 2
    assert not content.kept.exact
    for mine, theirs in zip(content.kept.states, kept.states, strict=True):
        for one, other in zip(mine, theirs, strict=True):
            assert one.dtype == other.dtype
            assert 0 < float((one - other).abs().max()) < 0.02
    assert kept.logits is not None
    assert torch.equal(content.kept.logits, kept.logits)  # type: ignore[arg-type]


def test_int8_rounds_keys_and_values_only(tmp_path: Path) -> None:
    recurrent = (torch.randn(1, 6, 3), torch.randn(1, 2, 4, 4), torch.arange(3))
    counted = (torch.ones(1, 2, 4, 8, dtype=torch.int64), torch.ones(1, 2, 4, 8, dtype=torch.int64))
    kept = Kept((recurrent, counted))
    content = read(tmp_path / "b", *_stored(tmp_path / "b", BlockContent(path_of(1), kept), int8=True), _CPU)
    assert same(content.kept, kept)
    assert content.kept.exact


def test_what_was_not_exact_stays_so(tmp_path: Path) -> None:
    kept = Kept(some_block(path_of(1)).kept.states, None, exact=False)
    content = read(tmp_path / "b", *_stored(tmp_path / "b", BlockContent(path_of(1), kept)), _CPU)
    assert not content.kept.exact


def test_the_file_is_plain_safetensors_and_holds_no_text(tmp_path: Path) -> None:
    _stored(tmp_path / "b", BlockContent(path_of(1), some_block(path_of(1)).kept))
    with safe_open(tmp_path / "b", framework="pt") as file:
        assert set(file.keys()) == {"tokens", "cuts", "0", "1", "logits"}
