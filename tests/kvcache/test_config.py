"""Limits are checked once, when they are given."""

from __future__ import annotations

import pytest

from kvcache import ConfigError, KVCacheConfig


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
    ],
)
def test_a_limit_outside_its_range_is_refused_by_name_and_value(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"{field} is {value}"):
        KVCacheConfig(**{field: value})  # type: ignore[arg-type]


def test_a_budget_of_nothing_is_allowed() -> None:
    assert KVCacheConfig(max_bytes=0).max_bytes == 0


def test_a_quarter_waits_in_buffers_unless_told_otherwise() -> None:
    assert KVCacheConfig(max_bytes=400).waiting_bytes == 100
    assert KVCacheConfig(max_bytes=400, buffer_bytes=0).waiting_bytes == 0
