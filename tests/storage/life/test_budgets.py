"""What a budget may say, and what follows from it."""

from __future__ import annotations

import pytest

from storage import StoreConfig, StoreValueError
from storage.life import Eviction, SizeBudget, Usage
from storage.life.usage import fits, less, low_water, over


@pytest.mark.parametrize("given", [{"max_entries": 0}, {"max_bytes": -1}, {"max_entries": 2.5}, {"max_bytes": True}])
def test_a_limit_that_is_no_whole_number_above_0_is_refused(given: dict[str, int]) -> None:
    with pytest.raises(StoreValueError, match=next(iter(given))):
        SizeBudget(**given)


def test_a_policy_may_be_named_and_an_unknown_one_is_refused() -> None:
    assert StoreConfig(eviction="lru").eviction is Eviction.LRU  # type: ignore[arg-type]
    with pytest.raises(StoreValueError, match=r"'random'.*value, lru, lfu"):
        StoreConfig(eviction="random")  # type: ignore[arg-type]


def test_a_tenant_that_is_not_named_has_the_common_budget() -> None:
    named = {"big": SizeBudget(max_entries=9)}
    config = StoreConfig(tenant_budget=SizeBudget(max_entries=2), tenant_budgets=named)
    named["late"] = SizeBudget()
    assert [config.budget_of(tenant).max_entries for tenant in ("big", "other", "late")] == [9, 2, 2]


@pytest.mark.parametrize(
    ("used", "exceeded", "down_to"),
    [
        (Usage(100, 1000), Usage(0, 0), (None, None)),
        (Usage(101, 900), Usage(1, 0), (98, None)),
        (Usage(90, 1500), Usage(0, 500), (None, 980)),
        (Usage(103, 1001), Usage(3, 1), (98, 980)),
    ],
)
def test_of_a_limit_that_is_exceeded_a_little_more_goes(
    used: Usage, exceeded: Usage, down_to: tuple[int | None, int | None]
) -> None:
    budget = SizeBudget(max_entries=100, max_bytes=1000)
    assert over(used, budget) == exceeded
    assert fits(used, budget) == (exceeded == Usage(0, 0))
    target = low_water(used, budget)
    assert (target.max_entries, target.max_bytes) == down_to


@pytest.mark.parametrize("limit", [1, 2, 10, 49])
def test_small_budgets_are_exact(limit: int) -> None:
    assert low_water(Usage(limit + 1, 0), SizeBudget(max_entries=limit)).max_entries == limit


def test_of_a_large_budget_a_bounded_number_goes_at_once() -> None:
    used = Usage(1_000_001, 3_000_000_000)
    target = low_water(used, SizeBudget(max_entries=1_000_000, max_bytes=2_900_000_000))
    assert target == SizeBudget(max_entries=998_000, max_bytes=2_900_000_000 - 2000 * 2999)


def test_a_difference_of_usages_is_never_below_0() -> None:
    assert less(Usage(5, 10), Usage(2, 30)) == Usage(3, 0)
