"""The rule in use: on the cuts of the settings, else on those that the store holds, else on the shipped ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

from semantic_cache.matching import Policy
from semantic_cache.matching.cut_table import CutTable
from storage import Calibration, StorageError

__all__ = ["CUTS", "Rule", "StoredRule"]

CUTS = "cuts"
"""The name under which a store keeps cut tables."""

# Whoever wrote it: what a text of any shape makes of parsing it and of the arithmetic on its counts.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
_LOOK_SECONDS = 0.5  # with what the store takes to answer, a new one is in use within a second
_AWAY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Rule:
    """What decides on hits by meaning. `origin` says what it was made of, `problem` why it is not the one that was
    wanted, or "" where it is."""

    policy: Policy
    origin: str
    problem: str = ""

    def __str__(self) -> str:
        said = f"{self.policy}, by {self.origin}"
        return f"{said}; {self.problem}" if self.problem else said


class StoredRule:
    """The rule that the store's newest cut table makes, in use within a second in every process. Thread-safe.

    Args:
        make: Cut table → the rule on it.
        shipped: The cut table where the store has none that can be read.
        current: The store's newest calibration of that kind; may raise StorageError, and then the present rule stays.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        make: Callable[[CutTable], Policy],
        shipped: Callable[[], CutTable],
        current: Callable[[], Calibration | None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._make = make
        self._shipped = shipped
        self._current = current
        self._clock = clock
        self._lock = threading.Lock()
        self._rule: Rule | None = None
        self._look_at = 0.0
        self._made: Rule | None = None
        self._away = False
        self._known: int | None = None
        """The calibration that the rule was made of; None for the shipped one."""

    def __call__(self) -> Rule:
        """The rule.

        Raises:
            ModelError: There is none yet, and the shipped cut table cannot be read.
        """
        rule = self._rule
        if rule is not None and self._clock() < self._look_at:
            return rule
        # One thread asks the store; the others go on with what they have.
        if not self._lock.acquire(blocking=rule is None):
            assert rule is not None
            return rule
        try:
            if self._rule is None or self._clock() >= self._look_at:
                self._rule = self._latest()
                # What is away fails at once (reach.py), and once it is back no answer shall say otherwise.
                self._look_at = self._clock() + (_AWAY_SECONDS if self._away else _LOOK_SECONDS)
            return self._rule
        finally:
            self._lock.release()

    def _latest(self) -> Rule:
        try:
            found = self._current()
            self._away = False
        except StorageError as error:
            self._away = True
            self._made = self._made or self._of_shipped()
            return replace(self._made, problem=f"calibration: whether there is a newer one is not known: {error}")
        body = found.body if found is not None else None
        number = found.id if found is not None and body is not None else None
        if self._made is None or number != self._known:
            self._made = self._of_shipped() if number is None or body is None else self._of(number, body)
            self._known = number
        return self._made

    def _of(self, number: int, body: str) -> Rule:
        try:
            table = CutTable.read(json.loads(body))
            if table.verifier != self._shipped().verifier:
                return self._of_shipped(
                    f"calibration: number {number} of the store counts the probabilities of another version's "
                    "verifier; what is shipped holds until a new `samewise tune --apply`"
                )
            return Rule(self._make(table), f"calibration {number} of the store")
        except _UNREADABLE as error:
            return self._of_shipped(
                f"calibration: number {number} of the store cannot be read ({error}); what is shipped holds until "
                f"`samewise store revert {CUTS}` or a new `samewise tune --apply`"
            )

    def _of_shipped(self, problem: str = "") -> Rule:
        return Rule(self._make(self._shipped()), "what is shipped", problem)
