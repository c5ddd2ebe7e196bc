"""Pairs of wordings → rules that would make them one: the narrowest rule that all the evidence for it allows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from normalize.learning_wording import Difference, Wording, differences
from normalize.lexicon import Lexicon
from normalize.phrases import Tokens

Contexts = set[tuple[Tokens, Tokens]]
Sides = tuple[Tokens, Tokens]
_MOST_WORDS: Final = 3
_MOST_INITIALS: Final = 5
_MOST_OF_LONG: Final = 0.6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line of a lexicon: `words` become `result` (nothing: they are dropped) by `section` of `language`."""

    language: str
    section: str
    words: Tokens
    result: Tokens = ()

    def turned(self) -> "Candidate":
        """The same two wordings, led the other way."""
        return Candidate(self.language, self.section, self.result, self.words)


@dataclass(slots=True)
class Evidence:
    """By the two sides of a difference, smaller first: where same pairs differ in nothing else, and how often
    different pairs hold the two against each other."""

    contexts: dict[tuple[str, Sides], Contexts] = field(default_factory=lambda: defaultdict(set))
    opposed: dict[tuple[str, Sides], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, one: Wording, other: Wording, *, same: bool) -> None:
        """Takes in one labelled pair of one language."""
        language = one.question.language
        seen: set[tuple[str, Sides]] = set()
        for found in differences(one, other):
            for difference in found:
                at = (language, _sides(difference))
                if same and len(found) == 1 and _is_small(difference):
                    self.contexts[at].add((difference.before, difference.after))
                elif not same and at not in seen:
                    seen.add(at)
                    self.opposed[at] += 1

    def candidates(
        self, minimum: int, lexicons: Mapping[str, Lexicon], said: Mapping[str, Sequence[Tokens]]
    ) -> Iterator[tuple[Candidate, int]]:
        """Every rule with at least `minimum` contexts, and how many different pairs hold its sides against each other.

        `said` has the words of all texts of a language: what is said more often is what the rule leads to.
        """
        for (language, sides), contexts in self.contexts.items():
            if len(contexts) >= minimum:
                narrow = _narrowed(sides, contexts, lexicons[language].words.get("stopwords", frozenset()))
                yield _candidate(language, narrow, contexts, said[language]), self.opposed.get((language, sides), 0)


def is_abbreviation(short: Tokens, long: Tokens) -> bool:
    """Whether `short` is the initials of `long`, or some of its letters in their order, as in appt for appointment."""
    if len(short) != 1 or not long:
        return False
    letters = short[0].replace(".", "")
    if len(letters) > 1 and len(long) > 1 and letters == "".join(word[0] for word in long):
        return True
    spelt = "".join(long)
    if len(letters) < 2 or len(letters) > _MOST_OF_LONG * len(spelt) or letters[0] != spelt[0]:
        return False
    rest = iter(spelt)
    return all(letter in rest for letter in letters)


def _sides(difference: Difference) -> Sides:
    first, second = sorted((difference.left, difference.right))
    return first, second


def _is_small(difference: Difference) -> bool:
    first, second = _sides(difference)
    if not all(any(letter.isalpha() for letter in word) for word in first + second):
        return False
    longest = max(len(first), len(second))
    is_long_form = longest <= _MOST_INITIALS and (is_abbreviation(first, second) or is_abbreviation(second, first))
    return longest <= _MOST_WORDS or is_long_form


def _narrowed(sides: Sides, contexts: Contexts, stopwords: frozenset[str]) -> Sides:
    """Both sides with the word that follows, or precedes, in every context: `sign`, `log` → `sign in`, `log in`."""
    if not sides[0]:
        return sides
    following = _shared(after[:1] for _, after in contexts)
    preceding = _shared(before[-1:] for before, _ in contexts)
    if preceding and preceding[0] in stopwords:
        preceding = ()
    wide = max(map(len, sides))
    for left, right in ((preceding, following), ((), following), (preceding, ())):
        if wide + len(left) + len(right) <= _MOST_WORDS:
            return left + sides[0] + right, left + sides[1] + right
    return sides


def _shared(words: Iterable[Tokens]) -> Tokens:
    found = set(words)
    only = found.pop() if len(found) == 1 else ()
    return only if all(word.isalpha() for word in only) else ()


def _candidate(language: str, sides: Sides, contexts: Contexts, said: Sequence[Tokens]) -> Candidate:
    first, second = sides
    if not first:
        return Candidate(language, _where_dropped(contexts), second)
    for short, long in (sides, (second, first)):
        if is_abbreviation(short, long):
            return Candidate(language, "abbreviations", short, long)
    rarer, common = sorted(sides, key=lambda words: (_times(words, said), -len(words), words))
    return Candidate(language, "synonyms", rarer, common)


def _where_dropped(contexts: Contexts) -> str:
    if all(not before for before, _ in contexts):
        return "openers"
    return "closers" if all(not after for _, after in contexts) else "fillers"


def _times(words: Tokens, said: Sequence[Tokens]) -> int:
    size = len(words)
    return sum(tokens[at : at + size] == words for tokens in said for at in range(len(tokens) - size + 1))
