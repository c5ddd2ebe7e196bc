"""Times of day in one form, `15:00`: 3pm, 3:00 pm, 오후 3시, 오후 세 시; and the numbers that are no times."""

import re
from collections.abc import Sequence
from typing import Final

from normalize.morphology.korean_numbers import sino
from normalize.quantities import NUMBER

_WORD_WITH_DIGIT: Final = re.compile(r"(?=.*\d)(?=.*[^\W\d])[\w\-.+#]+$")
_TWELVE: Final = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::\d{2})?([ap])m$")
_HOURS: Final = {
    word: number
    for number, word in enumerate("한 두 세 네 다섯 여섯 일곱 여덟 아홉 열 열한 열두".split(), 1)  # noqa: SIM905
}
_HALVES: Final = {"오전": 0, "새벽": 0, "오후": 12, "저녁": 12, "밤": 12, "낮": 12}
_MINUTES: Final = "이삼사오육칠팔구십"
_KO_CLOCK: Final = re.compile(
    rf"(?:({'|'.join(_HALVES)})\s?)?(?:(\d{{1,2}})|(?<![가-힣])({'|'.join(sorted(_HOURS, key=len, reverse=True))}))\s?"
    rf"시(?=$|\s|반|쯤|경|정각|이후|이전|에|까|부|인|이|\d)(?:\s?(?:(\d{{1,2}}|[{_MINUTES}]+)\s?분|(반)(?![가-힣]{{2}}|찬|납|품)))?"
)
# 만, 도 and 로 may end a counter as well (3만, 5도, 2킬로) and stay.
_KO_AFTER_COUNTER: Final = re.compile("(?<=[가-힣])(?:은|는|을|를|이|가|에|에서|까지|부터|으로|의|와|과|이나)$")
_KO_AMOUNT: Final = re.compile(
    r"(?<![가-힣])([일이삼사오육칠팔구십백천만]+)\s?(도|분|초|원|퍼센트|프로|개월|년|층|킬로|미터|일(?=간|\s|$|[은이에을]))"
)


def clock_times(words: Sequence[str], dates: Sequence[str], language: str) -> tuple[list[str], list[str], list[str]]:
    """The words without times of day that Korean spells in several, the dates and times, and all other numbers."""
    found = [_on_24_hours(date) for date in dates]
    if language == "ko":
        words = _without_korean(words, found)
    elif not found and all(map(str.isalpha, words)):
        return list(words), found, []
    rest = [word for word in words if word not in dates]
    numbers = [word for word in rest if NUMBER.match(word) or _WORD_WITH_DIGIT.match(word)]
    return list(words), found, [_KO_AFTER_COUNTER.sub("", one) for one in numbers] if language == "ko" else numbers


def _without_korean(words: Sequence[str], found: list[str]) -> list[str]:
    text = " ".join(words)
    if "시" in text:
        text = _KO_CLOCK.sub(lambda clock: _korean(clock, found), text)
    return _KO_AMOUNT.sub(_amount, text).split()


def _korean(clock: re.Match[str], found: list[str]) -> str:
    half, digits, word, minutes, half_past = clock.groups()
    hour = int(digits) if digits else _HOURS[word]
    if hour > 24:
        return clock[0]
    minute = 30 if half_past else int(minutes) if (minutes or "").isdecimal() else sino(minutes or "") or 0
    if half is not None:
        hour = hour % 12 + _HALVES[half] if hour <= 12 else hour
    # Without a half of the day 3시 is 3:00 of either; with one it is on the clock of 24 hours.
    found.append(f"{hour}:{minute:02}")
    return ""


def _amount(found: re.Match[str]) -> str:
    value = sino(found[1]) if len(found[1]) > 1 else None
    return found[0] if value is None else f"{value}{found[2]}"


def _on_24_hours(date: str) -> str:
    if (twelve := _TWELVE.match(date)) is None:
        return date
    hour = int(twelve[1]) % 12 + (12 if twelve[3] == "p" else 0)
    return f"{hour}:{twelve[2] or '00'}"
