"""The drift alarm of each tenant, from what the store has of it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from semantic_cache.learning.drift import Drift, Judged, Tightening
from semantic_cache.reach import Reach
from storage import StorageError, Store

__all__ = ["DriftWatch", "Seen"]

_MOST_TENANTS = 1024
_WINDOW = 500
_REFRESH_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Seen:
    """A tenant's recent semantic hits: those that were checked, and all with what users found wrong of them."""

    checked: Judged
    served: Judged
    tightening: Tightening


class DriftWatch:
    """How much stricter a tenant's hits are decided. Thread-safe; what it knows is at most a second old.

    Two samples are watched. Checks are drawn by chance, so their share of wrong hits is the true one: the last 500
    count. Users tell of wrong answers far more often than of right ones, so what they found wrong is held against all
    the hits of the time, which can only understate the share: the last 5,000 or a little more count. The store counts
    each tenant's hits by themselves, so that neither a small `keep_events` nor a busy neighbour makes the window
    shorter; and it keeps more judgements than the first sample needs, whatever `keep_feedback` says.

    Args:
        store: Where judgements and decisions are.
        drift: Decides, by tenant: each may have a budget of its own.
        clock: Seconds that only grow.
        reach: Whether the store can be reached.
    """

    def __init__(
        self,
        store: Store,
        drift: Callable[[str], Drift] | None = None,
        clock: Callable[[], float] = monotonic,
        reach: Reach | None = None,
    ) -> None:
        self._reach = reach or Reach()
        self._drift = drift or (lambda _: Drift())
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[Tightening, float]] = OrderedDict()
        """Of each tenant, and when it was made."""

    def tightening(self, tenant: str) -> float:
        """Logits, at least 0, to subtract before a hit is decided. Never fails: what was known before stays."""
        return self._latest(tenant).offset

    def tightened(self, tenant: str) -> tuple[float, str]:
        """The same with its reason in words, which is "" where the logits are 0."""
        latest = self._latest(tenant)
        return latest.offset, latest.reason or ""

    def look(self, tenant: str) -> Seen:
        """What the store says now. Raises StorageError."""
        rows = self._store.feedback
        labels = rows.labels(tenant, "shadow", _WINDOW)
        checked = Judged(sum(not right for right in labels), len(labels))
        number, since = rows.events.hits(tenant)
        wrong = rows.complaints(tenant, since) if number else 0
        served = Judged(min(wrong, number), number)
        tightening = self._drift(tenant).tightening(("checked hits", checked), ("served hits", served))
        self._keep(tenant, tightening)
        return Seen(checked, served, tightening)

    def _latest(self, tenant: str) -> Tightening:
        with self._lock:
            known = self._known.get(tenant)
            if known is not None:
                if self._clock() - known[1] < _REFRESH_SECONDS:
                    return known[0]
                self._known[tenant] = (known[0], self._clock())  # one looks, the others go on with what is known
        try:
            with self._reach:
                return self.look(tenant).tightening
        except StorageError:
            latest = known[0] if known is not None else Tightening()
            self._keep(tenant, latest)
            return latest

    def _keep(self, tenant: str, tightening: Tightening) -> None:
        with self._lock:
            self._known[tenant] = (tightening, self._clock())
            self._known.move_to_end(tenant)
            while len(self._known) > _MOST_TENANTS:
                self._known.popitem(last=False)
