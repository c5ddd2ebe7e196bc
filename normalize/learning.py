"""Confirmed pairs → lines for a lexicon, with the evidence for each. Nothing is learnt until a person accepts one.

A rule is suggested where pairs that people judged to mean the same differ in it alone. It is then tried on every pair:
what it really joins is counted, and one pair judged different that it would join refuses it.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from normalize.errors import LexiconError
from normalize.language import UNDETERMINED
from normalize.learning_candidates import Candidate, Evidence
from normalize.learning_refusals import refusal
from normalize.learning_trial import Outcome, attempt
from normalize.learning_wording import Labelled, Wording, Wordings

_Z: Final = 1.6449  # one-sided, 95 %
_LEAST_BOUND: Final = 0.5
_MOST_EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One rule and what the pairs say about it.

    `number` counts from 1; 0 for a refused one, whose reason is `refused`. `support` counts the distinct questions in
    which it joins pairs that mean the same; `against` the pairs judged different that it would join or that hold its
    two sides against each other. `bound` in [0, 1]: the share of such pairs that means the same, at least, with 95 %
    confidence.
    """

    candidate: Candidate
    support: int
    against: int
    examples: tuple[tuple[str, str], ...] = ()
    refused: str = ""
    number: int = 0

    @property
    def bound(self) -> float:
        return wilson_lower_bound(self.support, self.support + self.against)

    @property
    def evidence(self) -> str:
        """The counts and an example, in a line."""
        counts = f"{self.support} pair{'s' * (self.support != 1)} for, {self.against} against"
        return f"{counts}; e.g. {self.examples[0][0]} | {self.examples[0][1]}" if self.examples else counts


@dataclass(frozen=True, slots=True)
class Lessons:
    """What labelled pairs teach.

    `joined` pairs mean the same and share a key already, `confused` ones share one and don't mean the same; `left_out`
    ones are of no known language, of two, or not of the one that the judge named.
    """

    suggestions: tuple[Suggestion, ...]
    refused: tuple[Suggestion, ...]
    pairs: int
    joined: int
    confused: int
    left_out: int


@dataclass(frozen=True, slots=True)
class _Read:
    """A labelled pair and the wordings of its two texts, which are of one language."""

    pair: Labelled
    one: Wording
    other: Wording

    @property
    def language(self) -> str:
        return self.one.question.language

    @property
    def is_joined(self) -> bool:
        return self.one.question.key == self.other.question.key

    @property
    def shares_facts(self) -> bool:
        # Names are judged word by word, so that a refusal can say so.
        one, other = (replace(side.question.facts, names=()) for side in (self.one, self.other))
        return one == other


def wilson_lower_bound(right: int, total: int) -> float:
    """The one-sided 95 % lower bound of a share (Wilson, 1927), in [0, 1]; 0 where nothing was counted."""
    if not total:
        return 0.0
    share, square = right / total, _Z * _Z
    spread = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    return max(0.0, (share + square / (2 * total) - spread) / (1 + square / total))


def suggest(pairs: Iterable[Labelled], *, lexicons: Sequence[Path] = (), minimum: int = 3) -> Lessons:
    """The rules that at least `minimum` distinct questions ask for, the best proven first, and those refused.

    `lexicons` are the files in use beside the bundled ones. Errors: LexiconError; ValueError for a `minimum` below 1.
    """
    if minimum < 1:
        raise ValueError(f"minimum is {minimum}: give the least number of supporting questions, at least 1")
    given, wordings = tuple(pairs), Wordings(lexicons)
    read = [one for pair in given if (one := _read(pair, wordings)) is not None]
    found = _Judge(read, wordings, tuple(lexicons), minimum).suggestions()
    kept, refused = _without_chains(found)
    return Lessons(
        suggestions=tuple(replace(one, number=number) for number, one in enumerate(kept, 1)),
        refused=tuple(refused),
        pairs=len(given),
        joined=sum(one.pair.same for one in read if one.is_joined),
        confused=sum(not one.pair.same for one in read if one.is_joined),
        left_out=len(given) - len(read),
    )


def _read(pair: Labelled, wordings: Wordings) -> _Read | None:
    one, other = wordings(pair.question), wordings(pair.other)
    if one is None or other is None:
        return None
    languages = {one.question.language, other.question.language, pair.language or one.question.language}
    return _Read(pair, one, other) if len(languages) == 1 and UNDETERMINED not in languages else None


