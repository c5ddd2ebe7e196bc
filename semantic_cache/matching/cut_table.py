"""A budget of wrong hits → the least probability to serve at, from labelled pairs, with an exact bound. Pure.

Cuts are tried from the strictest down, and the first that fails ends the search (fixed-sequence testing: Angelopoulos
et al., "Learn then Test", 2021), so that the bound holds for the cut that is chosen and not only for one named before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from semantic_cache.errors import SettingsError
from semantic_cache.matching.labelled_set import LabelledSet, counted

__all__ = ["Budget", "Cut", "CutTable", "LabelledSet", "counted"]

_FEWEST = 100
"""So many independent pairs at least make a cut that is not promised."""
_SPEAKS = 0.6
"""Confidence at which two wrong pairs of a set or more speak against a cut. Chosen on 20 splits by group and 20 by
time, of which budgets of 1, 2 and 5 % were kept in 19 or 20 (notebooks/LOG.md)."""
_KEPT_OF_STRICT = 0.9
"""Of what the loosest cut without a wrong pair serves; a budget of 1 % was then kept in 95 of 100 random splits, and
in 87 with all of it (notebooks/LOG.md)."""


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
class Cut:
    """The least probability to serve at, and what it rests on; `probability` is None where nothing may be served.

    Args:
        served, wrong: Labelled pairs at or above the cut.
        worth: As many independent pairs prove as much: pairs of one group are right or wrong together.
        upper: Upper confidence bound of the share of wrong ones.
        refusal: Why the budget cannot be promised, and how many labels are missing; empty where it is. With a
            probability beside it, the strict rule stands in: half of the budget is what may be seen to be wrong.
        missing_labels: So many more served pairs as good as these would carry the budget; 0 where none are missing or
            where labels do not help.
    """

    probability: float | None
    served: int = 0
    wrong: int = 0
    worth: float = 0.0
    upper: float = 1.0
    refusal: str = ""
    missing_labels: int = 0


@dataclass(frozen=True, slots=True)
class CutTable:
    """Counts of labelled pairs by set over one list of cuts, ascending, each in (0, 1).

    Args:
        verifier: Whose probabilities were counted (`verifier_version`): those of another one mean something else.
    """

    cuts: tuple[float, ...]
    sets: tuple[LabelledSet, ...]
    verifier: str = ""

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> CutTable:
        """The table of a JSON object, as `values` makes it.

        Raises:
            SettingsError: It is not one.
        """
        try:
            cuts = tuple(float(one) for one in values["cuts"])
            sets = tuple(map(_set_of, values["sets"]))
            verifier = str(values.get("verifier", ""))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SettingsError(f"This is no cut table ({error!r}): make one with `samewise tune --write`.") from error
        table = cls(cuts, sets, verifier)
        table.check()
        return table

    def values(self) -> dict[str, Any]:
        """As JSON holds it."""
        sets = [
            {"name": one.name, "language": one.language, "served": list(one.served), "wrong": list(one.wrong)}
            | ({"worth": list(one.worth)} if one.worth else {})
            for one in self.sets
        ]
        said = {"verifier": self.verifier} if self.verifier else {}
        return {**said, "cuts": list(self.cuts), "sets": sets}

    def check(self) -> None:
        """Refuse what counts cannot be.

        Raises:
            SettingsError: Cuts that do not ascend in (0, 1), counts that grow with the cut, more wrong than served, or
                more independent pairs than served ones.
        """
        if any(not 0.0 < one < 1.0 for one in self.cuts) or list(self.cuts) != sorted(set(self.cuts)):
            raise SettingsError("The cuts of a cut table must ascend between 0 and 1.")
        for one in self.sets:
            if len(one.served) != len(self.cuts) or len(one.wrong) != len(self.cuts):
                raise SettingsError(f"The set {one.name!r} of a cut table has not one count for each of its cuts.")
            if any(not 0 <= wrong <= served for wrong, served in zip(one.wrong, one.served, strict=True)):
                raise SettingsError(f"The set {one.name!r} of a cut table has more wrong pairs than served ones.")
            if len(one.worth) not in (0, len(self.cuts)) or any(
                not 0.0 <= worth <= served for worth, served in zip(one.worth, one.served, strict=False)
            ):
                raise SettingsError(f"The set {one.name!r} of a cut table is worth more pairs than it serves.")
            if list(one.served) != sorted(one.served, reverse=True):
                raise SettingsError(f"The set {one.name!r} of a cut table serves more at a stricter cut.")

    def cut(self, budget: Budget) -> Cut:
        """The loosest cut that keeps the budget over all sets together, and that no set by itself speaks against.

        Over all sets, the upper bound must be within the budget. A single set has too few pairs for that; it speaks
        against a cut when more of it than the budget is likely to be wrong. What is asked in use is more like one of
        the sets than like their mean, and nobody knows which.
        """
        enough = _needed(0.0, budget)
        best = self._promised(budget)
        if best is not None:
            return best
        strict, refused = self._strict(budget), self._refused(budget, enough)
        if strict is None or strict.probability is None:
            return refused
        looser = self._looser(budget)
        if looser is not None and looser.probability is not None and looser.probability > strict.probability:
            strict = looser  # what may not be promised is never served more freely than what may
        return _stands_in(strict, budget, refused)

    def _looser(self, budget: Budget) -> Cut | None:
        """What is promised for the next looser budget that is."""
        share = budget.wrong_hits * 1.25
        while share < 1.0:
            cut = self._promised(Budget(share, budget.confidence))
            if cut is not None:
                return cut
            share *= 1.25
        return None

    def _promised(self, budget: Budget) -> Cut | None:
        """The loosest cut of the sequences that are tried.

        Of the fewest pairs that could prove the budget not one may be wrong, and one is, sooner or later. So a second
        sequence starts where a third of the budget may be wrong, if any cut has so many pairs, and the two share the
        doubt that the budget leaves. How many pairs there are says nothing of how many are wrong: the bound is exact.
        """
        shared = replace(budget, confidence=(1.0 + budget.confidence) / 2)
        later, most = _needed(budget.wrong_hits / 3, shared), max(map(self._worth, range(len(self.cuts))), default=0.0)
        if most >= later > _needed(0.0, shared):
            found = [self._last_kept(shared, start) for start in (_needed(0.0, shared), later)]
        else:
            found = [self._last_kept(budget, _needed(0.0, budget))]
        places = [place for place in found if place is not None]
        return self._at(min(places), budget) if places else None

    def _last_kept(self, budget: Budget, fewest: int, *, through: bool = False) -> int | None:
        """From the strictest cut with so many pairs down: the place of the last one before the first that fails. With
        `through`, which promises nothing, only a set that speaks against a cut fails it, and no bound above the budget.
        """
        best: int | None = None
        for place in range(len(self.cuts) - 1, -1, -1):
            cut = self._at(place, budget)
            if cut.worth < fewest:
                continue
            if self._spoken_against(place, budget) or (cut.upper > budget.wrong_hits and not through):
                break
            if cut.upper <= budget.wrong_hits:
                best = place
        return best

    def _strict(self, budget: Budget) -> Cut | None:
        """The loosest cut whose own bound keeps the budget, though that of a stricter one did not; where there is none,
        one that is stricter than the loosest at which no pair was seen to be wrong: it serves nine tenths of its.

        That one ends where the first wrong pair stands, and so looks better than it is. Where a wrong label stands
        among the surest pairs, half of the budget may be wrong: one label alone proves nothing, and so ends nothing.
        """
        likely = self._last_kept(budget, _FEWEST, through=True)
        if likely is not None:
            return self._at(likely, budget)
        loosest = self._loosest(budget, 0.0)
        if loosest is None:
            return self._loosest(budget, budget.wrong_hits / 2)
        cuts = [self._at(place, budget) for place in range(len(self.cuts))]
        fewer = [cut for cut in cuts if cut.worth >= _FEWEST and cut.served <= _KEPT_OF_STRICT * loosest.served]
        return fewer[0] if fewer else loosest

    def _loosest(self, budget: Budget, share: float) -> Cut | None:
        """The loosest cut at which such a share was seen to be wrong at most, before a set speaks against one."""
        best: Cut | None = None
        for place in range(len(self.cuts) - 1, -1, -1):
            cut = self._at(place, budget)
            if self._spoken_against(place, budget):
                break
            if cut.worth >= _FEWEST and cut.wrong <= share * cut.served:
                best = cut
        return best

    def _at(self, place: int, budget: Budget) -> Cut:
        """A cut with what is known of it."""
        served, wrong, worth = self._total(place)
        return Cut(self.cuts[place], served, wrong, worth, _upper(wrong, served, worth, budget.confidence))

    def _worth(self, place: int) -> float:
        return self._total(place)[2]

    def _total(self, place: int) -> tuple[int, int, float]:
        """Served and wrong pairs of all sets, and how many independent ones they are worth."""
        served, wrong = sum(one.served[place] for one in self.sets), sum(one.wrong[place] for one in self.sets)
        squared = sum(one.served[place] ** 2 / one.independent(place) for one in self.sets if one.served[place])
        return served, wrong, served**2 / squared if squared else 0.0

    def _spoken_against(self, place: int, budget: Budget) -> bool:
        return any(_speaks(one, place, budget) for one in self.sets if one.wrong[place])

    def _refused(self, budget: Budget, enough: int) -> Cut:
        wanted = _wanted(budget)
        cuts = [self._at(place, budget) for place in range(len(self.cuts))]
        fair = [cut for cut in cuts if cut.worth >= enough]
        if fair:
            best = fair[-1]
            return Cut(
                None,
                refusal=f"no cut keeps {wanted}: the strictest one still has {best.wrong} wrong of {best.served} pairs",
            )
        most = max(cuts, key=lambda cut: cut.worth, default=Cut(None))
        there = f"{most.served}" + (f", worth {most.worth:.0f}" if round(most.worth) < most.served else "")
        missing = math.ceil(enough - most.worth)
        return Cut(
            None,
            refusal=f"{wanted} takes {enough} served pairs, none wrong; there are {there}, {missing} are missing",
            missing_labels=missing,
        )


def _speaks(one: LabelledSet, place: int, budget: Budget) -> bool:
    """Whether a set, some of it wrong, speaks against a cut."""
    served, wrong = one.served[place], one.wrong[place]
    # One wrong label alone says something only where so few are served that it is beyond chance.
    confidence = budget.confidence if wrong == 1 else min(budget.confidence, _SPEAKS)
    return 1.0 - _upper(served - wrong, served, one.independent(place), confidence) > budget.wrong_hits


def _stands_in(strict: Cut, budget: Budget, refused: Cut) -> Cut:
    """The strict rule, with what is missing to promise the budget for it; or what `refused` says, where labels do not
    help."""
    from semantic_cache.tuning.evidence import served_needed  # noqa: PLC0415  (scipy loads slowly)

    needed = served_needed(strict.wrong / strict.served, budget.wrong_hits, budget.confidence)
    if needed is None:
        return replace(strict, refusal=refused.refusal, missing_labels=refused.missing_labels)
    there = f"the strict rule that stands in has {strict.served}, worth {strict.worth:.0f}, {strict.wrong} wrong"
    if strict.upper <= budget.wrong_hits:
        return replace(strict, refusal=f"{_wanted(budget)} is kept here, but not at all stricter cuts: {there}")
    missing = max(1, math.ceil(needed - strict.worth))
    takes = f"{_wanted(budget)} takes {needed} served pairs, none of them alike and no larger share wrong"
    return replace(strict, refusal=f"{takes}; {there}: {missing} are missing", missing_labels=missing)


def _needed(share: float, budget: Budget) -> int:
    """So many pairs, such a share of them wrong, prove the budget."""
    from semantic_cache.tuning.evidence import served_needed  # noqa: PLC0415  (scipy loads slowly)

    return served_needed(share, budget.wrong_hits, budget.confidence) or 0


def _wanted(budget: Budget) -> str:
    return f"a budget of {budget.wrong_hits:g} at {budget.confidence:.0%} confidence"


def _upper(wrong: int, served: int, worth: float, confidence: float) -> float:
    """Upper confidence bound of the share of wrong pairs, as if `worth` independent ones had been seen."""
    from semantic_cache.tuning.evidence import upper_bound  # noqa: PLC0415  (scipy loads slowly)

    return float(upper_bound(wrong * worth / served, worth, confidence)) if served else 1.0


def _set_of(values: Mapping[str, Any]) -> LabelledSet:
    served, wrong = tuple(map(int, values["served"])), tuple(map(int, values["wrong"]))
    return LabelledSet(values["name"], values["language"], served, wrong, tuple(map(float, values.get("worth", ()))))
