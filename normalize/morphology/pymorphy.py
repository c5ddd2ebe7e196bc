"""Russian words through pymorphy3: what a word may be by its form alone. Loaded at the first Russian question.

pymorphy3 (https://github.com/no-plagiarism/pymorphy3) reads the OpenCorpora dictionary. A word is read alone, so every
case that its form may have is kept (заказ: nominative and accusative), and the sentence has to tell which it is.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_LOCK = threading.Lock()
_CASES: Final = {"gen1": "gent", "gen2": "gent", "acc2": "accs", "loc1": "loct", "loc2": "loct", "voct": "nomn"}
_DOUBT: Final = 0.5
_NOUNS: Final = frozenset(
    {"данные", "данных", "данным", "данными"}
)  # as often a form of дать in the dictionary's texts


@dataclass(frozen=True, slots=True)
class Reading:
    """One case and number that a form may have; `gender` (`masc`, `femn`, `neut`) is empty in the plural."""

    case: str
    plural: bool
    gender: str


@dataclass(frozen=True, slots=True)
class Form:
    """OpenCorpora's grammemes of a word: `part` of speech (`NOUN`), empty where two are as likely; base form and
    `readings` as that part; `gender` of a noun, `past` of a verb; `known`: the word stands in the dictionary.
    `is_one_word`: not of two base forms at once, as банки is of банк and банка."""

    base: str
    part: str
    gender: str
    readings: frozenset[Reading]
    past: bool
    known: bool
    is_one_word: bool

    @property
    def cases(self) -> frozenset[str]:
        return frozenset(reading.case for reading in self.readings)


@lru_cache(maxsize=1)
def _analyser() -> Any:
    from pymorphy3 import MorphAnalyzer  # noqa: PLC0415  (its dictionary takes 30 MB: only where Russian is asked)

    return MorphAnalyzer(lang="ru")


@lru_cache(maxsize=50_000)
def form(word: str) -> Form:
    """What `word` may be. About 0.1 ms for a word that was not asked before."""
    with _LOCK:
        parses = _analyser().parse(word)
    scores = Counter[str]()
    for parse in parses:
        scores[_part(parse)] += parse.score
    part, score = ("NOUN", scores.total()) if word in _NOUNS else scores.most_common(1)[0]
    own = [parse for parse in parses if _part(parse) == part]
    return Form(
        base=_plain(own[0].normal_form),
        part=part if score >= _DOUBT * scores.total() else "",
        gender=str(own[0].tag.gender or ""),
        readings=frozenset(_reading(parse.tag) for parse in own if parse.tag.case),
        past=str(own[0].tag.tense) == "past",
        known=bool(own[0].is_known),
        is_one_word=len({_plain(parse.normal_form) for parse in own}) == 1,
    )


@lru_cache(maxsize=50_000)
def inflected(word: str, part: str, grammemes: Sequence[str]) -> str:
    """`word` put into the form that the OpenCorpora `grammemes` name; itself where it has no such form."""
    with _LOCK:
        parse = next((parse for parse in _analyser().parse(word) if _part(parse) == part), None)
        found = parse.inflect(frozenset(grammemes)) if parse is not None else None
    return word if found is None else _plain(found.word)


def common(one: Iterable[Reading], other: Iterable[Reading]) -> frozenset[Reading]:
    """The readings in which an adjective and its noun agree."""
    return frozenset(one) & frozenset(other)


def _part(parse: Any) -> str:
    return str(parse.tag.POS or "")


def _reading(tag: Any) -> Reading:
    plural = tag.number == "plur"
    return Reading(_CASES.get(str(tag.case), str(tag.case)), plural, "" if plural else str(tag.gender or ""))


def _plain(word: str) -> str:
    return str(word).replace("ё", "е")
