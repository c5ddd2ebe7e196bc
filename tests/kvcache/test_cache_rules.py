"""What expires, what explicit breakpoints keep, why something is missed, and whose buffers are whose."""

from __future__ import annotations

from kept_blocks import TOKEN_BYTES, cut, insert, mark, small_cache, states_of, store

from kvcache import Breakpoint, Breakpoints, KVCacheConfig, Lifetime, PrefixCache
from kvcache.grid import Grid
from kvcache.kept import Kept
from kvcache.layer import GrowingCache
from kvcache.leases import Computed, PrefixLease
from kvcache.scopes import PUBLIC, owners


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _timed(life: Lifetime, tokens: int = 40) -> tuple[PrefixCache, _Clock]:
    clock = _Clock()
    config = KVCacheConfig(max_bytes=tokens * TOKEN_BYTES, block_tokens=2, buffer_bytes=0, lifetime=life)
    return PrefixCache(config, TOKEN_BYTES, clock=clock), clock


def test_what_nobody_reads_expires_and_each_read_lets_it_stay() -> None:
    cache, clock = _timed(Lifetime(idle_seconds=10))
    store(cache, "a", (1, 1, 2, 2))
    for _ in range(5):
        clock.now += 9
        assert len(store(cache, "a", (1, 1)).kept) == 1
    lease = cache.acquire(owners("a"), cut(1, 1, 2, 2))
    assert len(lease.kept) == 1
    assert cache.why(lease, 1) == ("expired", 2)
    cache.release(lease)
    clock.now += 100
    cache.release(cache.acquire(owners("b"), cut(9)))
    assert (cache.stats().blocks, cache.stats().expired_blocks, cache.stats().cached_bytes) == (0, 2, 0)
    cache.check()


def test_no_read_lets_anything_stay_beyond_the_longest_time() -> None:
    cache, clock = _timed(Lifetime(idle_seconds=10, most_seconds=25))
    store(cache, "a", (1, 1))
    for now, kept in ((8, 1), (16, 1), (24, 1), (25, 0)):
        clock.now = float(now)
        lease = cache.acquire(owners("a"), cut(1, 1))
        assert len(lease.kept) == kept
        cache.release(lease)


def test_a_pinned_prefix_does_not_expire() -> None:
    cache, clock = _timed(Lifetime(idle_seconds=10, most_seconds=20))
    store(cache, "a", (1, 1))
    lease = cache.acquire(owners("a"), cut(1, 1))
    cache.pin(lease)
    cache.release(lease)
    clock.now = 1000.0
    assert len(store(cache, "a", (1, 1)).kept) == 1
    cache.unpin(owners("a")[-1], cut(1, 1))
    assert len(cache.acquire(owners("a"), cut(1, 1)).kept) == 0


def test_what_a_minimum_forbids_is_neither_kept_nor_read_and_says_so() -> None:
    cache, _ = _timed(Lifetime(min_tokens=4))
    store(cache, "a", (1, 1))
    assert cache.stats().blocks == 0
    store(cache, "a", (1, 1, 2, 2))
    lease = cache.acquire(owners("a"), cut(1, 1, 3, 3))
    assert lease.kept == ()
    assert cache.why(lease, 0) == ("below_minimum", 0)
    assert cache.why(cache.acquire(owners("a"), cut(1, 1)), 0) == ("below_minimum", 0)


def _store_marked(cache: PrefixCache, tokens: tuple[int, ...], points: Breakpoints) -> PrefixLease:
    lease = cache.acquire(owners("a"), Grid(2).cut(tokens, points.cuts), points)
    for index in range(len(lease.kept), len(lease.blocks)):
        insert(cache, lease, index, tokens[: lease.ends[index]])
    cache.release(lease)
    return lease


_EXPLICIT = Lifetime(idle_seconds=300, explicit=True, lookback=3, most_breakpoints=4, ttls=(300, 3600))


def test_with_explicit_breakpoints_only_what_ends_at_one_is_found_again() -> None:
    cache, _ = _timed(_EXPLICIT)
    assert cache.why(_store_marked(cache, (1, 1, 2, 2), Breakpoints()), 0) == ("no_breakpoint", 0)
    assert cache.stats().blocks == 0
    _store_marked(cache, (1, 1, 2, 2, 3, 3), Breakpoints((Breakpoint(4),)))
    assert cache.stats().blocks == 2
    assert len(_store_marked(cache, (1, 1, 2, 2, 9), Breakpoints((Breakpoint(4),))).kept) == 2
    lease = _store_marked(cache, (1, 1, 2, 2, 9), Breakpoints((Breakpoint(2),)))
    assert lease.kept == ()


