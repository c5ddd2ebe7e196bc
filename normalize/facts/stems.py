"""Words without their endings, to compare what facts name: `cards` and `card`, `Москвы` and `Москву`. No dictionary."""

import re
from typing import Final

_LEAST: Final = 3
_ENGLISH: Final = re.compile(r"(?:'s?|ing|ed|es|s|e)$")
_ROMANCE: Final = re.compile(r"(?:ções|ção|ciones|ción|aciones|[aeoáéíóú]s?|[ae]r|ir|s)$")
_RUSSIAN: Final = re.compile(
    r"(?:ами|ями|ого|его|ому|ему|ыми|ими|ах|ях|ов|ев|ей|ой|ый|ий|ая|яя|ое|ее|ые|ие|ом|ем|ам|ям|ым|им|ую|юю|ью|ть|ет|ит|"
    r"[аеёиоуыэюяйь])$"
)
_KOREAN_PARTICLE: Final = re.compile(
    r"(?:에서부터|으로부터|에게서|한테서|이라도|에서|에게|한테|으로|까지|부터|보다|이나|라도|처럼|마다|조차|이랑|하고|이|가|은|는|을|를|의|에|로|와|과|도|만|랑)+$"
)
_KOREAN_LIGHT: Final = re.compile(
    r"(?:하|되|받|돼|해|한|된|할|될|받을|하는|되는|받는|하면|되면|했|됐|합니다|됩니다|시키)$"
)
_BY_LANGUAGE: Final = {"en": _ENGLISH, "es": _ROMANCE, "pt": _ROMANCE, "ru": _RUSSIAN}


def stem(word: str, language: str) -> str:
    """`word` without its ending, at least three letters of it; words with digits stay as they are."""
    if not word.isalpha() and "'" not in word:
        return word
    endings = _BY_LANGUAGE.get(language)
    found = endings.search(word) if endings is not None else None
    return word if found is None or found.start() < _LEAST else word[: found.start()]


def noun(word: str) -> str:
    """The noun of a Korean word: 환불을 → 환불, 환불받을 → 환불; a word of one syllable stays."""
    for ending in (_KOREAN_PARTICLE, _KOREAN_LIGHT):
        found = ending.search(word)
        if found is not None and found.start():
            word = word[: found.start()]
    return word
