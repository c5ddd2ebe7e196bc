"""Large numbers, money by its code, and times of day in one form: 12.5k → 12500, 50 USD → us$50, 3pm → 15:00."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from normalize.lexicon import Lexicon
from normalize.question import Step
from normalize.tokens import Sentence

_SHORT: Final = re.compile(r"([$€£₩₽]?)(\d{1,9}(?:\.\d{1,3})?)[kK]")
_PLAIN: Final = re.compile(r"\d{1,12}(?:\.\d{1,3})?")
_MONEY: Final = re.compile(r"\d{1,15}(?:[.,]\d{1,2})?")
_CODES: Final = {"usd": "us$", "eur": "€", "gbp": "£", "krw": "₩", "rub": "₽", "brl": "R$", "cad": "ca$", "aud": "au$"}
_CODE_BEFORE: Final = re.compile(rf"({'|'.join(_CODES)})(\d[\d.,]*)")
_CODE_BEHIND: Final = re.compile(rf"(\d[\d.,]*)({'|'.join(_CODES)})")
_AFTERNOON: Final = re.compile(r"(\d{1,2})(?::(\d{2}))?pm")
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}")
_KOREAN_HOUR: Final = re.compile(r"(\d{1,2})시(.*)")
_CJK: Final = re.compile("[一二三四五六七八九十百千万]{2,}")
_CJK_DIGITS: Final = {character: value for value, character in enumerate("一二三四五六七八九", 1)}
_CJK_UNITS: Final = {"十": 10, "百": 100, "千": 1000}


def amounts(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Brings the amounts of one sentence to one form; mutates it."""
    tokens = list(_amounts(sentence.tokens, lexicon))
    if tokens != sentence.tokens:
        steps.append(Step(f"{lexicon.language}.amount", " ".join(sentence.tokens), " ".join(tokens)))
        sentence.tokens = tokens


def _amounts(tokens: list[str], lexicon: Lexicon) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        token, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else ""
        if token in {"a", "one"} and following == "dozen":
            yield "12"
        elif token == "half" and tokens[at + 1 : at + 3] == ["a", "dozen"]:
            yield "6"
            at += 1
        elif token in _CODES and _MONEY.fullmatch(following):
            yield _CODES[token] + following
        elif following in _CODES and _MONEY.fullmatch(token):
            yield _CODES[following] + token
        elif following in {"am", "pm"} and _CLOCK.fullmatch(token):
            yield _amount(token + following)
        elif following in lexicon.multipliers and "." in token and _PLAIN.fullmatch(token):
            yield _whole(Decimal(token) * lexicon.multipliers[following]) or f"{token} {following}"
        elif token == "오후" and (hour := _KOREAN_HOUR.fullmatch(following)) is not None and 0 < int(hour[1]) < 12:
            yield f"{int(hour[1]) + 12}시{hour[2]}"
        else:
            yield _amount(token)
            at -= 1
        at += 2


def _amount(token: str) -> str:
    if (short := _SHORT.fullmatch(token)) is not None and (whole := _whole(Decimal(short[2]) * 1000)):
        return short[1] + whole
    if (coded := _CODE_BEFORE.fullmatch(token)) is not None:
        return _CODES[coded[1]] + coded[2]
    if (coded := _CODE_BEHIND.fullmatch(token)) is not None:
        return _CODES[coded[2]] + coded[1]
    if (time := _AFTERNOON.fullmatch(token)) is not None and 0 < int(time[1]) <= 12:
        return f"{int(time[1]) % 12 + 12}:{time[2] or '00'}"
    return token if token.isascii() else _CJK.sub(lambda found: str(_cjk(found[0])), token)


def _whole(value: Decimal) -> str:
    return str(int(value)) if value == int(value) else ""


def _cjk(written: str) -> int | str:
    """三十 → 30, 二百五 stays: its last digit is read in two ways."""
    total = section = digit = 0
    previous = ""
    for character in written:
        if character in _CJK_DIGITS:
            if digit:
                return written
            digit = _CJK_DIGITS[character]
        elif character == "万":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        else:
            section, digit = section + (digit or 1) * _CJK_UNITS[character], 0
        previous = previous + character
    ambiguous = digit and len(previous) > 1 and previous[-2] in {"百", "千", "万"}
    return written if ambiguous or not total + section else total + section + digit