class _Judge:
    """Finds candidates in labelled pairs and tries each on them."""

    def __init__(self, read: Sequence[_Read], wordings: Wordings, lexicons: tuple[Path, ...], minimum: int) -> None:
        self._read, self._wordings, self._lexicons, self._minimum = read, wordings, lexicons, minimum
        self._names = _names(read)

    def suggestions(self) -> list[Suggestion]:
        """All that the pairs ask for, the best proven first; some of them `refused`."""
        evidence, said = Evidence(), dict[str, list[tuple[str, ...]]]()
        for one in self._read:
            said.setdefault(one.language, []).extend((one.one.tidied, one.other.tidied))
            if not one.is_joined and (one.shares_facts or not one.pair.same):
                evidence.add(one.one, one.other, same=one.pair.same)
        found = dict(evidence.candidates(self._minimum, self._wordings.lexicons, said))
        judged = (self._judged(candidate, opposed) for candidate, opposed in found.items())
        return sorted(filter(None, judged), key=lambda one: (-one.bound, one.candidate.language, one.candidate.words))

    def _judged(self, candidate: Candidate, opposed: int) -> Suggestion | None:
        """The candidate with its evidence; None where it would join too little."""
        reason = refusal(candidate, self._wordings.lexicons[candidate.language], self._names)
        if reason:
            return Suggestion(candidate, 0, opposed, refused=reason)
        try:
            candidate, outcome = self._attempt(candidate)
        except LexiconError as error:
            return Suggestion(candidate, 0, opposed, refused=str(error))
        if outcome.contexts < self._minimum:
            return None
        against = max(opposed, len(outcome.confused))
        examples = tuple((pair.question, pair.other) for pair in outcome.joined[:_MOST_EXAMPLES])
        suggestion = Suggestion(candidate, outcome.contexts, against, examples)
        return replace(suggestion, refused=_objection(outcome, suggestion))

    def _attempt(self, candidate: Candidate) -> tuple[Candidate, Outcome]:
        """The candidate, or the same led the other way where an entry stands in its way, and what it does."""
        try:
            return candidate, self._outcome(candidate)
        except LexiconError:
            if candidate.section != "synonyms":
                raise
            return candidate.turned(), self._outcome(candidate.turned())

    def _outcome(self, candidate: Candidate) -> Outcome:
        touched = [
            one.pair
            for one in self._read
            if one.language == candidate.language
            and (one.one.may_hold(candidate.words) or one.other.may_hold(candidate.words))
        ]
        return attempt(candidate, touched, self._wordings.normalizer, self._lexicons)


def _objection(outcome: Outcome, suggestion: Suggestion) -> str:
    if outcome.confused:
        first = outcome.confused[0]
        others = f" and {len(outcome.confused) - 1} more" if len(outcome.confused) > 1 else ""
        return f"it would join a pair judged different{others}: {first.question!r}, {first.other!r}"
    if outcome.parted:
        return f"it would part a pair that shares a key: {outcome.parted[0].question!r}, {outcome.parted[0].other!r}"
    if suggestion.against and suggestion.bound < _LEAST_BOUND:
        return f"too little evidence: {suggestion.bound:.2f} is proven, {_LEAST_BOUND} is needed"
    return ""


def _names(read: Iterable[_Read]) -> frozenset[str]:
    """Words that at least half of the texts they stand in write with a capital within the sentence."""
    said, named = Counter[str](), Counter[str]()
    for text in {wording.question.text: wording for one in read for wording in (one.one, one.other)}.values():
        said.update(set(text.typed))
        named.update(text.named)
    return frozenset(word for word, times in named.items() if 2 * times >= said[word])


def _without_chains(ranked: Iterable[Suggestion]) -> tuple[list[Suggestion], list[Suggestion]]:
    """Kept, refused: of suggestions that lead on from one another the best proven is kept."""
    kept: list[Suggestion] = []
    refused: list[Suggestion] = []
    for one in ranked:
        clash = next((other for other in kept if _chains(one.candidate, other.candidate)), None)
        if one.refused or clash is None:
            (refused if one.refused else kept).append(one)
        else:
            words = f"{' '.join(clash.candidate.words)} → {' '.join(clash.candidate.result)}"
            reason = f"it makes a chain with the suggestion {words}: accept that one, then ask for suggestions again"
            refused.append(replace(one, refused=reason))
    return kept, refused


def _chains(one: Candidate, other: Candidate) -> bool:
    if one.language != other.language:
        return False
    return one.words in (other.result, other.words) or one.result == other.words
