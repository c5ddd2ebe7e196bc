"""One generation per question: the first to ask leads; who asks the same, by key or by meaning, waits and looks again.

```
take ─ same key, or judged the same, in flight? ─ no ─▶ LEAD: generate, keep, land
            │ yes: wait                                       │
            ├─ the leader answered ─▶ LANDED: look again ◀────┤
            ├─ the leader failed ───▶ take again ◀────────────┘
            └─ patience is over ────▶ LEAD, or ALONE where another leads with the same key
```
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from enum import Enum
from time import monotonic

from semantic_cache.alike import Asking, Same, likeliest

__all__ = ["Flights", "Ticket", "Turn"]

_SAME = "the same question was being answered"
_ALIKE = "a question judged the same was being answered"
_REMEMBERED = 64  # landings that one may have missed between its look and its turn: a few milliseconds' worth


class Turn(Enum):
    """What `Flights.take` decided for its caller."""

    LEAD = "lead"
    LANDED = "landed"
    ALONE = "alone"


@dataclass(slots=True, eq=False)
class _Flight:
    """A generation under way. `thread` took the lead, at `started` (seconds, monotonic); `landing` counts the flights
    that were answered, 0 until this one is."""

    asking: Asking
    key: str
    thread: threading.Thread
    started: float
    over: threading.Event = field(default_factory=threading.Event)
    landing: int = 0


@dataclass(slots=True, eq=False)
class Ticket:
    """One request's place among the flights; in use by one thread at a time.

    `waited_ms` says how long it waited in all, `waited_for` for what last; `problems` is for what its owner wants to
    remember of its turns.
    """

    waited_ms: float | None = None
    waited_for: str | None = None
    problems: tuple[str, ...] = ()
    _seen: int = 0
    """Landings that were over before it last looked into the store."""
    _until: float | None = None
    """When its patience ends (seconds, monotonic); None before its first wait."""
    _follows: frozenset[str] = frozenset((_SAME, _ALIKE))
    _refused: set[_Flight] = field(default_factory=set)
    _led: _Flight | None = None


class Flights:
    """Who is generating what. Thread-safe.

    A leader that fails, or whose stream is closed half-way, lands all the same: of those who waited for it one leads
    and the others wait for that one. Nobody is let down twice by an answer: who found, after its wait, that the answer
    is not there or not right for it, waits for no other of that kind. A thread that leads never waits, so that no two
    can wait for each other.

    Args:
        same: Judges whether two questions are the same; without it only equal keys are. It is asked about the few
            nearest leaders of the scope, outside of the lock.
        patience_seconds: How long a request waits in all, and how long a leader is waited for. A stream that nobody
            reads any more holds its lead; nobody shall hang on it.
    """

    def __init__(self, same: Same | None = None, patience_seconds: float = 120.0) -> None:
        self._same = same
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._flying: dict[str, dict[str, _Flight]] = {}  # by scope, then by key
        self._leading = Counter[threading.Thread]()  # by thread
        self._landings = 0
        self._landed = deque[_Flight](maxlen=_REMEMBERED)
        self._landing = deque[tuple[_Flight, bool]]()  # over, but not yet off the board

    def ticket(self) -> Ticket:
        """A place for a request. Take it before the look into the store: what lands from now on counts as unseen."""
        return Ticket(_seen=self._landings)

    def take(self, ticket: Ticket, asking: Asking) -> Turn:
        """LEAD: generate, then call `land`. LANDED: another one led, look again. ALONE: generate, for oneself.

        Whatever `same` raises is raised here, with no lead taken.
        """
        while True:
            with self._lock:
                self._enter_landings()
                leader, others = self._ahead(ticket, asking)
                if leader is None and not others:
                    return self._lead(ticket, asking)
            kind = _SAME
            if leader is None:
                leader, kind = self._judged_same(ticket, asking, others), _ALIKE
            # Others may have taken the lead while these were judged: only who sees nobody new leads.
            if leader is not None and self._wait(ticket, leader, kind):
                return Turn.LANDED

    def land(self, ticket: Ticket, *, answered: bool) -> None:
        """End the ticket's lead, where it has one, and wake those who wait. `answered`: looking again is worth it."""
        flight, ticket._led = ticket._led, None
        if flight is None:
            return
        # A stream that is collected as garbage lands here in the middle of whatever its thread does, maybe holding the
        # lock: then who takes the lock next enters it.
        self._landing.append((flight, answered))
        if self._lock.acquire(blocking=False):
            try:
                self._enter_landings()
            finally:
                self._lock.release()
        flight.over.set()

    def _enter_landings(self) -> None:
        """Take flights that are over off the board. The lock is held."""
        while self._landing:
            flight, answered = self._landing.popleft()
            in_scope = self._flying[flight.asking.scope]
            del in_scope[flight.key]
            if not in_scope:
                del self._flying[flight.asking.scope]
            self._leading -= Counter((flight.thread,))
            if answered:
                self._landings = flight.landing = self._landings + 1
                self._landed.append(flight)

    def _ahead(self, ticket: Ticket, asking: Asking) -> tuple[_Flight | None, list[_Flight]]:
        """The flight with the same key to wait for, or else those that have not been compared yet."""
        now = monotonic()
        if self._leading[threading.current_thread()] or (ticket._until is not None and now >= ticket._until):
            return None, []
        unseen = [one for one in self._landed if one.landing > ticket._seen and one.asking.scope == asking.scope]
        flying = self._flying.get(asking.scope, {}).values()
        ahead = [*unseen, *(one for one in flying if now < one.started + self._patience_seconds)]
        key = asking.question.key_hash
        leader = next((one for one in ahead if one.key == key), None)
        if leader is not None:
            return (leader, []) if _SAME in ticket._follows else (None, [])
        if self._same is None or asking.vector is None or _ALIKE not in ticket._follows:
            return None, []
        return None, [one for one in ahead if one not in ticket._refused]

    def _lead(self, ticket: Ticket, asking: Asking) -> Turn:
        in_scope = self._flying.setdefault(asking.scope, {})
        key = asking.question.key_hash
        if key in in_scope:
            return Turn.ALONE
        thread = threading.current_thread()
        ticket._led = in_scope[key] = _Flight(asking, key, thread, monotonic())
        self._leading[thread] += 1
        return Turn.LEAD

    def _judged_same(self, ticket: Ticket, asking: Asking, others: list[_Flight]) -> _Flight | None:
        assert self._same is not None  # or there were no others
        for position in likeliest(asking, [one.asking for one in others]):
            leader = others[position]
            if self._same(asking, leader.asking):
                return leader
            ticket._refused.add(leader)
        ticket._refused.update(others)
        return None

    def _wait(self, ticket: Ticket, leader: _Flight, kind: str) -> bool:
        """Wait for the leader to land; whether it answered."""
        started = monotonic()
        if not (leader.landing or leader.over.is_set()):
            if ticket._until is None:
                ticket._until = started + self._patience_seconds
            leader.over.wait(max(0.0, min(ticket._until, leader.started + self._patience_seconds) - started))
            ticket.waited_ms = (ticket.waited_ms or 0.0) + (monotonic() - started) * 1000
            ticket.waited_for = kind
        if not leader.landing:
            return False
        ticket._seen = self._landings
        ticket._follows -= {kind}
        return True
