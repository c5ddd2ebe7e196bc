"""Finding and replacing runs of tokens: the longest phrase wins, left to right, one pass."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from normalize.question import Step

Tokens = tuple[str, ...]


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
class Frame:
    """`start … end` becomes `new_start … new_end`; with `asks_next` the middle must begin with an interrogative."""

    start: Tokens
    end: Tokens
    new_start: Tokens
    new_end: Tokens
    asks_next: bool
    rule: str

    def fits(self, tokens: Sequence[str], interrogatives: frozenset[str]) -> bool:
        first, last = len(self.start), len(tokens) - len(self.end)
        if first >= last or tuple(tokens[:first]) != self.start or tuple(tokens[last:]) != self.end:
            return False
        return not self.asks_next or tokens[first] in interrogatives

    def apply(self, tokens: list[str]) -> list[str]:
        return [*self.new_start, *tokens[len(self.start) : len(tokens) - len(self.end)], *self.new_end]

    def step(self) -> Step:
        return Step(
            self.rule,
            " … ".join(map(" ".join, (self.start, self.end))),
            " … ".join(map(" ".join, (self.new_start, self.new_end))),
        )


class FrameTable:
    """Frames by their first token, or by their last where they begin with the slot."""

    def __init__(self, frames: Iterable[Frame], interrogatives: frozenset[str]) -> None:
        self._interrogatives = interrogatives
        self._by_edge: dict[str, list[Frame]] = {}
        for frame in sorted(frames, key=lambda f: -len(f.start) - len(f.end)):
            edge = frame.start[0] if frame.start else "…" + frame.end[-1]
            self._by_edge.setdefault(edge, []).append(frame)

    def find(self, tokens: Sequence[str]) -> Frame | None:
        """The most specific frame around `tokens`."""
        candidates = [*self._by_edge.get(tokens[0], ()), *self._by_edge.get("…" + tokens[-1], ())]
        return next((frame for frame in candidates if frame.fits(tokens, self._interrogatives)), None)


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
