"""Named things in a text: capitals inside a sentence, acronyms, Latin words in Korean and Russian. Conservative."""

import re
from collections.abc import Iterator
from typing import Final

from normalize.facts.stems import stem
from normalize.lexicon import Lexicon

_WORD: Final = re.compile(r"[^\W\d_][\w'&]*(?:[-.][^\W_]+)*")
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9&]*(?:[-.+][A-Za-z0-9]+)*")
_CYRILLIC_OR_HANGUL: Final = re.compile("[\u0400-\u04ff\uac00-\ud7a3]")
_SENTENCE_END: Final = re.compile(r"(?:(?:^|\n)\s*(?:#{1,6}|>)?|[.!?:;\n\"'(\[*]|[¿¡])\s*$")
_QUOTED: Final = re.compile(r"```.*?```|`[^`]*`|\"[^\"]*\"|\S+(?:://|@)\S+|www\.\S+", re.DOTALL)
_TITLE_SHARE: Final = 0.5
_OWN_SCRIPT: Final = frozenset({"ko", "ru"})
_NOT_NAMES: Final = frozenset(
    {
        "i",
        "i'm",
        "i've",
        "i'd",
        "i'll",
        "ok",
        "a",
        "faq",
        "vs",
        "am",
        "pm",
        "a.m",
        "p.m",
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
    }
)


def names(text: str, lexicon: Lexicon) -> set[str]:
    """The names in `text`, in lower case; none where capitals say nothing (all upper case, or A Headline)."""
    says_nothing = text[1:].replace(" I ", " ").islower() if lexicon.language not in _OWN_SCRIPT else False
    if says_nothing or (text.isupper() and lexicon.language != "ko"):
        return set()
    text = _QUOTED.sub(" . ", text) if any(mark in text for mark in '`"@/') else text
    found = set(_in_another_script(text) if _CYRILLIC_OR_HANGUL.search(text) else ())
    if lexicon.language != "ko":
        found.update(_by_capitals(text, lexicon))
    return {name for name in found if name not in _NOT_NAMES and not _is_date(name, lexicon)}


def _in_another_script(text: str) -> Iterator[str]:
    return (found[0].lower() for found in _LATIN.finditer(text) if len(found[0]) > 1)


def _by_capitals(text: str, lexicon: Lexicon) -> Iterator[str]:
    words = list(_WORD.finditer(text))
    inside = [word for word in words if not _SENTENCE_END.search(text, 0, word.start())]
    capitals = [word for word in inside if word[0][0].isupper()]
    plain = [word for word in inside if len(word[0]) > 3]
    headline = len(capitals) > 2 and len([w for w in plain if w[0][0].isupper()]) > _TITLE_SHARE * len(plain)
    for word in words:
        if _is_mixed(word[0]) or (word in capitals and not headline):
            yield stem(word[0].lower().removesuffix("'s"), "ru" if lexicon.language == "ru" else "")


def _is_mixed(word: str) -> bool:
    """USA, iPhone, PayPal, S24: told from a word at the beginning of a sentence by more than its first letter."""
    return len(word) > 1 and (any(map(str.isupper, word[1:])) or (word[0].isupper() and any(map(str.isdecimal, word))))


def _is_date(name: str, lexicon: Lexicon) -> bool:
    return lexicon.dates.any((name,)) or lexicon.times.any((name,))
