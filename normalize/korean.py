"""Korean without an analyser: spacing, object particles, and speech levels folded by the suffixes of the lexicon."""

import re
from typing import Final

from normalize.lexicon import Lexicon
from normalize.lexicon_tables import Suffixes
from normalize.question import Step
from normalize.tokens import Sentence

_TAIL: Final = re.compile("[ㄱ-ㆎ~^;]+$")
_ABLE: Final = re.compile("^(.*[가-힣])수(가?)(있|없)(.*)$")
_NOT_BE: Final = re.compile("^안(되|돼|됩|된|됐|될).*")
_COUNT: Final = re.compile("^몇([가-힣].*)$")
_METHOD: Final = re.compile("^(.*는)(방법|법)(이|은|을|도|좀)?$")
_OBJECT: Final = re.compile(r"^(.*\w)([을를])$")
_ASKED: Final = re.compile("^(?:어떻게|얼마|언제|어디|누구|누가|뭐|무엇|뭔|왜|몇|어느|어떤|무슨)")
_COPULA: Final = "야"
_BENEFIT: Final = "줘"
_OPEN_VOWELS: Final = frozenset({0, 1, 4, 5, 6, 9, 10, 14})  # ㅏ ㅐ ㅓ ㅔ ㅕ ㅘ ㅙ ㅝ: what -아/-어 ends in
_NATIVE: Final = {"한": "1", "두": "2", "세": "3", "다섯": "5", "여섯": "6", "일곱": "7", "여덟": "8", "아홉": "9"}
_COUNTER: Final = re.compile("(?:개|명|마리|잔|병|살)(?:[은는이가도만]|로|으로)?")
_COUNTED: Final = re.compile(f"({'|'.join(_NATIVE)})({_COUNTER.pattern})")
_ROUNDS: Final = 4


