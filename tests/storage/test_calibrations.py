"""Decision rules kept in the store: the last one holds, and may be taken back."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import Store, StoreValueError
from storage.calibrations import Calibration, Calibrations

if TYPE_CHECKING:
    from tests.storage.conftest import Clock


@pytest.fixture
def rules(store: Store, clock: Clock) -> Calibrations:
    return Calibrations(store._database, clock)


def test_where_none_was_saved_none_holds(rules: Calibrations) -> None:
    assert rules.current("cuts") is None
    assert rules.recent("cuts", 3) == ()


def test_the_last_one_of_a_name_holds_with_its_time_and_note(rules: Calibrations, clock: Clock) -> None:
    rules.save("cuts", '{"cut": 0.9}')
    rules.save("other", "x")
    clock.now = 2000.0
    saved = rules.save("cuts", '{"cut": 0.8}', "from pairs.csv")
    assert saved == Calibration(3, 2000.0, "cuts", '{"cut": 0.8}', "from pairs.csv")
    assert rules.current("cuts") == saved
    assert [one.body for one in rules.recent("cuts", 5)] == ['{"cut": 0.8}', '{"cut": 0.9}']
    assert [one.body for one in rules.recent("cuts", 1)] == ['{"cut": 0.8}']


def test_taking_back_lets_the_former_hold_again_and_twice_the_one_before(rules: Calibrations) -> None:
    first, second = rules.save("cuts", "a"), rules.save("cuts", "b")
    rules.save("cuts", None)
    assert rules.current("cuts") == first
    third = rules.save("cuts", "c")
    assert rules.current("cuts") == third
    rules.save("cuts", None)
    assert rules.current("cuts") == first
    rules.save("cuts", None)
    assert rules.current("cuts") is None
    assert second in rules.recent("cuts", 9)


@given(st.lists(st.sampled_from([None, "a", "b", "c"]), max_size=12))
def test_it_is_a_pile_whatever_is_put_on_it_and_taken_away(bodies: list[str | None]) -> None:
    pile: list[str] = []
    with Store.open("sqlite://") as store:
        rules = Calibrations(store._database, lambda: 0.0)
        for body in bodies:
            if body is not None:
                rules.save("cuts", body)
                pile.append(body)
            elif pile:
                rules.save("cuts", None)
                pile.pop()
            else:
                with pytest.raises(StoreValueError):
                    rules.save("cuts", None)
            current = rules.current("cuts")
            assert (current.body if current else None) == (pile[-1] if pile else None)


def test_with_nothing_to_take_back_nothing_is_written(rules: Calibrations) -> None:
    with pytest.raises(StoreValueError, match="save one first"):
        rules.save("cuts", None)
    assert rules.recent("cuts", 1) == ()


def test_an_empty_body_is_a_rule_and_none_is_not(rules: Calibrations) -> None:
    rules.save("cuts", "a")
    assert rules.save("cuts", "") == rules.current("cuts")


def test_a_body_comes_back_letter_by_letter(rules: Calibrations) -> None:
    body = '{"a": "월요일 🙂 \u2028 \\u0000 \0"}\n\t'
    rules.save("cuts", body, "note \u2028")
    current = rules.current("cuts")
    assert current is not None
    assert (current.body, current.note) == (body, "note \u2028")


def test_without_a_name_it_is_refused(rules: Calibrations) -> None:
    with pytest.raises(StoreValueError, match="give it a name"):
        rules.save("", "a")


@pytest.mark.parametrize("texts", [("\ud800", "a", ""), ("cuts", "a\ud800", ""), ("cuts", "a", "\ud800")])
def test_half_a_character_is_refused(rules: Calibrations, texts: tuple[str, str, str]) -> None:
    with pytest.raises(StoreValueError, match="half a character"):
        rules.save(*texts)
    assert rules.recent("cuts", 1) == ()


def test_a_limit_below_one_is_refused(rules: Calibrations) -> None:
    with pytest.raises(StoreValueError, match="limit=0"):
        rules.recent("cuts", 0)


def test_of_many_that_take_back_at_once_each_takes_another(rules: Calibrations) -> None:
    for body in "abcdefgh":
        rules.save("cuts", body)
    threads = [threading.Thread(target=rules.save, args=("cuts", None)) for _ in range(7)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    current = rules.current("cuts")
    assert current is not None
    assert current.body == "a"


def test_another_process_sees_it_at_once_and_a_restart_keeps_it(path: Path) -> None:
    script = f"""
from storage import Store
from storage.calibrations import Calibrations
with Store.open("sqlite:///{path}") as store:
    Calibrations(store._database, lambda: 5.0).save("cuts", "theirs")
"""
    with Store.open(f"sqlite:///{path}") as store:
        rules = Calibrations(store._database, lambda: 0.0)
        rules.save("cuts", "ours")
        subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
        assert rules.current("cuts") == Calibration(2, 5.0, "cuts", "theirs", "")
    with Store.open(f"sqlite:///{path}") as store:
        assert Calibrations(store._database, lambda: 0.0).current("cuts") == Calibration(2, 5.0, "cuts", "theirs", "")
