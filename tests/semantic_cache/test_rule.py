"""The rule in use follows the store: every process takes a new cut table up, and none is taken down by a bad one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from semantic_cache.matching import BudgetRule, CutTable, LabelledSet
from semantic_cache.matching.cut_table import Budget
from semantic_cache.rule import CUTS, StoredRule
from storage import Calibration, StorageError, Store


def table(cut: float) -> CutTable:
    return CutTable((cut,), (LabelledSet("pairs (en)", "en", (1000,), (0,)),))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """One store, opened twice, as two processes have it."""
    url = f"sqlite:///{tmp_path / 'faq.db'}"
    with Store.open(url) as one, Store.open(url) as other:
        yield one, other


def rule_of(store: Store, clock: Clock) -> StoredRule:
    def make(cuts: CutTable) -> BudgetRule:
        return BudgetRule(Budget(0.05), cuts)

    return StoredRule(make, lambda: table(0.5), lambda: store.calibrations.current(CUTS), clock)


def cut(rule: StoredRule) -> float | None:
    policy = rule().policy
    assert isinstance(policy, BudgetRule)
    return policy.cut().probability


def test_a_calibration_is_in_use_within_a_second_without_a_restart_and_taken_back_as_fast(
    stores: tuple[Store, Store], clock: Clock
) -> None:
    tuned, serving = stores
    rule = rule_of(serving, clock)
    assert (cut(rule), rule().origin) == (0.5, "what is shipped")
    for number, wanted in ((1, 0.7), (2, 0.9)):
        tuned.calibrations.save(CUTS, json.dumps(table(wanted).values()))
        clock.now += 1.0
        assert (cut(rule), rule().origin) == (wanted, f"calibration {number} of the store")
    for wanted in (0.7, 0.5):
        tuned.calibrations.save(CUTS, None)
        clock.now += 1.0
        assert cut(rule) == wanted
    assert rule().problem == ""


@pytest.mark.parametrize(
    "body",
    [
        "", "no JSON", "null", "[]", "[" * 100_000, "{}", '{"cuts": 3, "sets": []}', '{"cuts": [0.5], "sets": [{}]}',
        '{"cuts": [NaN], "sets": []}', '{"cuts": [2.0], "sets": []}',
        '{"cuts": [0.5], "sets": [{"name": "a", "language": "en", "served": [1e999], "wrong": [0]}]}',
        '{"cuts": [0.5], "sets": [{"name": "a", "language": "en", "served": [' + "9" * 4000 + '], "wrong": [1]}]}',
    ],
)  # fmt: skip
def test_a_calibration_that_cannot_be_read_leaves_the_shipped_rule_and_says_so(
    stores: tuple[Store, Store], clock: Clock, body: str
) -> None:
    store, _ = stores
    store.calibrations.save(CUTS, body)
    rule = rule_of(store, clock)
    for _ in range(2):
        assert cut(rule) == 0.5
        assert "number 1 of the store cannot be read" in rule().problem
        assert "samewise store revert cuts" in str(rule())
        clock.now += 1.0
    store.calibrations.save(CUTS, json.dumps(table(0.7).values()))
    clock.now += 1.0
    assert (cut(rule), rule().problem) == (0.7, "")


def test_while_the_store_cannot_be_asked_the_present_rule_stays_and_says_so(clock: Clock) -> None:
    answers: list[Calibration | Exception] = []

    def current() -> Calibration:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    made: list[CutTable] = []

    def make(cuts: CutTable) -> BudgetRule:
        made.append(cuts)
        return BudgetRule(Budget(0.05), cuts)

    rule = StoredRule(make, lambda: table(0.5), current, clock)
    saved = Calibration(4, 0.0, CUTS, json.dumps(table(0.7).values()), "")
    answers += [StorageError("the server is gone"), saved, StorageError("the server is gone"), saved]
    seen = []
    for _ in range(4):
        seen.append((cut(rule), "the server is gone" in rule().problem))
        clock.now += 1.0
    assert seen == [(0.5, True), (0.7, False), (0.7, True), (0.7, False)]
    assert len(made) == 2
    assert answers == []


def test_a_store_that_is_back_is_noticed_within_a_tenth_of_a_second(clock: Clock) -> None:
    away = True

    def current() -> None:
        if away:
            raise StorageError("away")

    rule = StoredRule(lambda cuts: BudgetRule(Budget(0.05), cuts), lambda: table(0.5), current, clock)
    assert "not known" in rule().problem
    away = False
    clock.now += 0.1
    assert rule().problem == ""


def test_only_one_thread_asks_and_the_others_go_on_with_what_they_have(clock: Clock) -> None:
    asked, answered, times = threading.Event(), threading.Event(), []

    def current() -> None:
        times.append(clock.now)
        if len(times) > 1:
            asked.set()
            assert answered.wait(20)

    rule = StoredRule(lambda cuts: BudgetRule(Budget(0.05), cuts), lambda: table(0.5), current, clock)
    before = rule()
    clock.now += 1.0
    slow = threading.Thread(target=rule)
    slow.start()
    assert asked.wait(20)
    assert rule() is before
    answered.set()
    slow.join(20)
    assert times == [0.0, 1.0]
