"""Limits are checked once, when they are given."""

from __future__ import annotations

import re

import pytest

from kvcache import ConfigError, KVCacheConfig
from kvcache.eviction import Record, worth_rank


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_bytes", -1),
        ("max_bytes", 1.5),
        ("max_bytes", True),
        ("block_tokens", 0),
        ("block_tokens", 4097),
        ("buffer_bytes", -1),
        ("buffer_bytes", (2 << 30) + 1),
        ("buffer_bytes", 0.5),
        ("half_life_seconds", float("inf")),
        ("half_life_seconds", float("nan")),
        ("half_life_seconds", 1e300),
        ("half_life_seconds", 0),
        ("half_life_seconds", True),
        ("check_share", float("nan")),
        ("check_share", float("inf")),
        ("hide_timing", "no"),
        ("write_through", None),
        ("read_answers", 1),
    ],
)
def test_a_limit_outside_its_range_is_refused_by_name_and_value(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"{field} is {value!r}; ")):
        KVCacheConfig(**{field: value})  # type: ignore[arg-type]


def test_a_budget_of_nothing_is_allowed() -> None:
    assert KVCacheConfig(max_bytes=0).max_bytes == 0


def test_a_quarter_waits_in_buffers_unless_told_otherwise() -> None:
    assert KVCacheConfig(max_bytes=400).waiting_bytes == 100
    assert KVCacheConfig(max_bytes=400, buffer_bytes=0).waiting_bytes == 0


def test_the_longest_half_life_orders_blocks_by_their_uses() -> None:
    half_life = KVCacheConfig(half_life_seconds=1e9).half_life_seconds
    once, twice = (Record(1.0, 8, uses, used_at=1e12) for uses in (1.0, 2.0))
    assert worth_rank(once, half_life) < worth_rank(twice, half_life) < float("inf")
