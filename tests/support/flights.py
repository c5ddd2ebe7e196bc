"""Flights that say when somebody begins to wait, and threads to wait in: tests of flights need no sleeps."""

from __future__ import annotations

import threading
from concurrent.futures import Future

from semantic_cache.alike import Asking, Same
from semantic_cache.errors import ModelError
from semantic_cache.flight import Flights, Ticket, Turn, _Flight


class WatchedFlights(Flights):
    """The real ones; `until_waiting(n)` returns when n more have begun to wait."""

    def __init__(self, same: Same | None = None, patience_seconds: float = 20.0) -> None:
        super().__init__(same, patience_seconds)
        self._begun = threading.Semaphore(0)

    def until_waiting(self, count: int) -> None:
        for _ in range(count):
            assert self._begun.acquire(timeout=20), "nobody waits"

    def nobody_waits(self) -> bool:
        """Whether nobody has begun to wait since."""
        return not self._begun.acquire(blocking=False)

    def _wait(self, ticket: Ticket, leader: _Flight, kind: str) -> bool:
        self._begun.release()
        return super()._wait(ticket, leader, kind)


class Riders:
    """Requests, each in a thread of its own that lives on: a thread that leads would never wait."""

    def __init__(self, flights: Flights) -> None:
        self.flights = flights
        self._end = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, what: Asking, ticket: Ticket | None = None) -> Future[tuple[Turn, Ticket]]:
        ticket, future = ticket or self.flights.ticket(), Future[tuple[Turn, Ticket]]()

        def ride() -> None:
            try:
                future.set_result((self.flights.take(ticket, what), ticket))
            except ModelError as error:
                future.set_exception(error)
            self._end.wait(60)

        self._threads.append(threading.Thread(target=ride))
        self._threads[-1].start()
        return future

    def take(self, what: Asking, ticket: Ticket | None = None) -> tuple[Turn, Ticket]:
        return self.start(what, ticket).result(20)

    def close(self) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(30)
