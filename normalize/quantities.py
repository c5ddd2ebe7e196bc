"""Numbers, money and units in one form: `three` → 3, `1,000` → 1000, `5 dollars` → $5, `50 percent` → 50%."""

import re
from collections.abc import Iterator
from typing import Final

from normalize.lexicon import Lexicon
from normalize.numerals import spoken
from normalize.question import Step

NUMBER: Final = re.compile(r"[-+]?(?:(?:us|ca|au|hk|r)?\$|[€£₩₽¥₹])?[-+]?(?:\d|\.\d)", re.I)
_PLAIN: Final = re.compile(r"[-+]?\d+(?:[.,]\d+)*")
_GROUPED: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_TRAILING_SIGN: Final = re.compile(r"([-+]?)(\d[\d.,]*)([$€£₩₽¥₹])")
_KOREAN_MONEY: Final = re.compile(r"(?=\d)(?:(\d{1,9})억)?(?:(\d{1,9})만)?(?:(\d{1,9})천)?(\d{0,9})(원.*)")
_HYPHENED: Final = re.compile(r"(\d+)-([^\W\d]+)")
_MAX_DIGITS: Final = 16
_MULTIPLIED: Final = re.compile(r"((?:(?:us|ca|au|hk|r)?\$|[€£₩₽¥₹])?)(\d+)", re.IGNORECASE)
_ZEROS: Final = "000"
_SIGNS: Final = frozenset("$€£₩₽¥₹") | {"R$"}
_UNITS: Final = frozenset(
    {"%", "‰", "km", "cm", "mm", "nm", "kg", "mg", "ml", "gb", "mb", "tb", "kb", "ghz", "mhz", "kw", "kwh", "mah"}
    | {"mph", "fps", "px", "inch", "am", "pm", "°c", "°f", "mbps", "gbps"}
)


def quantities(tokens: list[str], lexicon: Lexicon, steps: list[Step]) -> list[str]:
    """`tokens` with every quantity in its one form."""
    result = list(_quantities(tokens, lexicon))
    if result != tokens:
        steps.append(Step(f"{lexicon.language}.number", " ".join(tokens), " ".join(result)))
    return result


def _quantities(tokens: list[str], lexicon: Lexicon) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        number, used = _number(tokens, at, lexicon)
        if number is None:
            yield tokens[at]
            at += 1
            continue
        at += used
        unit, used = _unit(tokens, at, lexicon) if _PLAIN.fullmatch(number) else ("", 0)
        at += used
        yield _with_unit(number, unit)


def _number(tokens: list[str], at: int, lexicon: Lexicon) -> tuple[str | None, int]:
    """The number that begins at `at`, and how many tokens it takes."""
    token = tokens[at]
    before = lexicon.units.at(tokens, at - 1) if at else None
    if before is not None and len(before.before) > 1:  # ciento of por ciento is no number
        return None, 0
    if NUMBER.match(token):
        return _multiplied(_digits(token, lexicon), tokens, at + 1, lexicon)
    value, used = spoken(tokens, at, lexicon)
    return (str(value), used) if used else (None, 0)


def _multiplied(number: str, tokens: list[str], at: int, lexicon: Lexicon) -> tuple[str, int]:
    """`number` times the words behind it: 20 mil, $2 million; and with the groups of zeros that a space cut off."""
    found, used = _MULTIPLIED.fullmatch(number), 1
    if found is None:
        return number, used
    money, digits = found.groups()
    is_group = len(digits) <= len(_ZEROS) and not (at > 1 and tokens[at - 2].isdecimal())
    while at < len(tokens) and len(digits) < _MAX_DIGITS:
        if tokens[at] in lexicon.multipliers:
            digits = str(int(digits) * lexicon.multipliers[tokens[at]])
        elif is_group and tokens[at] == _ZEROS and int(digits):
            digits += _ZEROS
        else:
            break
        at, used = at + 1, used + 1
    return money + digits, used


def _digits(token: str, lexicon: Lexicon) -> str:
    if lexicon.grouping:
        token = _GROUPED.sub(lambda found: found[0].replace(lexicon.grouping, ""), token)
    if (money := _TRAILING_SIGN.fullmatch(token)) is not None:
        return f"{money[3]}{money[1]}{money[2]}"
    if (hyphened := _HYPHENED.fullmatch(token)) is not None:
        unit, _ = _unit([hyphened[2]], 0, lexicon)
        return _with_unit(hyphened[1], unit) if unit else token
    if lexicon.language == "ko" and (won := _KOREAN_MONEY.fullmatch(token)) is not None:
        parts = (int(won[n] or 0) * factor for n, factor in ((1, 10**8), (2, 10**4), (3, 1000), (4, 1)))
        return f"{sum(parts)}{won[5]}"
    return token


def _with_unit(number: str, unit: str) -> str:
    return unit + number if unit in _SIGNS else number + unit


def _unit(tokens: list[str], at: int, lexicon: Lexicon) -> tuple[str, int]:
    if at == len(tokens):
        return "", 0
    phrase = lexicon.units.at(tokens, at)
    if phrase is not None:
        return phrase.after[0], len(phrase.before)
    return (tokens[at], 1) if tokens[at] in _UNITS or tokens[at] in _SIGNS else ("", 0)
