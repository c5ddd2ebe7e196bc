"""Signs that say how something is meant, and not what: smiling faces, thanks, hearts, laughter. Pure.

Only such: a flag, a dish or a car stands for a word wherever it is written.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

_FEELING: Final = re.compile(
    "(?:[\U0001f600-\U0001f637\U0001f641-\U0001f645\U0001f647\U0001f64b-\U0001f64f\U0001f910-\U0001f917\U0001f923-\U0001f92f"
    "\U0001f970-\U0001f976\U0001f979\U0001f97a\U0001f607\U0001f44b\U0001f44c\U0001f44d\U0001f44f\U0001f485\U0001f493-\U0001f49e"
    "\U0001f49f\U0001f499-\U0001f49c\U0001f5a4\U0001f90d\U0001f90e\U0001f9e1\U0001f494\U0001f4aa\U0001f525\U0001f389\U0001f38a"
    "\U0001f31f\U0001f4af\u2728\u2763\u2764\u2665\u2661\u263a\u2639\u2755\u2753\u2757\u203c\u2049\u270c]"
    "[\U0001f3fb-\U0001f3ff]?[\ufe0f]?)+"
)
_EMOTICON: Final = re.compile(r"[:;=]-?(?:\)+|\(+|[DPp])|\^_*\^")
_LAUGHTER: Final = re.compile(
    r"(?:ha){2,}h?|(?:he){2,}h?|(?:ja){2,}j?|(?:je){2,}|(?:rs){2,}|k{4,}|[ах]*(?:ха){2,}х?|(?:хе){2,}|[ㅋㅎㅠㅜ]+|\)+"
)
_PAUSE: Final = frozenset({",", "~", ";", "^^"})
_ABOUT: Final = re.compile(
    r"emoji|emoticon|smil(?:ey|ie)|symbol|sign|icon|mean(?:s|ing)?|vs|versus|differen|translat|laugh|spell|th(?:is|at|ese|ose)$|it$"
    r"|значит|означа|смай|эмод|знач|символ|разниц|смех|эт[оиау]$|signific|símbol|simbol|sinal|quer$|esto$|eso$|isto$|isso$"
    r"|difer|risa|riso|risada|뜻|의미|이모|차이|기호|무슨|이게|이거|이건|이것|그게|그거|저게|웃음|표정|표현"
)


def shows_feeling(token: str) -> bool:
    """Whether `token` is a sign of feeling that the writer adds: 🙏, ❤, :-)."""
    return _FEELING.fullmatch(token) is not None or _EMOTICON.fullmatch(token) is not None


def laughs(token: str) -> bool:
    """Whether `token` is written laughter or weeping: haha, jajaja, ㅋㅋㅋ, ))))."""
    return _LAUGHTER.fullmatch(token) is not None


def is_aside(tokens: Sequence[str]) -> bool:
    """Whether nothing is said here, only felt."""
    return not _PAUSE.issuperset(tokens) and all(
        shows_feeling(token) or laughs(token) or token in _PAUSE for token in tokens
    )


def asks_about_signs(tokens: Iterable[str]) -> bool:
    """Whether the signs beside these words may be what they are about: what does this mean? 😀"""
    return any(_ABOUT.match(token) is not None for token in tokens)
