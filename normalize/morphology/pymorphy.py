"""Russian words through pymorphy3: base form and the grammar that matters here. Loaded at the first Russian question.

pymorphy3 (https://github.com/no-plagiarism/pymorphy3) reads the OpenCorpora dictionary; a word is analysed alone, so
where one form has two cases (заказ) the likelier is taken, the same each time.
"""

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Form:
    """`base` form and OpenCorpora's grammemes: `part` of speech (`NOUN`, `VERB`), `case`, `plural`, `tense`, `person`,
    `animate`; `known`: the word stands in the dictionary. Empty where a word has none."""

    base: str
    part: str
    case: str
    plural: bool
    tense: str
    person: str
    animate: bool
    known: bool


@lru_cache(maxsize=1)
def _analyser() -> Any:
    from pymorphy3 import MorphAnalyzer  # noqa: PLC0415  (its dictionary takes 30 MB: only where Russian is asked)

    return MorphAnalyzer(lang="ru")


@lru_cache(maxsize=50_000)
def form(word: str) -> Form:
    """The likeliest reading of `word`. About 0.1 ms for a word that was not asked before."""
    with _LOCK:
        parsed = _analyser().parse(word)[0]
    tag = parsed.tag
    return Form(
        base=str(parsed.normal_form).replace("ё", "е"),
        part=str(tag.POS or ""),
        case=str(tag.case or ""),
        plural=tag.number == "plur",
        tense=str(tag.tense or ""),
        person=str(tag.person or ""),
        animate=tag.animacy == "anim",
        known=bool(parsed.is_known),
    )
