"""Which words a language has, and how frequent they are: wordfreq's lists, loaded when first asked.

wordfreq (https://github.com/rspeer/wordfreq) counts words, names and brands among them, over books, news, subtitles and
the web. Frequencies are on the Zipf scale: 3 is once in a million words, 6 once in a thousand.
"""

import math
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Final

LANGUAGES: Final = frozenset({"en", "es", "pt", "ru"})
_LOCK = threading.Lock()
_KNOWN: Final = 1.9  # below it stand misspellings and noise, and rare names; Redis and Splunk stand above
_SHORT: Final = {1: 5.0, 2: 5.0, 3: 5.0, 4: 5.0, 5: 4.5, 6: 3.7, 7: 3.4}
_LONG: Final = 3.0  # a longer word may be so much rarer: little else is one slip away


@dataclass(frozen=True, slots=True)
class Words:
    """`listed`: every word there is, with its share of all words; `known`: those that surely are words.

    `frequent` are the words that a typo is taken for, by their length: the shorter, the more frequent they must be.
    """

    listed: Mapping[str, float] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    frequent: Mapping[int, Sequence[str]] = field(default_factory=dict)

    def near_in_length(self, word: str) -> list[str]:
        """The frequent words that one edit could make of `word`."""
        return [other for length in (-1, 0, 1) for other in self.frequent.get(len(word) + length, ())]

    def zipf(self, word: str) -> float:
        """How frequent `word` is, 0 where it is in no list."""
        share = self.listed.get(word)
        return math.log10(share) + 9 if share else 0.0

    def is_frequent(self, word: str) -> bool:
        """Whether `word` is as frequent as a word of its length must be for a typo to be taken for it."""
        return self.zipf(word) >= _SHORT.get(len(word), _LONG)


def words(language: str) -> Words:
    """The words of `language`; none where there is no list. The first call of a language takes 0.1 to 0.6 s."""
    with _LOCK:
        return _words(language)


@lru_cache(maxsize=8)
def _words(language: str) -> Words:
    if language not in LANGUAGES:
        return Words()
    from wordfreq import get_frequency_dict  # noqa: PLC0415  (its lists take 40 MB a language)

    listed = get_frequency_dict(language, "best")
    least = {length: 10 ** (zipf - 9) for length, zipf in _SHORT.items()}
    known, rare = 10 ** (_KNOWN - 9), 10 ** (_LONG - 9)
    often = (word for word, share in listed.items() if share >= least.get(len(word), rare) and word.isalpha())
    return Words(listed, frozenset(word for word, share in listed.items() if share >= known), by_length(often))


@cache
def shares(language: str) -> Mapping[str, float]:
    """The share of each of a language's frequent words, of all its words; error: LookupError for one without a list.

    Read from the list itself: to look a word up, wordfreq would want a tokenizer of its own for Korean. Some 30,000
    words, in 20 ms and 3 MB.
    """
    from wordfreq import get_frequency_dict  # noqa: PLC0415  (its lists take a while to load)

    listed: Mapping[str, float] = get_frequency_dict(language, "small")
    return listed


def by_length(often: Iterable[str]) -> dict[int, Sequence[str]]:
    """Words by their number of letters."""
    found: dict[int, list[str]] = defaultdict(list)
    for word in often:
        found[len(word)].append(word)
    return dict(found)
