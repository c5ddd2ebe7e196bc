"""One leads; who asks the same, by key or by meaning, waits and looks again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from time import monotonic

import numpy as np
import pytest
from flights import Riders, WatchedFlights

from normalize import Facts, Question
from semantic_cache.alike import Asking
from semantic_cache.errors import ModelError
from semantic_cache.flight import Flights, Turn

VECTOR = np.array([1.0, 0.0], np.float32)


def asking(key: str, scope: str = "scope", *, embedder: str = "words") -> Asking:
    """Of one meaning are those that share their first word; a key of one letter has no vector."""
    vector = VECTOR if len(key) > 1 else None
    return Asking(scope, "tenant", Question(key, key, "en", Facts(), ()), vector, embedder)


def first_word(one: Asking, leader: Asking) -> bool:
    return one.question.key.split()[0] == leader.question.key.split()[0]


MakeRiders = Callable[[Flights], Riders]


@pytest.fixture
def make_riders() -> Iterator[MakeRiders]:
    made: list[Riders] = []

    def make(flights: Flights) -> Riders:
        made.append(Riders(flights))
        return made[-1]

    yield make
    for riders in made:
        riders.close()


@pytest.fixture
def flights() -> WatchedFlights:
    return WatchedFlights(first_word)


@pytest.fixture
def riders(flights: WatchedFlights, make_riders: MakeRiders) -> Riders:
    return make_riders(flights)


class TestByKey:
    def test_the_first_leads_and_after_landing_the_next_leads(self, riders: Riders, flights: Flights) -> None:
        turn, first = riders.take(asking("a"))
        assert turn is Turn.LEAD
        assert riders.take(asking("b"))[0] is Turn.LEAD
        flights.land(first, answered=True)
        assert riders.take(asking("a"))[0] is Turn.LEAD

    def test_one_who_waits_is_woken_by_the_landing_and_knows_what_for(
        self, riders: Riders, flights: WatchedFlights
    ) -> None:
        _, first = riders.take(asking("a"))
        waiter = riders.start(asking("a"))
        flights.until_waiting(1)
        flights.land(first, answered=True)
        turn, ticket = waiter.result(20)
        assert (turn, ticket.waited_for) == (Turn.LANDED, "the same question was being answered")
        assert (ticket.waited_ms or 0) > 0

    def test_one_who_waits_too_long_goes_alone(self, make_riders: MakeRiders) -> None:
        riders = make_riders(Flights(patience_seconds=0.0))
        assert riders.take(asking("a"))[0] is Turn.LEAD
        assert riders.take(asking("a"))[0] is Turn.ALONE

    def test_one_whom_the_answer_did_not_help_does_not_wait_again(
        self, riders: Riders, flights: WatchedFlights
    ) -> None:
        _, first = riders.take(asking("a"))
        waiters = [riders.start(asking("a")) for _ in range(3)]
        flights.until_waiting(3)
        flights.land(first, answered=True)
        tickets = [one.result(20)[1] for one in waiters]
        turns = [riders.take(asking("a"), ticket)[0] for ticket in tickets]
        assert turns == [Turn.LEAD, Turn.ALONE, Turn.ALONE]
        assert flights.nobody_waits()


class TestByMeaning:
    def test_one_who_asks_the_same_in_other_words_waits_and_knows_what_for(
        self, riders: Riders, flights: WatchedFlights
    ) -> None:
        _, first = riders.take(asking("pool one"))
        waiter = riders.start(asking("pool two"))
        flights.until_waiting(1)
        flights.land(first, answered=True)
        turn, ticket = waiter.result(20)
        assert (turn, ticket.waited_for) == (Turn.LANDED, "a question judged the same was being answered")

    @pytest.mark.parametrize(
        "other",
        [asking("sauna one"), asking("pool two", "elsewhere"), asking("pool two", embedder="others"), asking("p")],
        ids=["another meaning", "another scope", "another embedder", "no vector"],
    )
    def test_nobody_waits_for_what_is_not_the_same(
        self, riders: Riders, flights: WatchedFlights, other: Asking
    ) -> None:
        riders.take(asking("pool one"))
        assert riders.take(other)[0] is Turn.LEAD
        assert flights.nobody_waits()

    def test_without_a_judge_only_keys_are_compared(self, make_riders: MakeRiders) -> None:
        riders = make_riders(Flights())
        assert riders.take(asking("pool one"))[0] is Turn.LEAD
        assert riders.take(asking("pool two"))[0] is Turn.LEAD

    def test_one_whom_the_answer_did_not_help_leads(self, riders: Riders, flights: WatchedFlights) -> None:
        _, first = riders.take(asking("pool one"))
        waiters = [riders.start(asking(f"pool {number}")) for number in range(3)]
        flights.until_waiting(3)
        flights.land(first, answered=True)
        tickets = [one.result(20)[1] for one in waiters]
        turns = [riders.take(asking(f"pool {number}"), ticket)[0] for number, ticket in enumerate(tickets)]
        assert turns == [Turn.LEAD] * 3
        assert flights.nobody_waits()

    def test_what_landed_during_a_wait_was_there_for_the_look_after_it(
        self, riders: Riders, flights: WatchedFlights
    ) -> None:
        _, first = riders.take(asking("pool one"))
        waiter = riders.start(asking("pool two"))
        flights.until_waiting(1)
        other = flights.ticket()
        flights._lead(other, asking("pool two"))
        flights.land(other, answered=True)
        flights.land(first, answered=True)
        turn, ticket = waiter.result(20)
        assert (turn, riders.take(asking("pool two"), ticket)[0]) == (Turn.LANDED, Turn.LEAD)

    def test_when_the_leader_fails_one_leads_and_the_others_wait_for_that_one(
        self, riders: Riders, flights: WatchedFlights
    ) -> None:
        _, first = riders.take(asking("pool one"))
        waiters = [riders.start(asking(f"pool {number}")) for number in range(6)]
        flights.until_waiting(6)
        flights.land(first, answered=False)
        flights.until_waiting(5)
        (leader,) = [one for one in waiters if one.done()]
        turn, ticket = leader.result()
        assert turn is Turn.LEAD
        flights.land(ticket, answered=True)
        assert [one.result(20)[0] for one in waiters if one is not leader] == [Turn.LANDED] * 5

    def test_one_who_took_the_lead_while_others_were_judged_is_seen(self, make_riders: MakeRiders) -> None:
        begun, go_on = threading.Event(), threading.Event()

        def slow(one: Asking, leader: Asking) -> bool:
            if one.question.key == "pool late":
                begun.set()
                assert go_on.wait(20)
            return first_word(one, leader)

        flights = WatchedFlights(slow)
        riders = make_riders(flights)
        riders.take(asking("sauna one"))
        late = riders.start(asking("pool late"))
        assert begun.wait(20)
        turn, first = riders.take(asking("pool early"))
        go_on.set()
        flights.until_waiting(1)
        flights.land(first, answered=True)
        assert (turn, late.result(20)[0]) == (Turn.LEAD, Turn.LANDED)

    def test_one_who_landed_between_look_and_turn_is_seen(self, riders: Riders, flights: Flights) -> None:
        before, elsewhere = flights.ticket(), flights.ticket()
        _, first = riders.take(asking("pool one"))
        flights.land(first, answered=True)
        assert riders.take(asking("pool two", "elsewhere"), elsewhere)[0] is Turn.LEAD
        turn, ticket = riders.take(asking("pool two"), before)
        assert (turn, ticket.waited_ms) == (Turn.LANDED, None)
        assert riders.take(asking("pool three"))[0] is Turn.LEAD  # looked after the landing, and found nothing

    def test_one_who_failed_between_look_and_turn_is_not_looked_for(self, riders: Riders, flights: Flights) -> None:
        before = flights.ticket()
        _, first = riders.take(asking("pool one"))
        flights.land(first, answered=False)
        assert riders.take(asking("pool two"), before)[0] is Turn.LEAD

    def test_only_the_nearest_few_are_judged_each_once(self) -> None:
        judged: list[str] = []

        def never(_: Asking, leader: Asking) -> bool:
            judged.append(leader.question.key)
            return False

        flights = Flights(never)
        for number in range(10):
            angle = number / 10  # from the same direction to nearly across
            vector = np.array([np.cos(angle), np.sin(angle)], np.float32)
            one = asking(f"pool {number}")
            flights._lead(flights.ticket(), Asking(one.scope, one.tenant, one.question, vector, one.embedder))
        flights._leading.clear()
        assert flights.take(flights.ticket(), asking("pool new")) is Turn.LEAD
        assert judged == ["pool 0", "pool 1", "pool 2", "pool 3"]

    def test_what_the_judge_raises_is_raised_and_leaves_no_lead(self, make_riders: MakeRiders) -> None:
        def broken(_: Asking, __: Asking) -> bool:
            raise ModelError("broken")

        riders = make_riders(Flights(broken))
        riders.take(asking("pool one"))
        with pytest.raises(ModelError, match="broken"):
            riders.take(asking("pool two"))
        assert len(riders.flights._flying["scope"]) == 1


class TestPatience:
    def test_after_it_one_leads_where_the_key_is_free(self, make_riders: MakeRiders) -> None:
        riders = make_riders(Flights(first_word, patience_seconds=0.2))
        riders.take(asking("pool one"))
        turn, ticket = riders.take(asking("pool two"))
        assert turn is Turn.LEAD
        assert 150 < (ticket.waited_ms or 0) < 10_000

    def test_it_is_for_all_leaders_together(self, make_riders: MakeRiders) -> None:
        flights = WatchedFlights(first_word, patience_seconds=1.0)
        riders = make_riders(flights)
        _, first = riders.take(asking("pool one"))
        started = monotonic()
        waiter = riders.start(asking("pool two"))
        flights.until_waiting(1)
        threading.Event().wait(0.6)
        flights._lead(flights.ticket(), asking("pool three"))
        flights.land(first, answered=False)
        flights.until_waiting(1)
        turn, ticket = waiter.result(20)
        assert turn is Turn.LEAD
        assert 900 < (ticket.waited_ms or 0) <= (monotonic() - started) * 1000 < 1500

    def test_nobody_waits_for_one_who_has_led_for_longer_than_it(self, make_riders: MakeRiders) -> None:
        riders = make_riders(Flights(first_word, patience_seconds=0.2))
        riders.take(asking("pool one"))
        _, second = riders.take(asking("pool two"))  # waits it out
        riders.flights.land(second, answered=False)
        for key, expected in (("pool one", Turn.ALONE), ("pool three", Turn.LEAD)):
            turn, late = riders.take(asking(key))
            assert (turn, late.waited_ms) == (expected, None)


class TestDeadlock:
    def test_a_thread_that_leads_waits_for_nobody(self) -> None:
        flights = WatchedFlights(first_word)
        assert flights.take(flights.ticket(), asking("pool one")) is Turn.LEAD
        assert flights.take(flights.ticket(), asking("pool one")) is Turn.ALONE
        assert flights.take(flights.ticket(), asking("pool two")) is Turn.LEAD
        assert flights.nobody_waits()

    def test_it_waits_again_after_its_last_landing(self, riders: Riders, flights: WatchedFlights) -> None:
        own = flights.ticket()
        flights.take(own, asking("sauna"))
        _, other = riders.take(asking("pool one"))
        flights.land(own, answered=True)

        def land() -> None:
            flights.until_waiting(1)
            flights.land(other, answered=True)

        landing = threading.Thread(target=land)
        landing.start()
        assert flights.take(flights.ticket(), asking("pool two")) is Turn.LANDED
        landing.join(20)

    def test_nothing_is_kept_of_those_who_landed_but_the_last_few(self) -> None:
        flights = Flights(first_word)
        for number in range(200):
            ticket = flights.ticket()
            flights.take(ticket, asking(f"pool {number}", f"scope {number}"))
            flights.land(ticket, answered=True)
        assert not flights._flying
        assert not flights._leading
        assert len(flights._landed) < 100
