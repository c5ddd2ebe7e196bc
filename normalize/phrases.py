"""Finding and replacing runs of tokens: the longest phrase wins, left to right, one pass."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from normalize.question import Step

Tokens = tuple[str, ...]

ARTICLES: Final = frozenset({"a", "an", "the"})
SYMMETRIC: Final = frozenset({"a", "b"})  # the slots whose fillers may change places


@dataclass(frozen=True, slots=True)
class Phrase:
    """`before` found becomes `after` (nothing: it is removed) by `rule`."""

    before: Tokens
    after: Tokens
    rule: str

    def step(self) -> Step:
        return Step(self.rule, " ".join(self.before), " ".join(self.after))


class PhraseTable:
    """Phrases by their first token."""

    def __init__(self, phrases: Iterable[Phrase] = ()) -> None:
        self._by_first: dict[str, list[Phrase]] = {}
        for phrase in sorted(phrases, key=lambda p: -len(p.before)):
            self._by_first.setdefault(phrase.before[0], []).append(phrase)

    def at(self, tokens: Sequence[str], start: int) -> Phrase | None:
        """The longest phrase that begins at `start`."""
        for phrase in self._by_first.get(tokens[start], ()):
            if len(phrase.before) == 1 or tuple(tokens[start : start + len(phrase.before)]) == phrase.before:
                return phrase
        return None

    def is_disjoint(self, tokens: Sequence[str]) -> bool:
        """Whether no phrase begins with any of `tokens`."""
        return self._by_first.keys().isdisjoint(tokens)

    def ending(self, tokens: Sequence[str]) -> Phrase | None:
        """The longest phrase that `tokens` end with."""
        for start in range(len(tokens)):
            phrase = self.at(tokens, start)
            if phrase is not None and start + len(phrase.before) == len(tokens):
                return phrase
        return None

    def rewrite(self, tokens: list[str], steps: list[Step]) -> list[str]:
        """`tokens` with every phrase replaced; what was put in is not searched again."""
        if self.is_disjoint(tokens):
            return tokens
        result: list[str] = []
        at = 0
        while at < len(tokens):
            phrase = self.at(tokens, at)
            if phrase is None:
                result.append(tokens[at])
                at += 1
            else:
                result.extend(phrase.after)
                steps.append(phrase.step())
                at += len(phrase.before)
        return result


@dataclass(frozen=True, slots=True)
class Pattern:
    """Fixed words around named slots: `parts` before, between and behind the `slots`, in order."""

    parts: tuple[Tokens, ...]
    slots: tuple[str, ...]

    def __str__(self) -> str:
        return " … ".join(map(" ".join, self.parts))

    def fillers(self, tokens: Sequence[str]) -> dict[str, Tokens] | None:
        """What stands in each slot; None where the words do not fit, or fit in two ways."""
        start, end = len(self.parts[0]), len(tokens) - len(self.parts[-1])
        if start >= end or tuple(tokens[:start]) != self.parts[0] or tuple(tokens[end:]) != self.parts[-1]:
            return None
        if len(self.slots) == 1:
            return {self.slots[0]: tuple(tokens[start:end])}
        between = self.parts[1]
        places = [at for at in range(start + 1, end - len(between)) if tuple(tokens[at : at + len(between)]) == between]
        if len(places) != 1:
            return None
        behind = places[0] + len(between)
        return {self.slots[0]: tuple(tokens[start : places[0]]), self.slots[1]: tuple(tokens[behind:end])}

    def filled(self, fillers: Mapping[str, Tokens]) -> list[str]:
        """The words with each slot filled."""
        words = list(self.parts[0])
        for slot, part in zip(self.slots, self.parts[1:], strict=True):
            words += (*fillers[slot], *part)
        return words


@dataclass(frozen=True, slots=True)
class Frame:
    """`before` becomes `after`. The names of the slots say what fits into them (top of lexicons/en.yaml)."""

    before: Pattern
    after: Pattern
    rule: str

    def step(self) -> Step:
        return Step(self.rule, str(self.before), str(self.after))


class FrameTable:
    """Frames by their first two tokens, their first, or their last where they begin with a slot.

    `interrogatives` begin what fills {q}; at `borders` a single thing ends, which is what fills {a} and {b}.
    """

    def __init__(
        self, frames: Iterable[Frame], interrogatives: Set[str] = frozenset(), borders: Set[str] = frozenset()
    ) -> None:
        self._interrogatives = interrogatives
        self._borders = borders - ARTICLES
        self._by_edge: dict[Tokens, list[Frame]] = {}
        for frame in frames:
            edge = frame.before.parts[0][:2] or ("…", frame.before.parts[-1][-1])
            self._by_edge.setdefault(edge, []).append(frame)

    def rewritten(self, tokens: Sequence[str]) -> tuple[Frame, list[str]] | None:
        """The most specific frame around `tokens`, and the words that it puts there; None where there is none."""
        edges = (tuple(tokens[:2]), (tokens[0],), ("…", tokens[-1]))
        candidates = [frame for edge in dict.fromkeys(edges) for frame in self._by_edge.get(edge, ())]
        for frame in sorted(candidates, key=_breadth):
            fillers = frame.before.fillers(tokens)
            if fillers is not None and all(self._fits(slot, words) for slot, words in fillers.items()):
                return frame, frame.after.filled(_ordered(fillers))
        return None

    def _fits(self, slot: str, words: Tokens) -> bool:
        if slot == "q":
            return words[0] in self._interrogatives
        if slot == "ing":
            return words[0].endswith("ing")
        if slot in SYMMETRIC:
            inner = words[1:] if words[0] in ARTICLES else words
            return bool(inner) and all(word[0].isalnum() and word not in self._borders for word in inner)
        return True


def _breadth(frame: Frame) -> int:
    return -sum(map(len, frame.before.parts))


def _ordered(fillers: dict[str, Tokens]) -> dict[str, Tokens]:
    """{a} and {b} may change places: they stand in alphabetical order, an article not counted."""
    if SYMMETRIC.isdisjoint(fillers):
        return fillers
    return dict(zip(("a", "b"), sorted(fillers.values(), key=_without_article), strict=True))


def _without_article(words: Tokens) -> tuple[Tokens, Tokens]:
    return (words[1:] if words[0] in ARTICLES else words), words


class Finder:
    """Labels phrases without changing them. A word ending in `*` stands for every word that begins so."""

    def __init__(self, labels: Iterable[tuple[Tokens, str]] = ()) -> None:
        exact, self._prefixes = [], dict[str, str]()
        for words, label in labels:
            if len(words) == 1 and words[0].endswith("*"):
                self._prefixes[words[0][:-1]] = label
            else:
                exact.append(Phrase(words, (label,), ""))
        self._table = PhraseTable(exact)
        longest_first = "|".join(map(re.escape, sorted(self._prefixes, key=len, reverse=True)))
        self._prefix = re.compile(longest_first) if longest_first else None
        self._any_prefix = re.compile(f"(?:^|\n)(?:{longest_first})") if longest_first else None

    def labels(self, tokens: Sequence[str]) -> list[str]:
        """The label of every phrase in `tokens`, in order."""
        if self._table.is_disjoint(tokens) and not (self._any_prefix and self._any_prefix.search("\n".join(tokens))):
            return []  # most questions have nothing of most kinds
        found: list[str] = []
        at = 0
        while at < len(tokens):
            phrase = self._table.at(tokens, at)
            if phrase is not None:
                found.extend(phrase.after)
            elif self._prefix is not None and (prefix := self._prefix.match(tokens[at])) is not None:
                found.append(self._prefixes[prefix[0]])
            at += len(phrase.before) if phrase else 1
        return found

    def any(self, tokens: Sequence[str]) -> bool:
        return bool(self.labels(tokens))
