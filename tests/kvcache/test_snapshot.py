"""Caches with recurrent states: what can be copied and restored, and what is refused because it is gone."""

from __future__ import annotations

import pytest
import torch
from transformers.cache_utils import Cache

from kvcache.errors import KVCacheError
from kvcache.layer import BlockStates, GrowingLayer
from kvcache.snapshot import EmptyLayer, HybridLayer, RecurrentLayer, SnapshotCache


def _cache() -> SnapshotCache:
    """One layer of each kind, the one with keys and values not the first."""
    return SnapshotCache([RecurrentLayer(), GrowingLayer(8), HybridLayer(1, 8), EmptyLayer()])


@torch.inference_mode()
def _read(cache: Cache, tokens: int) -> None:
    """What a pass over so many tokens does to a cache: keys are appended, the recurrent states are replaced."""
    for layer in (1, 2):
        cache.update(torch.randn(1, 2, tokens, 4), torch.randn(1, 2, tokens, 4), layer)
    for layer in (0, 2):
        cache.update_conv_state(torch.randn(1, 3, tokens), layer, conv_kernel_size=4)
        cache.update_recurrent_state(torch.randn(1, 2, 3), layer)


def _equal(one: BlockStates, other: BlockStates) -> bool:
    assert [len(states) for states in one] == [len(states) for states in other] == [2, 2, 4, 0]
    return all(torch.equal(a, b) for x, y in zip(one, other, strict=True) for a, b in zip(x, y, strict=True))


def _blocks(cache: SnapshotCache, *lengths: int) -> list[BlockStates]:
    blocks, start = [], 0
    for length in lengths:
        _read(cache, length)
        blocks.append(cache.copy_block(start, start + length))
        start += length
    return blocks


@pytest.mark.parametrize("held", range(3))
def test_a_restored_cache_goes_on_from_the_end_of_its_last_block(held: int) -> None:
    cache = _cache()
    blocks = _blocks(cache, 5, 3, 4)
    _read(cache, 6)
    cache.restore(blocks[:2], held)
    assert cache.get_seq_length() == 8
    assert _equal(cache.copy_block(5, 8), blocks[1])
    assert cache.has_previous_state(0)


def test_another_cache_filled_with_the_blocks_is_the_same() -> None:
    cache, other = _cache(), _cache()
    blocks = _blocks(cache, 5, 3)
    other.restore(blocks, 0)
    for each in (cache, other):
        torch.manual_seed(1)
        _read(each, 2)
    assert _equal(cache.copy_block(8, 10), other.copy_block(8, 10))
    assert _equal(cache.copy_block(0, 10), other.copy_block(0, 10))


def test_blocks_filled_in_behind_others_bring_their_recurrent_states() -> None:
    cache, other = _cache(), _cache()
    blocks = _blocks(cache, 5, 3, 2)
    other.restore(blocks[:1], 0)
    other.fill(blocks[1:])
    assert _equal(other.copy_block(8, 10), blocks[2])


def test_restored_to_nothing_it_is_as_new() -> None:
    cache = _cache()
    _blocks(cache, 5)
    cache.restore([], 0)
    assert cache.get_seq_length() == 0
    assert not cache.has_previous_state(0)
    assert cache.get_conv_state(0) is None
    assert cache.get_recurrent_state(2) is None


def test_kept_blocks_do_not_change_when_their_cache_goes_on() -> None:
    cache = _cache()
    (block,) = _blocks(cache, 5)
    before = tuple(tuple(state.clone() for state in states) for states in block)
    cache.restore([block], 1)
    _read(cache, 1)
    assert _equal(block, before)


def test_a_marked_point_can_be_copied_and_kept_after_the_answer() -> None:
    cache = _cache()
    (block,) = _blocks(cache, 5)
    cache.mark()
    _read(cache, 1)
    _read(cache, 1)
    assert _equal(cache.copy_block(0, 5), block)
    cache.keep(5)
    assert cache.get_seq_length() == 5
    assert _equal(cache.copy_block(0, 5), block)


def test_a_point_that_is_gone_is_refused_and_named() -> None:
    cache = _cache()
    _blocks(cache, 5, 3)
    with pytest.raises(KVCacheError, match="after 5 tokens are gone, 8 have been read"):
        cache.copy_block(0, 5)
    with pytest.raises(KVCacheError, match="after 4 tokens"):
        cache.keep(4)
    assert cache.get_seq_length() == 8
