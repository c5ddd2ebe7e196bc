"""What a Korean clause wants: the many ways to ask to be told something are one, and so are those to ask how.

알려주시겠어요, 알려주시면 감사하겠습니다 → 알려줘;  언제인지 아시나요 → 언제?;
환불하려면 어떻게 해야 하나요 → 환불 방법 알려줘.
"""

import re
from typing import Final

from normalize.morphology.korean import COMMANDING, Clause
from normalize.question import Step

TELL: Final = " 알리/VV 줘/R "
_BARE: Final = frozenset({"어", "", "라", "지", "어용", "어여"}) | COMMANDING
_REQUEST: Final = re.compile(r" 어/EC 주/V[XV](?: 보/VX)? $")
_SOFT_REQUEST: Final = re.compile(
    r" 어/EC 주/V[XV](?: 겠/EP| 수있/EC| ㄹ래/E\w| 면되/EC| 었/EP 면/EC (?:좋|하)/V\w(?: 겠/EP)?"
    r"| 면/EC (?:좋/VA|감사/N 하/XS\w|고맙/VA)(?: 겠/EP)?| 기/ETN 바라/VV| 었/EP 면/EC) $"
)
_REQUEST_FIRST: Final = re.compile(
    r"^( (?:\S+/VV|\S+/N 하/XSV)) 어/EC 주/VX (?:어|세요)/E\w"
    r"((?: \S+/(?:N|W|MM|J\w+|E\w+|V\w|XS\w|MAG))*? \S+/N)(?: 를/JO)? $"
)
_SOFTENER: Final = re.compile(r" 좀/MAG(?= (?:\S+/N )?(?:하/XSV )?(?:\S+/VV )?줘/R $)")
_SPEAKER: Final = re.compile(r"^ 나/N(?: [가는]/J[ST])?(?= .*(?:줘/R|(?:수있|어야하|어도되|면되)/EC| 고/EC 싶/VX))")
_EMBEDDED: Final = (
    re.compile(r" ㄴ지/E\w(?: (?:에/JKB|를/JO|는/JT|좀/MAG))?" + TELL + "$"),
    re.compile(r" ㄴ지/E\w (?:[를는]/J[OT] )?(?:잘/MAG |좀/MAG )?모르/VV(?: 겠/EP)? $"),
)
_KNOWING: Final = re.compile(
    r" ㄴ지/E\w (?:[를는]/J[OT] )?(?:혹시/MAG )?(?:알/VV|기억/N (?:나/VV|하/XSV))(?: 수있/EC)? $"
)
_TOLD: Final = re.compile(r" \S/J[STO](?= 알리/VV 줘/R $)")
_COPULA: Final = re.compile(r" 이/VCP (?=$)")
_HOW: Final = (
    re.compile(
        r"(?: 하/XSV)?(?: 려면/EC| 고/EC 싶/VX ㄴ데/EC| 려고/EC 하/V\w ㄴ데/EC|(?: 를/JO)? 원/N 하/XSV ㄴ데/EC)"
        r"(?: (?:어떻게|뭐)/W(?: 를/JO)? 하/VV(?: 어야하/EC| 면되/EC)?|(?: 방법/N(?: 를/JO)?)?" + TELL[:-1] + ") $"
    ),
    re.compile(r"(?<=/N)(?: \S/J[TO])? 어떻게/W 하/VV(?: 어야하/EC| 면되/EC)? $"),
)
_HOW_DO: Final = re.compile(r" 어떻게/W (?:(\S+/N) 하/XSV|(\S+/VV)) (?:어야하|면되|수있)/EC $")
# How a person does something, not how a thing goes (어떻게 작동하나요) nor how somebody else does it (가/JS).
_THINGS_GO: Final = "작동|동작|생각|진행|구성|발생|변화|운영|이해|시작|도착"
_DO: Final = (
    "바꾸|만들|고치|지우|쓰|켜|끄|찾|보내|받|넣|빼|열|닫|끊|풀|걸|늘리|줄이|올리|내리|굽|끓이|삶|볶|담그|씻|닦|녹이|자르"
    "|붙이|떼|알아보|옮기|돌려받|잠그|읽|보|구하|없애"
)
_HOW_IS_IT_DONE: Final = re.compile(rf" 어떻게/W (?:(?!(?:{_THINGS_GO})/N)(\S+)/N 하/XSV|((?:{_DO})/VV)) $")
_WHERE: Final = re.compile(r"(?<= 어디/W)((?: \S+)+/(?:VV|XSV)) 수있/EC $")
_METHOD_ALONE: Final = re.compile(r" 방법/N $")
_IF: Final = re.compile(r"(?<= 면/EC) 어떻게/W 하/VV(?: 어야하/EC| 면되/EC)? $")
_ABOUT_HOW: Final = re.compile(r" (?:어떻게/W|뭐/W|어디/W|방법/N|알리/VV) ")  # nothing else is brought to another form
_METHOD: Final = " 방법/N" + TELL


def fold_request(clause: Clause, steps: list[Step]) -> Clause:
    """알려주실래요, 알려주시기 바랍니다 → 알려줘. "배송해 주시나요?" asks whether they do and stays."""
    if (turned := _REQUEST_FIRST.sub(r"\2\1 줘/R ", clause.text)) != clause.text:
        steps.append(Step("ko.request: said first", clause.text.strip(), turned.strip()))
        return clause.folded(turned, "request")
    is_bare = not clause.marked and clause.ending in _BARE and _REQUEST.search(clause.text) is not None
    pattern = _REQUEST if is_bare else _SOFT_REQUEST
    text = pattern.sub(" 줘/R ", clause.text)
    if text == clause.text:
        return clause
    text = _SOFTENER.sub("", text)
    steps.append(Step("ko.request", clause.text.strip(), text.strip()))
    return clause.folded(text, "request")


def fold_question(clause: Clause, steps: list[Step]) -> Clause:
    """Questions inside a request or inside another question, and those that ask for the way to do something."""
    text, mood = clause.text, clause.mood
    if text.startswith(" 나/N "):
        text = _SPEAKER.sub("", text)
    for pattern in (*_EMBEDDED, _KNOWING) if " ㄴ지/" in text else ():
        asked = text if pattern is _KNOWING and mood != "ask" else pattern.sub(" ", text)
        if asked != text:
            text, mood = asked, "ask"
    if mood == "ask":
        text = _COPULA.sub(" ", text)
    text = _TOLD.sub("", _how(text))
    if text.endswith(TELL):
        mood = "request"
    if text != clause.text:
        steps.append(Step("ko.question", clause.text.strip(), text.strip()))
    return clause.folded(text, mood)


def _how(text: str) -> str:
    if not _ABOUT_HOW.search(text):
        return text
    for pattern in (*_HOW, _METHOD_ALONE):
        text = pattern.sub(_METHOD, text)
    text = _WHERE.sub(r"\1 ", text)
    if "/JS " not in text and " 안/MAG " not in text and " 못/MAG " not in text:
        text = _HOW_IS_IT_DONE.sub(lambda found: f" {f'{found[1]}/N' if found[1] else found[2]}{_METHOD}", text)
    text = _HOW_DO.sub(lambda found: f" {found[1] or found[2]}{_METHOD}", text)
    return _IF.sub(" 어떻게/W 하/VV ", text)