def test_what_lies_too_many_content_blocks_back_is_not_read_and_says_so() -> None:
    cache, _ = _timed(_EXPLICIT)
    _store_marked(cache, (1, 1), Breakpoints((Breakpoint(2),)))
    for ends, kept in (((2, 3, 4), 1), ((2, 3, 4, 5), 0)):
        points = Breakpoints((Breakpoint(ends[-1]),), ends)
        lease = cache.acquire(owners("a"), Grid(2).cut((1, 1, 2, 3, 4)[: ends[-1]], points.cuts), points)
        assert len(lease.kept) == kept
    assert cache.why(lease, 0) == ("lookback", 0)


def test_a_breakpoint_of_an_hour_lets_its_prefix_stay_for_an_hour_after_each_read() -> None:
    cache, clock = _timed(_EXPLICIT)
    both = Breakpoints((Breakpoint(2, 3600.0), Breakpoint(4, 300.0)))
    for now, kept in ((0, 0), (290, 2), (600, 1), (4000, 1), (7700, 0)):
        clock.now = float(now)
        assert len(_store_marked(cache, (1, 1, 2, 2), both).kept) == kept


def test_a_mark_below_the_minimum_keeps_nothing_and_says_so_each_time() -> None:
    cache, _ = _timed(Lifetime(min_tokens=4, explicit=True))
    for _ in range(2):
        lease = _store_marked(cache, (1, 1, 2, 2, 3, 3), Breakpoints((Breakpoint(2),)))
        assert cache.why(lease, 0) == ("below_minimum", 0)
    assert cache.stats().blocks == 0
    long_enough = cache.acquire(owners("a"), cut(1, 1, 2, 2), Breakpoints((Breakpoint(2), Breakpoint(4))))
    assert cache.why(long_enough, 0) == ("new", 0)


def test_the_closest_of_hundreds_of_prompts_is_compared_with() -> None:
    cache = small_cache(2000)
    store(cache, "a", (1, 5))
    for other in range(500):
        store(cache, "a", (9, other))
    assert cache.why(cache.acquire(owners("a"), cut(1, 6)), 0) == ("new", 1)


def test_a_miss_names_the_first_token_that_differs_and_how_the_rest_went() -> None:
    cache = small_cache(4)
    store(cache, "a", (1, 1, 2, 3))
    for tokens, reason in (((1, 1, 2, 9), ("new", 3)), ((9, 9), ("new", 0)), ((1, 1, 2), ("new", 3))):
        lease = cache.acquire(owners("a"), cut(*tokens))
        assert cache.why(lease, len(lease.kept)) == reason
        cache.release(lease)
    other = cache.acquire(owners("b"), cut(1, 1, 2, 3))
    assert cache.why(other, 0) == ("new", 0)
    assert cache.is_elsewhere(cut(1, 1))
    store(cache, "a", (5, 5))
    lease = cache.acquire(owners("a"), cut(1, 1, 2, 3))
    assert cache.why(lease, 1) == ("evicted", 2)
    cache.release(lease)
    cache.clear("a")
    assert cache.why(cache.acquire(owners("a"), cut(5, 5)), 0) == ("cleared", 0)


def test_with_hidden_timing_no_tenant_gets_anothers_buffer() -> None:
    config = KVCacheConfig(max_bytes=16 * TOKEN_BYTES, block_tokens=2, buffer_bytes=8 * TOKEN_BYTES, hide_timing=True)
    cache, buffer = PrefixCache(config, TOKEN_BYTES), GrowingCache(layers=1, capacity=8)
    public = cache.acquire((PUBLIC,), cut(1, 1))
    insert(cache, public, 0, (1, 1))
    first, second = (cache.acquire(owners(name), cut(1, 1)) for name in "ab")
    cache.give_buffer(first, buffer)
    assert cache.take_buffer(second, 1, 8) is None
    assert cache.take_buffer(first, 1, 8) == (buffer, 1)


def test_what_is_not_exact_is_not_kept() -> None:
    cache = small_cache(8)
    lease = cache.acquire(owners("a"), cut(1, 1))
    rounded = Kept(states_of((1, 1)).states, exact=False)
    assert not cache.insert(lease, 0, Computed(rounded))
    assert cache.stats().blocks == 0


def test_blocks_that_others_have_kept_since_are_leased_one_behind_the_other() -> None:
    cache = small_cache(12)
    late = cache.acquire(owners("a"), cut(1, 1, 2, 2, 3, 3))
    assert cache.advance(late) == ()
    store(cache, "b", (1, 1))
    store(cache, "a", (1, 1, 2, 2))
    assert [mark(kept) for kept in cache.advance(late)] == [(1, 1), (1, 1, 2, 2)]
    assert cache.stats().followed_tokens == 4
    assert not cache.keeps(late, 1)
    assert cache.keeps(late, 2)
