"""Articles of Spanish and Portuguese: derived forms of a filler, and its contraction with a preposition.

Fillers are written with their definite article, ``la tarjeta``. ``bare`` drops it, ``un`` and ``mi`` change it.
"""

from __future__ import annotations

import re

# Put before a filler while a sentence is built, so that contractions happen there and nowhere else.
EDGE = "\x01"

_FORMS = {
    "es": {
        "el": {"un": "un", "mi": "mi"},
        "la": {"un": "una", "mi": "mi"},
        "los": {"un": "unos", "mi": "mis"},
        "las": {"un": "unas", "mi": "mis"},
    },
    "pt": {
        "o": {"un": "um", "mi": "meu"},
        "a": {"un": "uma", "mi": "minha"},
        "os": {"un": "uns", "mi": "meus"},
        "as": {"un": "umas", "mi": "minhas"},
    },
}
_CONTRACTIONS = {
    "es": {"de el": "del", "a el": "al"},
    "pt": {
        **{f"de {article}": f"d{article}" for article in ("o", "a", "os", "as")},
        **{f"em {article}": f"n{article}" for article in ("o", "a", "os", "as")},
        **{f"por {article}": f"pel{article}" for article in ("o", "a", "os", "as")},
        "a o": "ao",
        "a os": "aos",
        "a a": "à",
        "a as": "às",
    },
}
_BOUNDARY = re.compile(rf"\b(de|em|por|a) {EDGE}(\w+)\b", re.IGNORECASE)


def article_form(language: str, filler: str, form: str) -> str:
    """``filler`` with no article (``bare``), an indefinite one (``un``) or a possessive (``mi``)."""
    article, _, noun = filler.partition(" ")
    forms = _FORMS[language].get(article)
    if forms is None:
        raise ValueError(f"{filler!r} has no definite article, so it has no form {form!r}; write it with one")
    return noun if form == "bare" else f"{forms[form]} {noun}"


def contract(language: str, text: str) -> str:
    """``text`` with preposition and article joined where a filler begins, and the marks removed."""
    table = _CONTRACTIONS[language]

    def joined(match: re.Match[str]) -> str:
        short = table.get(f"{match.group(1).lower()} {match.group(2)}")
        if short is None:
            return f"{match.group(1)} {match.group(2)}"
        return short.capitalize() if match.group(1)[0].isupper() else short

    return _BOUNDARY.sub(joined, text).replace(EDGE, "")
