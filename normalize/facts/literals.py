"""Tokens by kind: quoted text, identifiers, dates, and the words that are left."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_QUOTED: Final = re.compile(r"""^(?:```(.*)```|`(.*)`|"(.*)"|'(.+)')$""", re.DOTALL)
_IDENTIFIER: Final = re.compile(r"://|^www\.|.@.|\(\)$|^[-@#$~./][-~./]*[A-Za-z]|_\w|^[A-Za-z]:\\")
_HYPHENED: Final = re.compile(r"-[a-z]{2,}$")  # of "400 -level": no option of a command
_DATE: Final = re.compile(
    r"\d{4}([-/.])\d{1,2}\1\d{1,2}$|\d{1,2}([-/.])\d{1,2}\2\d{2,4}$|\d{1,2}:\d{2}(:\d{2})?([ap]m)?$|\d{1,2}[ap]m$"
)


@dataclass(frozen=True, slots=True)
class Literals:
    """What was sorted out: text between quotes, identifiers, dates in digits, and all other tokens in their order."""

    quoted: list[str]
    identifiers: list[str]
    dates: list[str]
    words: list[str]


def sort_out(tokens: Iterable[str]) -> Literals:
    """Each token by its kind. Dates stand among the words, too, so that what is said beside them can be found."""
    literals = Literals([], [], [], [])
    previous = ""
    for token in tokens:
        after_number, previous = previous[-1:].isdecimal(), token
        if token.isalpha():  # nearly all of them
            literals.words.append(token)
        elif (quoted := _QUOTED.match(token)) is not None:
            literals.quoted.append(next(group for group in quoted.groups() if group is not None))
        elif after_number and _HYPHENED.match(token):
            literals.words.append(token[1:])
        elif _IDENTIFIER.search(token):
            literals.identifiers.append(token)
        else:
            literals.words.append(token)
            if _DATE.match(token):
                literals.dates.append(token)
    return literals