def korean(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Brings one sentence to plain style (알려주실 수 있나요 → 알려줘); mutates it."""
    before = sentence.tokens
    tokens = _spaced(before)
    tokens = _counted([_without_object(token, tokens[i + 1 : i + 2], lexicon) for i, token in enumerate(tokens)])
    if tokens and any(tokens[-1].endswith(suffix) for suffix in lexicon.words.get("asking", ())):
        sentence.asks = True
    if tokens != before:
        steps.append(Step("ko.spacing", " ".join(before), " ".join(tokens)))
    for suffixes, name in ((lexicon.endings, "ending"), *[(lexicon.requests, "request")] * _ROUNDS):
        tokens = _fold_end(tokens, suffixes, name, steps)
    sentence.tokens = _without_softener(_without_topic(tokens, lexicon, steps), steps)


def _spaced(tokens: list[str]) -> list[str]:
    """Spaces where the norm has them: 할수있나요 → 할 수 있나요, 안되나요 → 안 되나요, 몇살 → 몇 살."""
    result: list[str] = []
    for at, raw in enumerate(tokens):
        token = _TAIL.sub("", raw) if at == len(tokens) - 1 else raw
        following = tokens[at + 1] if at + 1 < len(tokens) else ""
        if (able := _ABLE.match(token)) is not None and _final(able[1][-1]) == 8:
            result.extend((able[1], "수", able[3] + able[4]))
        elif token.endswith("수") and following[:1] in {"있", "없"} and len(token) > 1 and _final(token[-2]) == 8:
            result.extend((token[:-1], "수"))
        elif _NOT_BE.match(token):
            result.extend(("안", token[1:]))
        elif (count := _COUNT.match(token)) is not None:
            result.extend(("몇", count[1]))
        elif (method := _METHOD.match(token)) is not None:
            result.extend((method[1], "방법" + (method[3] or "")))
        elif token == "법" or (token[:1] == "법" and token[1:] in {"이", "은", "을", "좀"}):
            result.append("방" + token if result and result[-1].endswith("는") else token)
        elif token == "수가" and following[:1] in {"있", "없"}:
            result.append("수")
        elif token:
            result.append(token)
    return _verbal_nouns(result)


def _counted(tokens: list[str]) -> list[str]:
    """두 개, 두개 → 2개; only with counters that mean nothing else after a digit: 두 번 (twice) is not 2번."""
    result: list[str] = []
    for token in tokens:
        if result and result[-1] in _NATIVE and _COUNTER.fullmatch(token):
            result[-1] = _NATIVE[result[-1]] + token
        elif (glued := _COUNTED.fullmatch(token)) is not None:
            result.append(_NATIVE[glued[1]] + glued[2])
        else:
            result.append(token)
    return result


def _verbal_nouns(tokens: list[str]) -> list[str]:
    """변경하는 방법 → 변경 방법."""
    pairs = zip(tokens, [*tokens[1:], ""], strict=False)
    return [t[:-2] if t.endswith("하는") and len(t) > 3 and n.startswith("방법") else t for t, n in pairs]


def _without_object(token: str, following: list[str], lexicon: Lexicon) -> str:
    """Drops 을/를 where it can only mark an object: 모를 때 and 받을 수 keep theirs."""
    found = _OBJECT.match(token)
    if found is None or (following and following[0] in lexicon.words.get("particles.dependents", ())):
        return token
    stem, particle = found[1], found[2]
    last = stem[-1]
    if "가" <= last <= "힣":
        fits = (_final(last) > 0) == (particle == "을") and (particle == "를" or len(stem) > 1)
    else:
        fits = last.isalnum()
    if not fits or token in lexicon.words.get("particles.keep", ()):
        return token
    return token if particle == "를" and stem in lexicon.words.get("particles.verbs", ()) else stem


def _fold_end(tokens: list[str], suffixes: Suffixes, name: str, steps: list[Step]) -> list[str]:
    """The last words in the form that the lexicon has for them, however they are spaced."""
    suffix = suffixes.longest_in("".join(tokens[-6:]))
    if suffix is None:
        return tokens
    result = suffixes.by_suffix[suffix]
    rest, is_partial = _cut(tokens, suffix)
    folded = _attach(rest, result, is_partial)
    if folded is None or folded == tokens:
        return tokens
    steps.append(Step(f"ko.{name}: {suffix} → {result}", " ".join(tokens), " ".join(folded)))
    return folded


def _cut(tokens: list[str], suffix: str) -> tuple[list[str], bool]:
    """`tokens` without the letters of `suffix`, and whether the last one left was cut within."""
    rest, left = list(tokens), suffix
    while left and rest:
        last = rest.pop()
        if len(last) > len(left):
            return [*rest, last[: -len(left)]], True
        left = left[: -len(last)]
    return rest, False


def _attach(rest: list[str], result: str, is_partial: bool) -> list[str] | None:
    if result == _COPULA:
        if not rest or not rest[-1][-1].isalnum():
            return None
        return [*rest[:-1], rest[-1] + ("이야" if _final(rest[-1][-1]) else "야")]
    if result == _BENEFIT and rest and (is_partial or _is_converb(rest[-1])):
        return [*rest[:-1], rest[-1] + result]
    if is_partial and len(result) <= 2:
        return [*rest[:-1], rest[-1] + result]
    return [*rest, *result.split()]


def _without_topic(tokens: list[str], lexicon: Lexicon, steps: list[Step]) -> list[str]:
    """배송비는 얼마야, 배송비가 얼마야 → 배송비 얼마야: before a question word the particle says nothing."""
    for at in range(1, len(tokens)):
        tells = at == len(tokens) - 1 and tokens[at] == "알려줘"
        if (tells or _ASKED.match(tokens[at])) and (stem := _topic_stem(tokens[at - 1], lexicon)) is not None:
            steps.append(Step("ko.topic", tokens[at - 1], stem))
            tokens = [*tokens[: at - 1], stem, *tokens[at:]]
    return tokens


def _topic_stem(token: str, lexicon: Lexicon) -> str | None:
    if token in lexicon.words.get("particles.keep", ()):
        return None
    for particle, closed in (("이란", True), ("란", False), ("은", True), ("는", False), ("가", False)):
        stem = token.removesuffix(particle)
        if stem != token and len(stem) >= 2 and (not "가" <= stem[-1] <= "힣" or (_final(stem[-1]) > 0) == closed):
            return stem
    stem = token.removesuffix("이")
    return (
        stem
        if stem != token and any(stem.endswith(noun) for noun in lexicon.words.get("particles.nouns", ()))
        else None
    )


def _without_softener(tokens: list[str], steps: list[Step]) -> list[str]:
    """좀 before a request is politeness; before an adjective it means "a little" and stays."""
    if not tokens or not (tokens[-1].endswith(_BENEFIT) or tokens[-1] == "좀"):
        return tokens
    last = len(tokens) - 1
    kept = [t for at, t in enumerate(tokens) if t != "좀" or at < last - 1]
    if len(kept) > 1 and kept[-2].endswith("좀") and len(kept[-2]) > 2:
        kept[-2] = kept[-2][:-1]
    if kept != tokens:
        steps.append(Step("ko.filler: 좀", " ".join(tokens), " ".join(kept)))
    return kept


def _final(letter: str) -> int:
    """The number of the final consonant of a Hangul syllable, 0 for none or for another script."""
    return (ord(letter) - 0xAC00) % 28 if "가" <= letter <= "힣" else 0


def _is_converb(token: str) -> bool:
    """Whether `token` can be the 알려 of 알려 주세요, which is written 알려주세요 as often."""
    last = token[-1]
    return (
        "가" <= last <= "힣"
        and _final(last) == 0
        and (ord(last) - 0xAC00) // 28 % 21 in _OPEN_VOWELS
        and not token[0].isdigit()
    )
