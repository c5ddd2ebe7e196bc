"""The growing cache against transformers' own, operation by operation."""

from __future__ import annotations

import torch
from transformers.cache_utils import DynamicLayer

from kvcache.layer import GrowingCache, GrowingLayer


def _random(tokens: int) -> torch.Tensor:
    return torch.randn(1, 2, tokens, 4)


def _same(ours: DynamicLayer, theirs: DynamicLayer) -> bool:
    assert ours.keys is not None
    assert ours.values is not None
    assert theirs.keys is not None
    assert theirs.values is not None
    return torch.equal(ours.keys, theirs.keys) and torch.equal(ours.values, theirs.values)


def _pair(capacity: int) -> tuple[GrowingLayer, DynamicLayer]:
    return GrowingLayer(capacity), DynamicLayer()  # type: ignore[no-untyped-call]


def test_updates_of_any_length_give_what_concatenation_gives() -> None:
    for capacity in (0, 5, 100):
        ours, theirs = _pair(capacity)
        for tokens in (3, 1, 1, 7, 1, 1, 20, 1):
            keys, values = _random(tokens), _random(tokens)
            ours.update(keys, values)
            theirs.update(keys, values)
            assert ours.get_seq_length() == theirs.get_seq_length()
            assert ours.get_mask_sizes(2) == theirs.get_mask_sizes(2)
            assert _same(ours, theirs)


def test_within_its_room_an_update_moves_nothing() -> None:
    layer = GrowingLayer(capacity=10)
    layer.update(_random(4), _random(4))
    assert layer.keys is not None
    before = layer.keys.data_ptr()
    for _ in range(6):
        layer.update(_random(1), _random(1))
    assert layer.keys.data_ptr() == before
    layer.update(_random(1), _random(1))
    assert layer.keys.data_ptr() != before


def test_cropping_reordering_and_repeating_keep_it_equal() -> None:
    ours, theirs = _pair(16)
    keys, values = _random(9), _random(9)
    for layer in (ours, theirs):
        layer.update(keys, values)
        layer.crop(-4)
        layer.update(keys[..., :2, :], values[..., :2, :])
        layer.batch_repeat_interleave(3)
        layer.update(keys[..., :1, :].expand(3, -1, -1, -1), values[..., :1, :].expand(3, -1, -1, -1))
        layer.reorder_cache(torch.LongTensor([2, 0, 1]))
        layer.batch_select_indices(torch.tensor([1]))
        layer.update(keys, values)
    assert _same(ours, theirs)


def test_resetting_starts_anew() -> None:
    layer = GrowingLayer(4)
    layer.update(_random(3), _random(3))
    layer.reset()
    assert layer.get_seq_length() == 0
    keys = _random(2)
    layer.update(keys, keys)
    assert layer.keys is not None
    assert torch.equal(layer.keys, keys)


def test_blocks_copied_out_and_filled_in_are_the_same_states() -> None:
    source = GrowingCache(layers=3, capacity=8)
    for index in range(3):
        source.update(_random(7), _random(7), index)
    blocks = [source.copy_block(0, 3), source.copy_block(3, 6)]
    target = GrowingCache(layers=3, capacity=8)
    target.fill(blocks)
    assert target.get_seq_length() == 6
    again = [target.copy_block(0, 3), target.copy_block(3, 6)]
    for before, after in zip(blocks, again, strict=True):
        assert all(torch.equal(b, a) for x, y in zip(before, after, strict=True) for b, a in zip(x, y, strict=True))


def test_a_copied_block_does_not_change_with_its_source() -> None:
    source = GrowingCache(layers=1, capacity=4)
    source.update(_random(2), _random(2), 0)
    block = source.copy_block(0, 2)
    kept = block[0][0].clone()
    layer = source.layers[0]
    assert isinstance(layer, GrowingLayer)
    assert layer.keys is not None
    layer.keys.zero_()
    assert torch.equal(block[0][0], kept)


def test_a_restored_cache_holds_the_blocks_and_nothing_behind_them() -> None:
    source = GrowingCache(layers=2, capacity=8)
    for index in range(2):
        source.update(_random(7), _random(7), index)
    blocks = [source.copy_block(0, 3), source.copy_block(3, 5), source.copy_block(5, 7)]
    for held in range(4):
        source.update(_random(4), _random(4), 0)
        source.update(_random(4), _random(4), 1)
        source.restore(blocks, min(held, 3))
        again = [source.copy_block(0, 3), source.copy_block(3, 5), source.copy_block(5, 7)]
        assert source.get_seq_length() == 7
        for before, after in zip(blocks, again, strict=True):
            assert all(torch.equal(b, a) for x, y in zip(before, after, strict=True) for b, a in zip(x, y, strict=True))
    source.restore([], 0)
    assert source.get_seq_length() == 0
