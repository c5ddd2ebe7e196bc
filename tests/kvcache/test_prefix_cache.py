"""Blocks with their tensors: budget, tenants, clearing, threads."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import torch

from kvcache import KVCacheConfig, PrefixCache
from kvcache.layer import BlockStates
from kvcache.prefix_cache import PrefixLease

_BLOCK_BYTES = 64


def _cache(blocks: int, block_tokens: int = 2) -> PrefixCache:
    return PrefixCache(KVCacheConfig(max_bytes=blocks * _BLOCK_BYTES, block_tokens=block_tokens), _BLOCK_BYTES)


def _states(tokens: tuple[int, ...]) -> BlockStates:
    """States that say which prefix they belong to."""
    mark = torch.tensor(tokens, dtype=torch.int64)
    return ((mark, mark),)


def _store(cache: PrefixCache, tenant: str, tokens: tuple[int, ...]) -> PrefixLease:
    lease = cache.acquire(tenant, tokens)
    for index in range(len(lease.blocks), len(tokens) // 2):
        cache.insert(lease, index, _states(tokens[: (index + 1) * 2]))
    cache.release(lease)
    return lease


def test_stored_states_come_back_in_prompt_order() -> None:
    cache = _cache(4)
    _store(cache, "a", (1, 2, 3, 4, 5))
    lease = cache.acquire("a", (1, 2, 3, 4, 9, 9))
    assert [block[0][0].tolist() for block in lease.blocks] == [[1, 2], [1, 2, 3, 4]]
    cache.release(lease)
    cache.check()


def test_the_limit_leaves_the_last_block_out() -> None:
    cache = _cache(4)
    _store(cache, "a", (1, 2, 3, 4))
    lease = cache.acquire("a", (1, 2, 3, 4), max_tokens=3)
    assert len(lease.blocks) == 1


def test_the_budget_in_bytes_is_never_exceeded() -> None:
    cache = PrefixCache(KVCacheConfig(max_bytes=3 * _BLOCK_BYTES + 63, block_tokens=2), _BLOCK_BYTES)
    for start in range(10):
        _store(cache, "a", (start, start, 7, 7))
        stats = cache.stats()
        assert stats.cached_bytes + stats.leased_bytes <= 3 * _BLOCK_BYTES
        assert stats.free_bytes + stats.cached_bytes + stats.leased_bytes == stats.total_bytes
        cache.check()
    assert cache.stats().evicted_blocks == 17


def test_a_prompt_larger_than_the_budget_is_not_kept_and_evicts_nothing() -> None:
    cache = _cache(2)
    _store(cache, "a", (1, 2))
    _store(cache, "a", (3, 3, 4, 4, 5, 5))
    assert cache.stats().blocks == 1
    assert cache.acquire("a", (1, 2)).blocks


def test_a_block_behind_one_that_found_no_room_is_not_stored_in_its_place() -> None:
    cache = _cache(2)
    blocker = cache.acquire("a", (9, 9))
    cache.insert(blocker, 0, _states((9, 9)))
    lease = cache.acquire("a", (1, 1, 2, 2))
    assert cache.insert(lease, 0, _states((1, 1)))
    assert not cache.insert(lease, 1, _states((1, 1, 2, 2)))
    cache.release(blocker)
    wide = cache.acquire("a", (5, 5, 6, 6))
    assert not cache.insert(wide, 1, _states((5, 5, 6, 6)))
    cache.release(wide)
    cache.release(lease)
    cache.check()


def test_two_requests_that_compute_the_same_block_keep_one() -> None:
    cache = _cache(4)
    first, second = cache.acquire("a", (1, 1)), cache.acquire("a", (1, 1))
    assert cache.insert(first, 0, _states((1, 1)))
    assert not cache.insert(second, 0, _states((1, 1)))
    assert cache.held_tokens(second) == 2
    cache.release(first)
    assert cache.stats().leased_bytes == _BLOCK_BYTES
    cache.release(second)
    assert cache.stats().written_tokens == 2
    cache.check()


def test_clearing_forgets_one_tenant_at_once_and_frees_leased_states_on_release() -> None:
    cache = _cache(4)
    _store(cache, "a", (1, 1, 2, 2))
    _store(cache, "b", (1, 1))
    reader = cache.acquire("a", (1, 1))
    assert cache.clear("a") == 4
    assert reader.blocks[0][0][0].tolist() == [1, 1]
    assert cache.acquire("a", (1, 1)).blocks == ()
    cache.check()
    cache.release(reader)
    assert cache.stats().blocks == 1
    assert cache.clear() == 2
    assert cache.stats().free_bytes == cache.stats().total_bytes


def test_threads_always_read_the_states_of_their_own_tokens() -> None:
    cache, barrier = _cache(6), threading.Barrier(4)

    def work(seed: int) -> int:
        draw = random.Random(seed)
        barrier.wait()
        hits = 0
        for _ in range(400):
            tokens = tuple(draw.choice((1, 2)) for _ in range(6))
            lease = _store(cache, draw.choice("ab"), tokens)
            hits += bool(lease.blocks)
            for index, block in enumerate(lease.blocks):
                assert tuple(block[0][0].tolist()) == tokens[: (index + 1) * 2]
            if draw.random() < 0.02:
                cache.clear(draw.choice(("a", "b", None)))
        return hits

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) > 0
    cache.check()
    assert cache.stats().leased_bytes == 0
