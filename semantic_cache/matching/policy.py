"""The rule that serves or doesn't."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from semantic_cache.matching.cut_table import Budget, Cut, CutTable

__all__ = ["BudgetRule", "Policy", "Served", "Threshold"]


@dataclass(frozen=True, slots=True)
class Served:
    """A decision, and the words for it: why, or why not."""

    serves: bool
    reason: str


class Policy(Protocol):
    """Decides on what the guards let pass. Pure."""

    def decide(
        self, similarity: float, probability: float | None, *, tenant: str = "", tags: Collection[str] = ()
    ) -> Served:
        """Whether an entry may be served.

        Args:
            similarity: Cosine in [-1, 1].
            probability: That its answer is right, where there is a verifier or a calibration.
            tenant, tags: Of the entry.
        """
        ...

    @property
    def verifies(self) -> bool:
        """Whether it goes by the probability."""
        ...


@dataclass(frozen=True, slots=True)
class Threshold:
    """Serve what is at least this similar; None serves nothing by similarity.

    An entry's evidence and the drift alarm change log odds, and a cosine has none: they change nothing here. Pairs that
    feedback blocked are refused whatever the policy says, and confirmed questions are found before it is asked.
    """

    similarity: float | None
    verifies: bool = field(default=False, init=False)

    def decide(
        self,
        similarity: float,
        probability: float | None = None,  # noqa: ARG002  (a cosine is all it goes by)
        *,
        tenant: str = "",  # noqa: ARG002
        tags: Collection[str] = (),  # noqa: ARG002
    ) -> Served:
        """As the Protocol says."""
        if self.similarity is None:
            return Served(False, "nothing is served by similarity")
        if similarity >= self.similarity:
            return Served(True, f"similarity {similarity:.3f} is at least {self.similarity:.3f}")
        return Served(False, f"the nearest stored question has similarity {similarity:.3f}, below the threshold")

    def __str__(self) -> str:
        return "nothing by similarity" if self.similarity is None else f"similarity ≥ {self.similarity:.3f}"


class BudgetRule:
    """Serve what is so probably right that the share of wrong answers among what is served stays within a budget.

    Args:
        budget: For everything that no other is named for.
        table: The labelled pairs that the cut is chosen on.
        budgets: "tenant:NAME" or "tag:NAME" → its budget. Where several hold, the strictest cut does.
    """

    verifies = True

    def __init__(self, budget: Budget, table: CutTable, budgets: Mapping[str, Budget] | None = None) -> None:
        self.budget = budget
        self._cuts = {name: table.cut(one) for name, one in (budgets or {}).items()}
        self._cut = table.cut(budget)

    def cut(self, tenant: str = "", tags: Collection[str] = ()) -> Cut:
        """The strictest cut that holds for a tenant and an entry's tags.

        A tenant's or tag's own budget may be looser than the general one, but not looser than another that holds.
        """
        named = [
            self._cuts[name] for name in (f"tenant:{tenant}", *(f"tag:{tag}" for tag in tags)) if name in self._cuts
        ]
        return max(named, key=lambda cut: 2.0 if cut.probability is None else cut.probability) if named else self._cut

    def decide(
        self, similarity: float, probability: float | None, *, tenant: str = "", tags: Collection[str] = ()
    ) -> Served:
        """As the Protocol says."""
        cut = self.cut(tenant, tags)
        if cut.probability is None:
            return Served(False, f"nothing is served by meaning: {cut.refusal}")
        if probability is None:
            return Served(False, f"nothing says how probably the answer at similarity {similarity:.3f} is right")
        if probability >= cut.probability:
            return Served(True, f"probability {probability:.3f} is at least {cut.probability:.3f}")
        return Served(
            False, f"the best stored answer is right with probability {probability:.3f}, below {cut.probability:.3f}"
        )

    def __str__(self) -> str:
        if self._cut.probability is None:
            return f"nothing by meaning: {self._cut.refusal}"
        if self._cut.refusal:
            return (
                f"probability ≥ {self._cut.probability:.3f} (a strict rule, {self._cut.wrong} of {self._cut.served} "
                f"labelled pairs wrong; not promised: {self._cut.refusal})"
            )
        return (
            f"probability ≥ {self._cut.probability:.3f} (budget {self.budget.wrong_hits:.1%}: {self._cut.wrong} of "
            f"{self._cut.served} labelled pairs from there on are wrong, at most {self._cut.upper:.1%} with "
            f"{self.budget.confidence:.0%} confidence)"
        )
