"""How long blocks are served: while they are used and in any case, over a restart, and with a clock that is set back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from kept_blocks import TOKEN_BYTES, cut, mark, states_of
from tier_blocks import Clock, OpenDisk, path_of, some_block

from kvcache import KVCacheConfig, Lifetime, PrefixCache
from kvcache.leases import Computed
from kvcache.scopes import owners
from kvcache.tiers import Limits
from kvcache.tiers.record import Record

_PATH = path_of(1)
_TOKENS = (1, 2, 3, 4)


@pytest.fixture
def open_cache(open_disk: OpenDisk, clock: Clock) -> Callable[[], PrefixCache]:
    """A cache like a provider's, over the same folder each time: 3 seconds without being read, 30 at most."""

    def open_one() -> PrefixCache:
        life = Lifetime(idle_seconds=3.0, most_seconds=30.0)
        config = KVCacheConfig(max_bytes=100 * TOKEN_BYTES, block_tokens=2, lifetime=life)
        return PrefixCache(config, TOKEN_BYTES, lower=open_disk(), clock=clock)

    return open_one


def _write(cache: PrefixCache) -> None:
    lease = cache.acquire(owners("acme"), cut(*_TOKENS))
    for index in range(len(lease.blocks)):
        assert cache.insert(lease, index, Computed(states_of(_TOKENS[: 2 * index + 2]), seconds=1000.0))
    cache.release(lease)


def _read(cache: PrefixCache) -> int:
    lease = cache.acquire(owners("acme"), cut(*_TOKENS))
    states = [*lease.kept, *cache.load_below(lease)]
    cache.release(lease)
    assert [mark(kept) for kept in states] == [_TOKENS[: 2 * number] for number in range(1, len(states) + 1)]
    return len(states)


def test_after_a_restart_what_is_read_stays_until_its_end_and_no_longer(
    open_cache: Callable[[], PrefixCache], clock: Clock
) -> None:
    first = open_cache()
    _write(first)
    first.close()
    clock.now += 1.0
    again = open_cache()
    for _ in range(57):  # up to 29.5 seconds after it was made
        assert _read(again) == 2
        clock.now += 0.5
    assert _read(again) == 2
    clock.now += 0.5
    assert _read(again) == 0


def test_after_a_restart_what_is_not_read_goes_as_it_would_have_without_one(
    open_cache: Callable[[], PrefixCache], clock: Clock
) -> None:
    first = open_cache()
    _write(first)
    first.close()
    clock.now += 2.5
    again = open_cache()
    assert _read(again) == 2
    clock.now += 3.0
    assert _read(again) == 0
    _write(again)
    again.close()
    clock.now += 3.0
    assert _read(open_cache()) == 0


def test_each_load_prolongs_a_block_up_to_its_end_and_a_restart_knows_of_it(open_disk: OpenDisk, clock: Clock) -> None:
    tier = open_disk()
    tier.put("a", _PATH, some_block(_PATH, limits=Limits(idle_seconds=3.0, unused_seconds=1.0, end_seconds=30.0)))
    clock.now += 1.5
    for number in range(14):
        if number % 5 == 0:
            tier.close()
            tier = open_disk()
        (loaded,) = tier.load("a", _PATH, 0, 1)
        assert loaded.limits == Limits(3.0, 0.0, 28.5 - 2 * number)
        clock.now += 2.0
    clock.now += 0.5
    assert tier.load("a", _PATH, 0, 1) == []


def test_without_an_end_each_load_prolongs_a_block(open_disk: OpenDisk, clock: Clock) -> None:
    tier = open_disk()
    tier.put("a", _PATH, some_block(_PATH, limits=Limits(idle_seconds=3.0)))
    for _ in range(20):
        clock.now += 2.5
        assert tier.load("a", _PATH, 0, 1)[0].limits == Limits(3.0)
    clock.now += 3.0
    assert tier.find("a", _PATH, 0).blocks == 0


@pytest.mark.parametrize("limits", [Limits(idle_seconds=100.0), Limits(end_seconds=100.0)])
@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_clock_that_is_set_back_prolongs_no_block(
    open_disk: OpenDisk, clock: Clock, limits: Limits, *, is_restarted: bool
) -> None:
    tier = open_disk()
    tier.put("a", _PATH, some_block(_PATH, limits=limits))
    tier.flush()
    clock.now -= 86_400.0
    if is_restarted:
        tier.close()
        tier = open_disk()
    else:
        assert tier.find("a", _PATH, 0).blocks == 1
    clock.now += 99.0
    assert tier.find("a", _PATH, 0).blocks == 1
    clock.now += 1.0
    assert tier.find("a", _PATH, 0).blocks == 0


def test_with_the_clock_set_back_no_more_is_left_than_was_noted() -> None:
    record = Record("a" * 64, "o", "m", 1, 0, 1.0, 1000.0, 1000.0, Limits(100.0, 10.0, 50.0))
    assert record.left(1020.0) == Limits(100.0, 30.0, 30.0)
    assert record.left(500.0) == Limits(100.0, 10.0, 50.0)
    assert record.seen(500.0).left(520.0) == Limits(100.0, 30.0, 30.0)


def test_what_an_older_format_noted_goes_with_its_journal(open_disk: OpenDisk, folder: Path) -> None:
    tier = open_disk()
    tier.put("a", _PATH, some_block(_PATH))
    tier.close()
    (folder / "journal-2").rename(folder / "journal-1")
    again = open_disk()
    assert again.find("a", _PATH, 0).blocks == 0
    assert list((folder / "blocks").iterdir()) == []
    assert not (folder / "journal-1").exists()
