"""Blocks with their tensors: budget, tenants, clearing, buffers, threads."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from kept_blocks import TOKEN_BYTES, cut, insert, mark, small_cache, states_of, store

from kvcache import ConfigError, KVCacheConfig, PinLimitError, PrefixCache
from kvcache.layer import GrowingCache
from kvcache.leases import Computed
from kvcache.scopes import PUBLIC, owners


def test_stored_states_come_back_in_prompt_order() -> None:
    cache = small_cache(8)
    store(cache, "a", (1, 2, 3, 4, 5))
    lease = cache.acquire(owners("a"), cut(1, 2, 3, 4, 9, 9))
    assert [mark(kept) for kept in lease.kept] == [(1, 2), (1, 2, 3, 4)]
    assert lease.held_tokens == 4
    cache.release(lease)
    cache.check()


def test_a_tail_is_found_by_the_same_prompt_and_takes_only_its_own_bytes() -> None:
    cache = small_cache(8)
    store(cache, "a", (1, 2, 3))
    assert cache.stats().cached_bytes == 3 * TOKEN_BYTES
    assert [mark(kept) for kept in cache.acquire(owners("a"), cut(1, 2, 3)).kept] == [(1, 2), (1, 2, 3)]
    assert len(cache.acquire(owners("a"), cut(1, 2, 3, 4)).kept) == 1


def test_logits_are_kept_and_counted() -> None:
    cache = small_cache(8)
    lease = cache.acquire(owners("a"), cut(1, 2))
    cache.insert(lease, 0, Computed(states_of((1, 2), logits=True)))
    assert cache.stats().leased_bytes == 2 * TOKEN_BYTES + 8 * 4
    assert cache.acquire(owners("a"), cut(1, 2)).kept[0].logits is not None


def test_the_budget_in_bytes_is_never_exceeded() -> None:
    config = KVCacheConfig(max_bytes=6 * TOKEN_BYTES + 31, block_tokens=2, buffer_bytes=0)
    cache = PrefixCache(config, TOKEN_BYTES)
    for start in range(10):
        store(cache, "a", (start, start, 7, 7))
        stats = cache.stats()
        assert stats.free_bytes + stats.cached_bytes + stats.leased_bytes == stats.total_bytes == config.max_bytes
        cache.check()
    assert cache.stats().evicted_blocks == 17


def test_what_waits_in_buffers_is_a_part_of_the_whole_budget() -> None:
    assert PrefixCache(KVCacheConfig(max_bytes=1000), 1).stats().total_bytes == 750
    assert PrefixCache(KVCacheConfig(max_bytes=1000, buffer_bytes=400), 1).stats().total_bytes == 600


def test_a_prompt_larger_than_the_budget_is_not_kept_and_evicts_nothing() -> None:
    cache = small_cache(4)
    store(cache, "a", (1, 2))
    store(cache, "a", (3, 3, 4, 4, 5))
    assert cache.stats().blocks == 1
    assert cache.acquire(owners("a"), cut(1, 2)).kept


def test_a_block_behind_one_that_found_no_room_is_not_stored_in_its_place() -> None:
    cache = small_cache(4)
    blocker = cache.acquire(owners("a"), cut(9, 9))
    insert(cache, blocker, 0, (9, 9))
    lease = cache.acquire(owners("a"), cut(1, 1, 2, 2))
    assert insert(cache, lease, 0, (1, 1))
    assert not insert(cache, lease, 1, (1, 1, 2, 2))
    cache.release(blocker)
    wide = cache.acquire(owners("a"), cut(5, 5, 6, 6))
    assert not insert(cache, wide, 1, (5, 5, 6, 6))
    cache.release(wide)
    cache.release(lease)
    cache.check()


def test_two_requests_that_compute_the_same_block_keep_one() -> None:
    cache = small_cache(8)
    first, second = cache.acquire(owners("a"), cut(1, 1)), cache.acquire(owners("a"), cut(1, 1))
    assert insert(cache, first, 0, (1, 1))
    assert not insert(cache, second, 0, (1, 1))
    assert second.held_tokens == 2
    cache.release(first)
    assert cache.stats().leased_bytes == 2 * TOKEN_BYTES
    cache.release(second)
    assert cache.stats().written_tokens == 2
    cache.check()


def test_clearing_forgets_one_tenant_at_once_and_frees_leased_states_on_release() -> None:
    cache = small_cache(8)
    store(cache, "a", (1, 1, 2))
    store(cache, "b", (1, 1))
    reader = cache.acquire(owners("a"), cut(1, 1))
    assert cache.clear("a") == 3
    assert mark(reader.kept[0]) == (1, 1)
    assert cache.acquire(owners("a"), cut(1, 1)).kept == ()
    cache.check()
    cache.release(reader)
    assert cache.stats().blocks == 1
    assert cache.clear() == 2
    assert cache.stats().free_bytes == cache.stats().total_bytes


def test_a_buffer_laid_down_is_found_by_the_same_prefix_and_by_no_other_tenant() -> None:
    cache = small_cache(8, buffer_tokens=8)
    buffer = GrowingCache(layers=1, capacity=8)
    cache.give_buffer(store(cache, "a", (1, 1, 2, 2)), buffer)
    assert cache.stats().buffer_bytes == 8 * TOKEN_BYTES
    store(cache, "b", (1, 1, 2, 2))
    stranger = cache.acquire(owners("b"), cut(1, 1, 2, 2))
    taken = cache.take_buffer(stranger, 2, 8)
    assert taken == (buffer, 0)
    cache.give_buffer(stranger, buffer)
    assert cache.take_buffer(cache.acquire(owners("b"), cut(1, 1, 2, 2, 3)), 2, 8) == (buffer, 2)
    counted = cache.stats()
    assert (counted.hits, counted.read_tokens, counted.copied_tokens, counted.buffer_bytes) == (2, 8, 4, 0)


def test_clearing_lets_go_of_the_buffers_that_hold_what_was_cleared() -> None:
    cache = small_cache(8, buffer_tokens=8)
    for tenant in "ab":
        cache.give_buffer(store(cache, tenant, (1, 1)), GrowingCache(layers=1, capacity=4))
    cache.clear("a")
    assert cache.stats().buffer_bytes == 4 * TOKEN_BYTES
    cache.clear()
    assert cache.stats().buffer_bytes == 0


def test_threads_always_read_the_states_of_their_own_tokens() -> None:
    cache, barrier = small_cache(12), threading.Barrier(4)

    def work(seed: int) -> int:
        draw = random.Random(seed)
        barrier.wait()
        hits = 0
        for _ in range(400):
            tokens = tuple(draw.choice((1, 2)) for _ in range(draw.randrange(1, 7)))
            lease = store(cache, draw.choice("ab"), tokens)
            hits += bool(lease.kept)
            for index, kept in enumerate(lease.kept):
                assert mark(kept) == tokens[: (index + 1) * 2]
            if draw.random() < 0.02:
                cache.clear(draw.choice(("a", "b", None)))
        return hits

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) > 0
    cache.check()
    assert cache.stats().leased_bytes == 0


def test_clearing_by_user_and_by_prefix_leaves_what_others_share() -> None:
    cache = small_cache(40)
    for tenant, user, tokens in (
        ("a", None, (1, 1, 2, 2)),
        ("a", "ann", (1, 1, 2, 2, 3, 3)),
        ("a", None, (1, 1, 4, 4, 5)),
        ("b", None, (1, 1, 2, 2)),
    ):
        store(cache, tenant, tokens, user)
    assert cache.clear("a", user="ann") == 2
    # Its second block and what hangs on it; the first is the beginning of another prompt too.
    assert cache.clear("a", prefix=(1, 1, 4)) == 3
    assert len(cache.acquire(owners("a"), cut(1, 1, 2, 2)).kept) == 2
    assert cache.clear(prefix=(1, 1, 2)) == 8
    assert cache.stats().blocks == 0
    with pytest.raises(ConfigError, match="without a tenant"):
        cache.clear(user="ann")
    cache.check()


def test_clearing_what_is_public_takes_along_what_tenants_keep_behind_it() -> None:
    cache = small_cache(20)
    public = cache.acquire((PUBLIC,), cut(1, 1))
    insert(cache, public, 0, (1, 1))
    cache.release(public)
    store(cache, "a", (1, 1, 2, 2))
    store(cache, "a", (7, 7))
    assert cache.clear(public=True) == 4
    assert len(cache.acquire(owners("a"), cut(7, 7)).kept) == 1


def test_pinned_prefixes_outlive_all_others_until_they_are_unpinned_or_cleared() -> None:
    cache = small_cache(8)
    lease = cache.acquire(owners("a"), cut(1, 1, 2))
    assert not cache.pin(lease)
    for index, tokens in enumerate(((1, 1), (1, 1, 2))):
        insert(cache, lease, index, tokens)
    with pytest.raises(PinLimitError, match=rf"takes {3 * TOKEN_BYTES} bytes more, and 0 of at most {2 * TOKEN_BYTES}"):
        cache.pin(lease)
    cache.release(lease)
    short = store(cache, "a", (1, 1))
    short = cache.acquire(owners("a"), cut(1, 1))
    assert cache.pin(short)
    assert cache.pin(short)
    cache.release(short)
    for start in range(10, 20):
        store(cache, "a", (start, start, 7, 7, 8, 8))
        cache.check()
    assert cache.stats().pinned_bytes == cache.stats().leased_bytes == 2 * TOKEN_BYTES
    assert len(cache.acquire(owners("a"), cut(1, 1)).kept) == 1
    assert cache.unpin(owners("a")[-1], cut(1, 1))
    assert not cache.unpin(owners("a")[-1], cut(1, 1))


def test_clearing_takes_pins_away() -> None:
    cache = small_cache(8)
    store(cache, "a", (1, 1))
    lease = cache.acquire(owners("a"), cut(1, 1))
    cache.pin(lease)
    cache.release(lease)
    assert cache.clear("a") == 2
    stats = cache.stats()
    assert (stats.pinned_bytes, stats.free_bytes) == (0, stats.total_bytes)
    assert not cache.unpin(owners("a")[-1], cut(1, 1))
