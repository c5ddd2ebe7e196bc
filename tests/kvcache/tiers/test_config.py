"""Settings of the tiers are checked once, by name."""

from __future__ import annotations

import pytest

from kvcache.errors import ConfigError
from kvcache.tiers import TierConfig


@pytest.mark.parametrize(
    "wrong",
    [
        {"folder": "text"},
        {"disk_bytes": -1},
        {"host_bytes": 1.5},
        {"queue_bytes": True},
        {"int8": 1},
        {"ttl_seconds": 0},
        {"half_life_seconds": float("inf")},
        {"half_life_seconds": None},
        {"ttl_seconds": 1e12},
    ],
)
def test_a_setting_outside_its_range_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        TierConfig(**wrong)  # type: ignore[arg-type]
