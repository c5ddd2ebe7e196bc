"""Korean numbers in digits: 삼십/N 도/N → 30/N 도/N, 두/MM 개/N → 2/N 개/N."""

import math
import re
from collections.abc import Sequence
from typing import Final

_DIGITS: Final = {c: n for n, c in enumerate("영일이삼사오육칠팔구")} | {"공": 0, "육": 6, "륙": 6}
_SMALL: Final = {"십": 10, "백": 100, "천": 1000}
_LARGE: Final = {"만": 10**4, "억": 10**8, "조": 10**12}
_NATIVE: Final = {
    word: str(number)
    for number, word in enumerate("한 두 세 네 다섯 여섯 일곱 여덟 아홉 열 열한 열두".split(), 1)  # noqa: SIM905
} | {"스무": "20"}
# Counters that mean the same after a digit. 두 번 is twice and 2번 number two, 두 분 two persons and 2분 two minutes.
_COUNTERS: Final = (
    "개|명|마리|잔|병|살|시간|달|시|가지|장|권|대|곳|"
    "군데|켤레|벌|그루|송이|조각|그릇|박스|상자|컵|큰술|스푼|사람|개월|주"
)
_UNITS: Final = (
    "도|분|초|원|일|월|년|개월|주|주일|프로|퍼센트|층|번|호|회|"
    "살|세|명|개|미터|킬로|킬로그램|그램|리터|달러|유로|엔|위안|번째|인분|시간|시"
)
_SINO: Final = re.compile(rf"(?: [영공일이삼사오육륙칠팔구십백천만억조]+/NR| \d+/SN)+(?= (?:{_UNITS})/(?:NNB|N) )")
_COUNT: Final = re.compile(rf" ({'|'.join(_NATIVE)})/(?:MM|NR)(?= (?:{_COUNTERS})/(?:NNB|N) )")
_PARTICLES: Final = "이나|까지|부터|정도|마다|동안|밖에|에서|이면|인데|이상|이하|만에|이요|이에|이고|이야"
_PLAIN: Final = re.compile("/(?:NR|SN|NNB)(?= )")


def fold_numbers(clause: str) -> str:
    """Numbers in words as digits where a unit or a counter follows them; every kind of noun becomes `N`."""
    clause = _SINO.sub(_in_digits, clause)
    return _PLAIN.sub("/N", _COUNT.sub(lambda found: f" {_NATIVE[found[1]]}/N", clause))


def _in_digits(found: re.Match[str]) -> str:
    written = found[0].replace("/NR", "").replace("/SN", "").replace(" ", "")
    value = sino(written)
    return found[0] if value is None else f" {value}/N"


def sino(written: str) -> int | None:
    """The value of 삼십, 3만5천, 이천이십오; None where it is no number."""
    total = section = digit = 0
    seen = False
    unit = large = math.inf  # 5만 10만 and 2천 3천 are two numbers
    for part in re.findall(r"\d+|.", written):
        if part.isdecimal():
            digit, seen = int(part), True
        elif part in _DIGITS:
            if seen:  # 공일공, 이오: digits read one by one are a code
                return None
            digit, seen = _DIGITS[part], True
        elif part in _SMALL:
            if _SMALL[part] >= unit:
                return None
            section, unit = section + (digit if seen else 1) * _SMALL[part], _SMALL[part]
            digit, seen = 0, False
        elif part in _LARGE:
            if _LARGE[part] >= large:
                return None
            total, large, unit = total + (section + digit or 1) * _LARGE[part], _LARGE[part], math.inf
            section, digit, seen = 0, 0, False
        else:
            return None
    return total + section + digit


def in_figures(tokens: Sequence[str]) -> list[str]:
    """Words with their counts in figures (두 개 → 2개, 삼십 분 → 30분): facts are read before morphemes are."""
    text = _SPOKEN_COUNT.sub(lambda found: _NATIVE[found[1]], " ".join(tokens))
    return _AND_A_HALF.sub(r"\1.5\2", _SPOKEN_NUMBER.sub(_spoken, text)).split(" ")


def _spoken(found: re.Match[str]) -> str:
    value = sino(found[1].replace(" ", ""))
    return found[0] if value is None else f"{value}{found[2]}"


_SPOKEN_COUNT: Final = re.compile(  # before a particle only with a space: 열대에서 is no ten machines
    rf"(?<![가-힣])({'|'.join(sorted(_NATIVE, key=len, reverse=True))})"
    rf"(?: ?(?=(?:{_COUNTERS})(?![가-힣]{{2}})(?!소))| (?=(?:{_COUNTERS})(?:{_PARTICLES})(?![가-힣]{{2}})))"
)
_AND_A_HALF: Final = re.compile(
    r"(?<![\d.,])(\d{1,9})(시간|달|컵|잔|큰술|스푼|킬로|리터|미터) ?"
    r"반(?=$|[^가-힣]|이(?:나|면|에|고|요|야)|(?:은|을|에|도|정도|동안|쯤)(?![가-힣]))"
)
_SPOKEN_NUMBER: Final = re.compile(
    r"(?<![가-힣\d.,])((?:\d{1,9} ?|[일이삼사오육칠팔구])?[십백천만억]"
    r"(?:[일이삼사오육칠팔구십백천만억]| ?\d{1,9}(?= ?[십백천만억])|(?<=[만억]) (?=[일이삼사오육칠팔구]?[천백])){0,24})"
    rf" ?((?:{_UNITS})(?![가-힣]{{3}}))"
)
