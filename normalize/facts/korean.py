"""Facts that Korean writes in endings and particles rather than in words of their own, in any speech level."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from normalize.facts.roles import known_as
from normalize.facts.stems import noun
from normalize.lexicon import Lexicon

_NOT_IN_WORD: Final = re.compile(
    r"지(?:는|도|를|가)?(?:않|못(?!미)|말(?:고|아|라|자|것|기|도|았|랬|지|게|$)|마(?:$|세|라|요|시|십|렴|셔))|없(?!애|어[지져졌]|앨|앤)"
)
_NOT_AT_START: Final = re.compile(
    r"않|못(?:하|해|한|할|했|합|함|받|먹|써|쓰|찾|갑|가)|아니(?:야|라|고|에|예|었|였|지|다|죠|신|셨|냐|잖)|아닌|아닐|아닙"
    r"|안(?:되|돼|된|됩|될|됐|됨|해|하|한|할|했|합|먹|와|오|나와|나오|받|켜|꺼|열|팔|맞|좋|드나|아파|아팠|자고)|불가"
    r"|금(?:하|합|해)|.*(?:금지|삼가|자제(?:하|해|합)|그만(?:$|하|둬|두|둘|뒀|둔|둠|둡|해|할|했|합|보|좀|먹))"
)
_CLOSED_BY_L: Final = "".join(chr(first + 8) for first in range(0xAC00, 0xD7A4, 28))
_NO_NEGATION: Final = re.compile(r"아니면|아님(?=$| )|아닌지|안하무인|안(?:한|할)인|안해$|문제없|틀림없|상관없|어이없")
_WHETHER: Final = re.compile(
    rf"\S*(?:까 말까(?: |$)"
    rf"|[{_CLOSED_BY_L}]지 (?:말지|않을지)[^ ]* .{{0,12}}(?:고민|모르|몰라|결정|망설|정하|정해|궁금|생각))"
)
"""Whether to: 할까 말까, 갈지 말지 고민. But 팔지 말지 그랬어 is about what should not have been done."""
_AFTER_JI: Final = re.compile(r"마(?:$|세|라|요|시|십|렴|셔)|말(?:고|아|라|자|것|기|도|았|랬|지|게|$)|못|않")
_PREDICATE: Final = re.compile(
    "[요야다까나어아해돼면는은을고지죠서데냐니여게된되될할했됐져음함됨긴면워와봐셔려움임감옴켜겨줘써네길던러]$"
)
_JI: Final = re.compile("지(?:는|도|를|가)?(?:(?:않|못|말|마).*)?$")
_EMPTY: Final = frozenset(
    """
    할줄 아직 아직도 너무 점점 매우 일찍 많이 자주 절대 절대로 계속 자꾸 다른 오래 이제 이상 하나 하나도
    별로 그냥 정말 진짜 빨리 제대로 전혀 아예 도저히 앞으로 왜냐 이렇게 그렇게 어떻게 당분간 도통 영영 거의
    완전 조금 다시 또는 그런 이런 저런
    """.split()  # noqa: SIM905
)
_MOMENT: Final = re.compile(
    r"(이번|다음|지난|저번)\s?(주말|주|달|해|년도)(?=[^가-힣]|에|은|는|의|이|엔|도|까|부|동|중|[가-힣]?\s|$)"
)
_MOST_BACK: Final = 3


def join_moments(words: Sequence[str]) -> list[str]:
    """`words` with 이번 주에 as one word, 이번주에, whatever ends it."""
    return _MOMENT.sub(r"\1\2", " ".join(words)).split()


def polarity_words(words: Sequence[str], language: str) -> list[str]:
    """`words`, and for Korean the second halves of compounds as well: 회원가입 is 회원 가입."""
    if language != "ko":
        return list(words)
    return [part for word in words for part in ((word, word[2:]) if len(word) > 3 else (word,))]


def korean_negations(words: Sequence[str], lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """Kind and denied word of each negation; the word is "" where none is known."""
    for at, word in enumerate(words):
        kind = _kind(words, at)
        if kind:
            yield kind, _denied(word, words[:at], lexicon)


def _kind(words: Sequence[str], at: int) -> str:
    word = words[at]
    before = words[at - 1] if at else ""
    if _NO_NEGATION.search(word) or (at and _WHETHER.match(" ".join(words[at - 1 : at + 3]))):
        return ""
    if "없이" in word or word == "아닌" or word.startswith(("아니라", "아니고")):
        return "without"
    forbids = before.endswith("지") and _AFTER_JI.match(word) is not None
    if word.startswith("말고") or word.endswith("말고"):
        return "not" if forbids or word.endswith("지말고") else "without"
    if word in {"안", "못"}:
        denies = at + 1 < len(words) and _PREDICATE.search(words[at + 1]) is not None
    else:
        denies = forbids or _NOT_IN_WORD.search(word) is not None or _NOT_AT_START.match(word) is not None
    return "not" if denies else ""


def _denied(word: str, before: Sequence[str], lexicon: Lexicon) -> str:
    """The noun that the denied verb is about: 환불 of 환불이 안 되나요, of 환불되지 않나요, of 환불받을 수 없나요."""
    if "없" in word or "말고" in word:
        within = noun(_JI.sub("", re.split("없|말고", word)[0]))
    else:
        within = noun(_JI.sub("", word)) if _NOT_IN_WORD.search(word) else ""
    candidates = [within, *(noun(_JI.sub("", one)) for one in reversed(before[-_MOST_BACK:]))]
    denied = next((one for one in candidates if one and one not in _EMPTY and len(one) > 1), "")
    return known_as(denied, lexicon) if denied else ""
