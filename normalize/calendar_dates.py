"""Calendar dates in one form: March 3rd, 2025 = 3 March 2025 = 2025-03-03; 20 de marzo = --03-20.

A date in figures alone keeps its form where two countries would read it in two ways (03/04/2025 in English).
"""

import re
from typing import Final

from normalize.lexicon import Lexicon
from normalize.question import Step
from normalize.tokens import Sentence

_MONTHS: Final = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)
_DAY: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th|º|-?го|-?е)?")
_YEAR: Final = re.compile(r"((?:19|20)\d{2})(?:year)?")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-]((?:19|20)\d{2})")
_YEAR_FIRST: Final = re.compile(r"((?:19|20)\d{2})[./-](\d{1,2})[./-](\d{1,2})")
_FIGURE: Final = re.compile(r"(?:^|\n)\d")
_BETWEEN: Final = frozenset({"of", "de", "del", "do", "the", ","})
_BEHIND: Final = frozenset({"года", "г"})
_DAY_FIRST_IN: Final = frozenset({"ru", "pt", "es"})


def calendar_dates(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Brings the dates of one sentence to one form; mutates it."""
    if _FIGURE.search("\n".join(sentence.tokens)) is None:
        return
    months = {
        entry.words: _MONTHS.index(entry.result) + 1
        for entry in lexicon.entries.get("dates", ())
        if entry.result in _MONTHS
    }
    tokens, result, at = sentence.tokens, list[str](), 0
    while at < len(tokens):
        date, used = _date(tokens, at, months, lexicon.language)
        if used and result and result[-1] in {"the", "el"}:
            result.pop()
        result.append(date if used else tokens[at])
        at += used or 1
    if result != tokens:
        steps.append(Step(f"{lexicon.language}.date", " ".join(tokens), " ".join(result)))
        sentence.tokens = result


def _date(tokens: list[str], at: int, months: dict[str, int], language: str) -> tuple[str, int]:
    """The date that begins at `at` and how many tokens it takes; 0 where none does."""
    token = tokens[at]
    if (figures := _YEAR_FIRST.fullmatch(token)) is not None:
        return _iso(figures[1], int(figures[2]), int(figures[3])), 1
    if language in _DAY_FIRST_IN and (figures := _DAY_FIRST.fullmatch(token)) is not None:
        return _iso(figures[3], int(figures[2]), int(figures[1])), 1
    end = _skip(tokens, at + 1)
    if end >= len(tokens):
        return "", 0
    if token in months and (day := _DAY.fullmatch(tokens[at + 1])) is not None:
        month, number, end = months[token], int(day[1]), at + 2
    elif (day := _DAY.fullmatch(token)) is not None and tokens[end] in months:
        month, number, end = months[tokens[end]], int(day[1]), end + 1
    else:
        return "", 0
    year = _skip(tokens, end)
    if year < len(tokens) and (written := _YEAR.fullmatch(tokens[year])) is not None:
        behind = year + 1 < len(tokens) and tokens[year + 1] in _BEHIND
        return _iso(written[1], month, number), year + 1 + behind - at
    return _iso("-", month, number), end - at


def _skip(tokens: list[str], at: int) -> int:
    while at < len(tokens) and tokens[at] in _BETWEEN:
        at += 1
    return at


def _iso(year: str, month: int, day: int) -> str:
    return f"{year}-{month:02d}-{day:02d}"
