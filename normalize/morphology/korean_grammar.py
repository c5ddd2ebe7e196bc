"""Korean constructions in one form: 되지 않 → 안 되, ㄹ 수 있 → 수있. Each rule holds for every verb.

A clause is written as `form/tag` with spaces around each, so that a rule is a pattern with what it becomes:
` 되/VV 지/EC 않/VX ` → ` 안/MAG 되/VV `. Tags are those of Kiwi; `N` stands for a noun of any kind, `-` in front of a
form that the rules made.
"""

import re
from typing import Final

from normalize.question import Step

_VERB: Final = r"(?:VV|VA|VX|VCN|XSV|XSA)"
_MARK: Final = r"(?:[가는를도]/J\w+ )?"

RULES: Final[tuple[tuple[str, str, re.Pattern[str], str], ...]] = tuple(
    (name, sign, re.compile(pattern), result)
    for name, sign, pattern, result in (
        ("honorific", "시/EP", r" 시/EP(?= )", ""),
        ("plural", "들/XSN", r"(?<=/N) 들/XSN(?= )", ""),
        ("title", "", r"(?<=/N) (?:님|씨)/(?:XSN|N)(?= )", ""),
        ("insisting", "니까/", r" (?:냐고|다고|라고|자고)/E\w 하/V\w 니까/E\w(?= $)", ""),
        ("doing", "하/V", r" (\S+)하/V([VA])(?= )", r" \1/N 하/XS\2"),
        ("becoming", "되/XSV", r" 되/XSV(?= )", " 되/VV"),
        ("thing", "거/N", r" 거/N(?= )", " 것/N"),
        ("not", "지/EC", rf" (\S+/{_VERB}) 지/EC {_MARK}않/V\w(?= )", r" 안/MAG \1"),
        ("cannot", "지/EC", rf" (\S+/{_VERB}) 지/EC {_MARK}못(?:하/V\w|/N 하/XS\w)(?= )", r" 못/MAG \1"),
        ("not", "안되/", r" 안되/V\w(?= )", " 안/MAG 되/VV"),
        ("cannot", "못/N", r"(?<=/N) (?:[를는]/J\w+ )?못/N 하/XS\w(?= )", " 못/MAG 하/VV"),
        ("how", "어떻/", r" 어떻/VA 게/EC(?= )", " 어떻게/W"),
        ("how", "어떻게/", r" 어떻게/\w+(?= )", " 어떻게/W"),
        ("like this", "게/EC", r" (이렇|그렇|저렇)/VA 게/EC(?= )", r" \1게/MAG"),
        ("able", "수/", rf" ㄹ/ETM 수/\w+ {_MARK}(있|없)/V\w(?= )", r" 수\1/EC"),
        ("impossible", "가능/", r" 불/\w+ 가능/N (?:하/XSA|이/VCP)(?= )", " 하/XSV 수없/EC"),
        ("impossible", "불가", r" (?:불가능|불가)/N (?:하/XSA|이/VCP)(?= )", " 하/XSV 수없/EC"),
        ("possible", "가능/", r" 가능/N (?:하/XSA|이/VCP)(?= )", " 하/XSV 수있/EC"),
        ("obliged", "어야/", r" 어야/EC (?:만/JX )?(?:하|되)/V\w(?= )", " 어야하/EC"),
        ("allowed", "어도/", r" 어도/EC (?:되|괜찮)/V\w(?= )", " 어도되/EC"),
        ("forbidden", "안/MAG", r" 면/EC 안/MAG 되/V\w(?= )", " 면안되/EC"),
        ("enough", "면/EC", r" 면/EC 되/V\w(?= )", " 면되/EC"),
        ("future", "것/N", r" ㄹ/ETM 것/N 이/VCP(?= )", " 겠/EP"),
        ("statement as a thing", "것/N", r" 는/ETM 것/N (?:이/VCP|가/JKS 맞/VV)(?= )", ""),
        ("statement as a thing", "것/N", r"(?<=/VV) ㄴ/ETM 것/N 이/VCP(?= )", " 었/EP"),
        ("statement as a thing", "것/N", r"(?<=/XSV) ㄴ/ETM 것/N 이/VCP(?= )", " 었/EP"),
        ("statement as a thing", "것/N", r"(?<=/V[AC]) ㄴ/ETM 것/N 이/VCP(?= )", ""),
        ("in order to", "위하/", r" 기/ETN (?:위하/VV 어서?/EC|위하/VV ㄴ/ETM)(?= )", " 려면/EC"),
        ("in order to", "려는/", r" 려는/ETM 데/N(?= )", " 려면/EC"),
        ("in order to", "고", r" (?:려고|고자)/EC 하/V\w (?:면|는데|ㄴ데)/EC(?= )", " 려면/EC"),
        ("about", "에/JKB", r" 에/JKB (?:대하|관하|대해|관해)/V\w (?:어서?|ㄴ)/(?:EC|ETM)(?= )", " "),
        ("going on", "중/N", r" 는/ETM 중/N(?: 이/VCP)?(?= $)", " 고/EC 있/VX"),
        ("so that", "도록/", r" 도록/EC 하/V\w(?= $)", ""),
        ("my", "", r" (?:나/N 의/JKG|제/MM)(?= )", " 내/MM"),
        ("your", "의/JKG", r" 너/N 의/JKG(?= )", " 네/MM"),
        ("particle", "의/JKG", r"(?<=/N) 의/JKG(?= )", ""),
        ("also at", "도/JX", r"(?<= 에/JKB) 도/JX(?= )", ""),
        ("topic after a particle", "는/JX", r"(?<=/JKB) 는/JX(?= )", ""),
        ("without", "없이/", r"(?<=/N)(?: [가는]/J\w+)? 없이/MAG(?= )", " 없이/JKB"),
        ("while", "데/N", r"(?<= 었/EP) 는/ETM 데/N(?= )", " ㄴ데/EC"),
        ("while", "데/N", r" 는/ETM 데/N(?= (?:어떻게|뭐|왜|어디|언제)/W )", " ㄴ데/EC"),
        ("where", "어디/", r"(?<= 어디/W) 에/JKB(?= (?:\S+ )*있/V\w )", ""),
        ("method", "/ETM", r"(?<=/ETM) (?:법|방식)/N(?= )", " 방법/N"),
        ("method", "방법/N", r"(?: 하/XSV)? (?:는|ㄹ)/ETM 방법/N(?= )", " 방법/N"),
        ("method", "려면/EC", r" 려면/EC 방법/N(?= )", " 방법/N"),
        ("particle", "요/", r" 요/(?:JX|MM|IC)(?= $)", ""),
    )
)
"""Name, a sign without which it can not fit, pattern, what it becomes; applied in this order, wherever they fit."""


