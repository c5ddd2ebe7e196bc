"""Korean words without their speech level: 알려주실 수 있나요 → 알려줘, 되지 않습니까 → 안 되다 ?

A sentence becomes a clause: its morphemes as `form/tag`, each with a space around it. Constructions are folded by
korean_grammar, words by the lexicon (whose entries are made by this very code), requests and questions here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from normalize.morphology.kiwi import KIWI, Morpheme
from normalize.morphology.korean_grammar import fold_grammar, fold_roles
from normalize.morphology.korean_numbers import fold_numbers
from normalize.question import Step

ASKING: Final = frozenset("나 ㅂ니까 니 냐 냐고 ㄴ가 ㄹ까 ㄴ지 던가 ㄹ런지 ㄹ지 려나 ㄹ려나 ㄹ래 느냐 남 냥".split())  # noqa: SIM905
COMMANDING: Final = frozenset("세요 셔 십시오 ㅂ시오 시오 어라 라 렴 거라 도록 게나 세용 세여 십쇼".split())  # noqa: SIM905
PROPOSING: Final = frozenset("자 자고 ㅂ시다 시지".split())  # noqa: SIM905
SAYING: Final = frozenset(
    "어 지 네 다 ㅂ니다 군 구나 ㄴ데 거든 야 ㅁ 기 단다 어용 어염 어여 라고 다고 는다".split()  # noqa: SIM905
)
_KEPT: Final = frozenset({"ㄹ까", "ㄹ래"})  # "shall I": only where nobody acts it is plain asking
_INSISTING: Final = frozenset({"니까"})
_STATES: Final = frozenset({"있", "없", "되", "이", "걸리"})
_QUESTION_WORDS: Final = frozenset(
    "뭐 무엇 무슨 얼마 얼마나 언제 어디 누구 누가 왜 몇 어느 어떤 어떻게 어떻 어떡 어찌".split()  # noqa: SIM905
)
_SYMBOLS: Final = frozenset({"SF", "SP", "SE", "SSO", "SSC", "Z_CODA", "W_EMOJI"})
_NOUNS: Final = frozenset({"NNG", "NNP", "NNB", "NR", "NP", "SL", "SN", "SH", "SO", "SW", "SB", "XR", "XPN", "UN"})

_LITERAL_STARTS: Final = "\"'`/~\\#$<"


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence: `text` is ` form/tag form/tag `; `mood` is ask, command, propose, request or say; `ending` the last
    ending as it was; `marked`: a question mark stood there; `literals`: the quotes, addresses and code that stand in
    `text` under another name."""

    text: str
    mood: str
    ending: str
    marked: bool = False
    literals: tuple[tuple[str, str], ...] = ()

    def folded(self, text: str, mood: str | None = None) -> "Clause":
        return Clause(text, mood or self.mood, self.ending, self.marked, self.literals)


def analyse(tokens: Sequence[str], steps: list[Step], *, asks: bool) -> Clause:
    """The clause that the words of one sentence make; `asks` says that it ended in a question mark."""
    literals = _hidden(tokens)
    names = iter(name for name, _ in literals)
    text = " ".join(next(names) if _is_literal(token) else token for token in tokens)
    morphemes = [m for m in KIWI.morphemes(text) if m.tag not in _SYMBOLS]
    ending = _last_ending(morphemes)
    mood = _mood(morphemes, ending, asks=asks)
    clause = " ".join(("", *map(_written, _without_level(morphemes, ending)), ""))
    steps.append(Step("ko.morphology", text, clause.strip()))
    folded = fold_roles(fold_grammar(fold_numbers(clause), steps), steps)
    return Clause(folded, mood, ending, asks, literals)


def _hidden(tokens: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Each literal with a name that the analyser takes for a foreign word and that no other word holds."""
    prefix = "zq"
    while any(prefix in token for token in tokens):
        prefix += "q"
    literals = (token for token in tokens if _is_literal(token))
    return tuple((prefix + chr(97 + at % 16) * (1 + at // 16), token) for at, token in enumerate(literals))


def _is_literal(token: str) -> bool:
    return len(token) > 1 and (token[0] in _LITERAL_STARTS or any(mark in token for mark in ("://", "@", "_", "()")))


def _last_ending(morphemes: Sequence[Morpheme]) -> str:
    last = [m for m in morphemes if m.form != "요" or m.tag[0] == "E"][-1:]
    return last[0].form if last and last[0].tag in {"EF", "EC", "ETN"} else ""


def _without_level(morphemes: list[Morpheme], ending: str) -> list[Morpheme]:
    """Without the last ending where it only says how politely one speaks."""
    if not ending:
        return morphemes
    at = max(i for i, m in enumerate(morphemes) if m.form == ending and m.tag[0] == "E")
    states = at > 0 and (morphemes[at - 1].form in _STATES or morphemes[at - 1].tag in {"VA", "VCP"})
    if ending in (ASKING | COMMANDING | PROPOSING | SAYING) - _KEPT or (ending in _KEPT and states):
        return morphemes[:at]
    return morphemes


def _mood(morphemes: Sequence[Morpheme], ending: str, *, asks: bool) -> str:
    wonders = any(m.form in _QUESTION_WORDS and m.tag != "NNB" for m in morphemes)
    asks = asks or (ending in _INSISTING and any(m.form == "냐고" for m in morphemes))
    if ending in PROPOSING and not asks:
        return "propose"
    if ending in COMMANDING and not asks and not wonders:
        return "command"
    if asks or ending in ASKING or (wonders and (not ending or ending in SAYING | COMMANDING)):
        return "ask"
    return "say"


def _written(morpheme: Morpheme) -> str:
    form, tag = morpheme.form, morpheme.tag
    if form in _QUESTION_WORDS and tag not in {"NNB", "VA", "VV"}:
        return f"{'뭐' if form == '무엇' else '누구' if form == '누가' else form}/W"
    if tag in _NOUNS or tag.startswith("W_"):
        return f"{form}/{tag if tag in {'NR', 'SN', 'NNB'} else 'N'}"
    return f"{form}/{'MAG' if tag == 'MAJ' else tag}"
