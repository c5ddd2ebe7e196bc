"""A hit gives the bits of a miss: every length and every kept prefix, on a small random model."""

from __future__ import annotations

import random

import pytest
import torch

from kvcache import LocalModel
from kvcache.assembly import Assembly, assemble
from kvcache.config import KVCacheConfig
from kvcache.prefill import Prefilled, Prefiller


@pytest.fixture
def parts(tiny_folder: object) -> Assembly:
    return _assembled(tiny_folder, "float32")


def _assembled(folder: object, dtype: str) -> Assembly:
    config = KVCacheConfig(max_bytes=1 << 20, block_tokens=16)
    return assemble(str(folder), device="cpu", dtype=dtype, config=config)


def _ids(seed: int, length: int) -> tuple[int, ...]:
    draw = random.Random(seed)
    return tuple(draw.randrange(256) for _ in range(length))


def _prefill(prefiller: Prefiller, ids: tuple[int, ...], *, use_cache: bool = True) -> Prefilled:
    return prefiller.prefill(ids, tenant="a", room=4, use_cache=use_cache)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("length", [1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 64, 100])
def test_a_hit_has_the_bits_of_a_miss_at_every_length(tiny_folder: object, length: int, dtype: str) -> None:
    parts = _assembled(tiny_folder, dtype)
    ids = _ids(length, length)
    plain = _prefill(parts.prefiller, ids, use_cache=False)
    for kept in range(0, length + 32, 16):
        parts.cache.clear()
        parts.prefiller.warm((*ids, *_ids(1, 32))[:kept], tenant="a")
        found = _prefill(parts.prefiller, ids)
        assert found.cached_tokens == min(kept, (length - 1) // 16 * 16)
        assert torch.equal(found.logits, plain.logits)
        assert found.cache.get_seq_length() == length
        assert all(
            torch.equal(f, p)
            for fs, ps in zip(found.cache.copy_block(0, length), plain.cache.copy_block(0, length), strict=True)
            for f, p in zip(fs, ps, strict=True)
        )


def test_at_least_the_last_token_is_computed_even_when_all_of_it_is_kept(parts: Assembly) -> None:
    ids = _ids(3, 64)
    assert parts.prefiller.warm(ids, tenant="a") == 64
    assert _prefill(parts.prefiller, ids).cached_tokens == 48


def test_only_whole_blocks_of_the_prompt_are_kept(parts: Assembly) -> None:
    found = _prefill(parts.prefiller, _ids(4, 40))
    assert (found.cached_tokens, found.written_tokens) == (0, 32)
    assert parts.cache.stats().blocks == 2


def test_a_miss_says_why(parts: Assembly, tiny_folder: object) -> None:
    prefiller = parts.prefiller
    assert _prefill(prefiller, _ids(5, 40), use_cache=False).miss == "cache_off"
    assert _prefill(prefiller, _ids(5, 16)).miss == "shorter_than_block"
    assert _prefill(prefiller, _ids(6, 40)).miss == "not_seen"
    assert _prefill(prefiller, _ids(6, 40)).miss is None
    block = parts.cache.stats().block_bytes
    small = assemble(
        str(tiny_folder), device="cpu", dtype="float32", config=KVCacheConfig(max_bytes=block, block_tokens=16)
    )
    assert _prefill(small.prefiller, _ids(7, 40)).miss == "larger_than_budget"
    assert small.cache.stats().blocks == 0
    assert small.prefiller.warm(_ids(7, 40), tenant="a") == 0


def test_without_a_budget_everything_works_and_nothing_is_kept(tiny_folder: object) -> None:
    model = LocalModel.load(str(tiny_folder), cache=KVCacheConfig(max_bytes=0, block_tokens=16))
    assert model.generate(_ids(8, 40), max_tokens=2).miss == "cache_off"
    assert model.warm(_ids(8, 40)) == 0
    assert model.cache.stats().total_bytes == 0


def test_under_a_small_budget_hits_and_evictions_never_change_the_logits(parts: Assembly, tiny_folder: object) -> None:
    config = KVCacheConfig(max_bytes=5 * parts.cache.stats().block_bytes, block_tokens=16)
    small = assemble(str(tiny_folder), device="cpu", dtype="float32", config=config)
    draw, hits = random.Random(1), 0
    for _ in range(60):
        ids = (*_ids(draw.randrange(3), 16 * draw.randrange(1, 4)), *_ids(draw.randrange(9), draw.randrange(1, 40)))
        found = _prefill(small.prefiller, ids)
        hits += found.cached_tokens > 0
        assert torch.equal(found.logits, _prefill(parts.prefiller, ids, use_cache=False).logits)
        small.cache.check()
    assert hits > 10
    assert small.cache.stats().evicted_blocks > 10