def fold_grammar(clause: str, steps: list[Step]) -> str:
    """`clause` with every construction in its one form."""
    for name, sign, pattern, result in RULES:
        if sign not in clause:
            continue
        folded = pattern.sub(result, clause)
        if folded != clause:
            steps.append(Step(f"ko.grammar: {name}", clause.strip(), folded.strip()))
            clause = folded
    return clause


def fold_roles(clause: str, steps: list[Step]) -> str:
    """Particles of who acts (`JS`), what is acted on (`JO`) and what is talked about (`JT`)."""
    folded = _AGENT.sub(r"\1 가/JS", _COMPLEMENT.sub("", clause))
    folded = _OBJECT.sub(" 를/JO", _TOPIC.sub(" 는/JT", _SUBJECT.sub(" 가/JS", folded)))
    if folded != clause:
        steps.append(Step("ko.grammar: roles", clause.strip(), folded.strip()))
    return folded


_TOPIC: Final = re.compile(r" 는/JX(?= )")
_SUBJECT: Final = re.compile(r" 가/JKS(?= )")
_OBJECT: Final = re.compile(r" 를/JKO(?= )")
_COMPLEMENT: Final = re.compile(r" 가/JKC(?= )")
# 은행은 확인하나요 is about who checks, 비밀번호는 바꾸나요 about what is changed.
_AGENTS: Final = (
    "사람|회사|은행|고객|직원|기사|친구|엄마|아빠|부모|아이|남편|아내|학생|선생|"
    "손님|회원|의사|경찰|정부|가게|매장|판매자|구매자|업체|너|그|그녀|누구|우리"
)
_AGENT: Final = re.compile(rf"( \S*(?:{_AGENTS})/[NW]) 는/JX(?= )")
