"""A budget of wrong hits → the least probability to serve at, from labelled pairs, with an exact bound. Pure.

Cuts are tried from the strictest down, and the first that fails ends the search (fixed-sequence testing: Angelopoulos
et al., "Learn then Test", 2021), so that the bound holds for the cut that is chosen and not only for one named before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from semantic_cache.errors import SettingsError

__all__ = ["Budget", "Cut", "CutTable", "LabelledSet", "counted"]

_FEWEST = 50


@dataclass(frozen=True, slots=True)
class Budget:
    """The largest share of hits by meaning that may be wrong, and how sure that has to be.

    Raises:
        SettingsError: A share is not between 0 and 1.
    """

    wrong_hits: float = 0.01
    confidence: float = 0.95

    def __post_init__(self) -> None:
        for name in ("wrong_hits", "confidence"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 < value < 1.0:
                raise SettingsError(f"{name}={value!r} must lie between 0 and 1, both excluded; 0.01 means 1 %.")


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """What a set of labelled pairs holds at each cut: how many pairs are served, and how many of them wrongly.

    Counts are of pairs whose probability is at least the cut, in the order of the table's cuts.
    """

    name: str
    language: str
    served: tuple[int, ...]
    wrong: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """The least probability to serve at, and what it rests on; `probability` is None where nothing may be served.

    Args:
        served, wrong: Labelled pairs at or above the cut.
        upper: Upper confidence bound of the share of wrong ones.
        refusal: Why the budget cannot be promised, and how many labels are missing; empty where it is. With a
            probability beside it, the strict rule stands in: half of the budget is what may be seen to be wrong.
        missing_labels: So many more served pairs as good as these would carry the budget; 0 where none are missing or
            where labels do not help.
    """

    probability: float | None
    served: int = 0
    wrong: int = 0
    upper: float = 1.0
    refusal: str = ""
    missing_labels: int = 0


@dataclass(frozen=True, slots=True)
class CutTable:
    """Counts of labelled pairs by set over one list of cuts, ascending, each in (0, 1)."""

    cuts: tuple[float, ...]
    sets: tuple[LabelledSet, ...]

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> CutTable:
        """The table of a JSON object, as `values` makes it.

        Raises:
            SettingsError: It is not one.
        """
        try:
            cuts = tuple(float(one) for one in values["cuts"])
            sets = tuple(
                LabelledSet(one["name"], one["language"], tuple(map(int, one["served"])), tuple(map(int, one["wrong"])))
                for one in values["sets"]
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SettingsError(f"This is no cut table ({error!r}): make one with `samewise tune --write`.") from error
        table = cls(cuts, sets)
        table.check()
        return table

    def values(self) -> dict[str, Any]:
        """As JSON holds it."""
        sets = [
            {"name": one.name, "language": one.language, "served": list(one.served), "wrong": list(one.wrong)}
            for one in self.sets
        ]
        return {"cuts": list(self.cuts), "sets": sets}

    def check(self) -> None:
        """Refuse what counts cannot be.

        Raises:
            SettingsError: Cuts that do not ascend in (0, 1), counts that grow with the cut, more wrong than served.
        """
        if any(not 0.0 < one < 1.0 for one in self.cuts) or list(self.cuts) != sorted(set(self.cuts)):
            raise SettingsError("The cuts of a cut table must ascend between 0 and 1.")
        for one in self.sets:
            if len(one.served) != len(self.cuts) or len(one.wrong) != len(self.cuts):
                raise SettingsError(f"The set {one.name!r} of a cut table has not one count for each of its cuts.")
            if any(not 0 <= wrong <= served for wrong, served in zip(one.wrong, one.served, strict=True)):
                raise SettingsError(f"The set {one.name!r} of a cut table has more wrong pairs than served ones.")
            if list(one.served) != sorted(one.served, reverse=True):
                raise SettingsError(f"The set {one.name!r} of a cut table serves more at a stricter cut.")

    def cut(self, budget: Budget) -> Cut:
        """The loosest cut that keeps the budget over all sets together, and that no set by itself disproves.

        Over all sets, the upper bound must be within the budget. A single set has too few pairs for that; it disproves
        a cut when even the lower bound of its wrong share is above the budget.
        """
        from semantic_cache.tuning.evidence import served_needed  # noqa: PLC0415  (scipy loads slowly)

        enough = served_needed(0.0, budget.wrong_hits, budget.confidence) or 0
        best = self._promised(budget, enough)
        if best is not None:
            return best
        strict, refused = self._strict(budget), self._refused(budget, enough)
        if strict is None or strict.probability is None:
            return refused
        looser = self._looser(budget)
        if looser is not None and looser.probability is not None and looser.probability > strict.probability:
            strict = looser  # what may not be promised is never served more freely than what may
        return replace(strict, refusal=refused.refusal, missing_labels=refused.missing_labels)

    def _looser(self, budget: Budget) -> Cut | None:
        """What is promised for the next looser budget that is."""
        from semantic_cache.tuning.evidence import served_needed  # noqa: PLC0415

        share = budget.wrong_hits * 1.25
        while share < 1.0:
            enough = served_needed(0.0, share, budget.confidence) or 0
            cut = self._promised(Budget(share, budget.confidence), enough)
            if cut is not None:
                return cut
            share *= 1.25
        return None

    def _promised(self, budget: Budget, enough: int) -> Cut | None:
        from semantic_cache.tuning.evidence import upper_bound  # noqa: PLC0415

        best: Cut | None = None
        for place in range(len(self.cuts) - 1, -1, -1):
            served, wrong = self._total(place)
            if served < enough:
                continue
            upper = float(upper_bound(float(wrong), float(served), budget.confidence))
            if upper > budget.wrong_hits or self._disproved(place, budget):
                break
            best = Cut(self.cuts[place], served, wrong, upper)
        return best

    def _strict(self, budget: Budget) -> Cut | None:
        """The loosest cut from which on no more than half of the budget was seen to be wrong."""
        from semantic_cache.tuning.evidence import upper_bound  # noqa: PLC0415

        best: Cut | None = None
        for place in range(len(self.cuts) - 1, -1, -1):
            served, wrong = self._total(place)
            if served < _FEWEST:
                continue
            if wrong > budget.wrong_hits / 2 * served or self._disproved(place, budget):
                break
            best = Cut(
                self.cuts[place], served, wrong, float(upper_bound(float(wrong), float(served), budget.confidence))
            )
        return best

    def _total(self, place: int) -> tuple[int, int]:
        return sum(one.served[place] for one in self.sets), sum(one.wrong[place] for one in self.sets)

    def _disproved(self, place: int, budget: Budget) -> bool:
        from semantic_cache.tuning.evidence import upper_bound  # noqa: PLC0415

        for one in self.sets:
            served, wrong = one.served[place], one.wrong[place]
            if (
                wrong
                and 1.0 - float(upper_bound(float(served - wrong), float(served), budget.confidence))
                > budget.wrong_hits
            ):
                return True
        return False

    def _refused(self, budget: Budget, enough: int) -> Cut:
        wanted = f"a budget of {budget.wrong_hits:g} at {budget.confidence:.0%} confidence"
        totals = [self._total(place) for place in range(len(self.cuts))]
        fair = [(served, wrong) for served, wrong in totals if served >= enough]
        if fair:
            served, wrong = fair[-1]
            return Cut(
                None, refusal=f"no cut keeps {wanted}: the strictest one still has {wrong} wrong of {served} pairs"
            )
        most = max((served for served, _ in totals), default=0)
        missing = enough - most
        return Cut(
            None,
            refusal=f"{wanted} takes {enough} served pairs, none wrong; there are {most}, {missing} are missing",
            missing_labels=missing,
        )


def counted(
    name: str, language: str, cuts: Sequence[float], probabilities: Sequence[float], same: Sequence[bool]
) -> LabelledSet:
    """The counts of a set of pairs whose probabilities and labels are given."""
    served, wrong = [], []
    for cut in cuts:
        above = [label for probability, label in zip(probabilities, same, strict=True) if probability >= cut]
        served.append(len(above))
        wrong.append(above.count(False))
    return LabelledSet(name, language, tuple(served), tuple(wrong))
