"""Numbers in words: `one hundred and ninety-six`, `dois mil e quinze`, `двести двадцать` → their value."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final

from normalize.lexicon import Lexicon

_MOST_TOKENS: Final = 24
_TEN: Final = 10
_HUNDRED: Final = 100
_ARTICLE: Final = {"en": "a"}  # a hundred and fifty; in other languages a preposition


def spoken(tokens: Sequence[str], at: int, lexicon: Lexicon) -> tuple[int, int]:
    """The value of the longest number in words that begins at `at`, and how many tokens it takes; (0, 0) for none.

    A number never ends before a word that would multiply it: "between two thousand and three thousand" holds two. The
    word for one is a pronoun or an article as often as a number, and a multiplier without a number before it as often
    a manner of speaking (mil gracias): alone neither is taken, but for a multiplier before a unit.
    """
    is_article = tokens[at] == _ARTICLE.get(lexicon.language)
    skipped = int(is_article and at + 1 < len(tokens) and tokens[at + 1] in lexicon.multipliers)
    start = at + skipped
    run: list[list[str]] = []
    while start + len(run) < len(tokens) and len(run) < _MOST_TOKENS:
        words = tokens[start + len(run)].split("-")
        if not all(_is_part(word, lexicon) for word in words):
            break
        run.append(words)
    for length in range(len(run), 0, -1):
        if length < len(run) and run[length][0] in lexicon.multipliers:
            continue
        value = _value([word for words in run[:length] for word in words], lexicon)
        if value is None or (length == 1 and value == 1):
            continue
        bare = length == 1 and run[0][0] in lexicon.multipliers
        if not bare or _stands_for_one(tokens, at, start, lexicon):
            return value, skipped + length
    return 0, 0


def _stands_for_one(tokens: Sequence[str], at: int, start: int, lexicon: Lexicon) -> bool:
    """Whether a multiplier alone is one thousand: before a unit, and behind no number (2.5 million euros)."""
    follows_number = at > 0 and tokens[at - 1][-1:].isdigit()
    return not follows_number and start + 1 < len(tokens) and lexicon.units.at(tokens, start + 1) is not None


def _is_part(word: str, lexicon: Lexicon) -> bool:
    return (
        word in lexicon.numbers
        or word in lexicon.multipliers
        or any(word in _joints(lexicon, n) for n in (_TEN, _HUNDRED))
    )


def _joints(lexicon: Lexicon, section: int) -> Set[str]:
    """The words that may join another number word to what was said: to tens, or to hundreds and thousands."""
    return lexicon.words.get("joints.tens" if section % _HUNDRED else "joints.hundreds", frozenset())


def _value(words: Sequence[str], lexicon: Lexicon) -> int | None:
    """The value of all the words together; None where they are no one number: forty forty, one hundred two hundred."""
    said = _Said()
    for word in words:
        if word in lexicon.multipliers:
            fits = said.multiply(lexicon.multipliers[word])
        elif word in lexicon.numbers:
            value = lexicon.numbers[word]
            # Behind a number un and uma are articles, unless y and e join them to it: dos mil una familia.
            is_article = value == 1 and bool(lexicon.words.get("joints.tens")) and not said.joint
            fits = not (is_article and said.is_begun) and said.add(value, _joints(lexicon, said.section))
        else:
            fits = said.join(word)
        if not fits:
            return None
    return None if said.joint else said.total + said.section


@dataclass(slots=True)
class _Said:
    """What of a number was said: `total` up to the last thousand or million, `section` behind it."""

    total: int = 0
    section: int = 0
    last: int = 0
    """That thousand or million."""
    joint: str = ""
    """A joint that waits for its number."""
    joined: bool = False

    @property
    def is_begun(self) -> bool:
        return bool(self.total or self.section)

    def multiply(self, times: int) -> bool:
        if self.joint:
            return False
        if times == _HUNDRED:
            fits = self.section < _HUNDRED and (self.section > 0 or not self.total)
            self.section = (self.section or 1) * times
        elif not self.last or times < self.last:
            fits = self.section > 0 or not self.total
            self.total, self.section, self.last = self.total + (self.section or 1) * times, 0, times
        else:  # mil millones
            fits = times > self.last and not self.joined
            self.total, self.section, self.last = (self.total + self.section) * times, 0, times
        return fits

    def add(self, value: int, joints: Set[str]) -> bool:
        tens = self.section % _HUNDRED
        fits = value < _HUNDRED if not tens else tens % 10 == 0 and tens > _TEN and value < _TEN
        if (self.section and not fits) or (self.joint and self.joint not in joints):
            return False
        self.section, self.joint, self.joined = self.section + value, "", self.joined or bool(self.joint)
        return True

    def join(self, word: str) -> bool:
        fits = not self.joint and self.is_begun
        self.joint = word
        return fits
