"""Which words a language has, and how frequent they are: wordfreq's lists, loaded when first asked.

wordfreq (https://github.com/rspeer/wordfreq) counts words, names and brands among them, over books, news, subtitles and
the web. Frequencies are on the Zipf scale: 3 is once in a million words, 6 once in a thousand.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

LANGUAGES: Final = frozenset({"en", "es", "pt", "ru"})
_LOCK = threading.Lock()
_KNOWN: Final = 1.9  # below it stand misspellings and noise; Redis and Splunk stand above
_FREQUENT: Final = 3.7  # about 11,000 English words: what a typo is taken for
_LONG: Final = (8, 3.0)  # a word of so many letters may be so much rarer: little else is one slip away


@dataclass(frozen=True, slots=True)
class Words:
    """`known` words of a language; `frequency` of the frequent ones; these by their length."""

    known: frozenset[str] = frozenset()
    frequency: dict[str, float] = field(default_factory=dict)
    by_length: dict[int, Sequence[str]] = field(default_factory=dict)

    def near_in_length(self, word: str) -> list[str]:
        """The frequent words that one edit could make of `word`."""
        return [other for length in (-1, 0, 1) for other in self.by_length.get(len(word) + length, ())]


def words(language: str) -> Words:
    """The words of `language`; none where there is no list. The first call of a language takes 0.1 to 0.6 s."""
    with _LOCK:
        return _words(language)


@lru_cache(maxsize=8)
def _words(language: str) -> Words:
    if language not in LANGUAGES:
        return Words()
    from wordfreq import get_frequency_dict  # noqa: PLC0415  (its lists take 40 MB a language)

    frequencies = get_frequency_dict(language, "best")
    least, frequent, rare = (10 ** (zipf - 9) for zipf in (_KNOWN, _FREQUENT, _LONG[1]))
    often = {
        word: value
        for word, value in frequencies.items()
        if value >= (frequent if len(word) < _LONG[0] else rare) and word.isalpha()
    }
    return Words(frozenset(word for word, value in frequencies.items() if value >= least), often, by_length(often))


def by_length(listed: Iterable[str]) -> dict[int, Sequence[str]]:
    """Words by their number of letters."""
    found: dict[int, list[str]] = defaultdict(list)
    for word in listed:
        found[len(word)].append(word)
    return dict(found)
