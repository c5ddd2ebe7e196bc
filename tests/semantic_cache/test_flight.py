"""One leads, the others wait and look again."""

from __future__ import annotations

import threading

from semantic_cache.flight import Flights, Turn


def test_the_first_leads_and_after_landing_the_next_leads() -> None:
    flights = Flights()
    assert flights.take("a") is Turn.LEAD
    assert flights.take("b") is Turn.LEAD
    flights.land("a")
    assert flights.take("a") is Turn.LEAD


def test_one_who_waits_is_woken_by_the_landing() -> None:
    flights = Flights()
    assert flights.take("a") is Turn.LEAD
    seen: list[Turn] = []
    waiter = threading.Thread(target=lambda: seen.append(flights.take("a")))
    waiter.start()
    assert seen == []
    flights.land("a")
    waiter.join(20)
    assert seen in ([Turn.LANDED], [Turn.LEAD])  # LEAD when the landing came before the waiter looked


def test_one_who_waits_too_long_goes_alone() -> None:
    flights = Flights(patience_seconds=0.0)
    assert flights.take("a") is Turn.LEAD
    assert flights.take("a") is Turn.ALONE
