"""Korean word order: what carries a particle may stand anywhere before the verb, so it stands in one place.

배송비는 서울에서 얼마야 and 서울에서 배송비는 얼마야 are one question. Who acts stands before what it is done to, so
엄마가 아빠를 and 아빠를 엄마가 are one and 아빠가 엄마를 is another. Words without a particle keep their order
(원화 달러 환전), and so does all that stands before a verb in the middle of the sentence: it may belong to that verb.
Where two things stand beside two of one particle, or two times of day, their order alone tells which belong together:
고양이는 기내에, 강아지는 화물칸에; 아침 공부가 밤 공부보다.
"""

from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

_ATTACHED: Final = frozenset("안 못 더 덜 잘 가장 제일 너무 좀 매우 아주 정말 진짜 다 꼭 또 다시".split())  # noqa: SIM905
_TIMES: Final = frozenset(
    """
    오늘 내일 어제 모레 그저께 지금 올해 내년 작년 요즘 최근 현재 이제 아침 점심 저녁 밤 오전 오후 주말 평일
    아까 방금
    """.split()  # noqa: SIM905
)
_BORDERS: Final = frozenset({"때", "후", "뒤", "전", "중", "경우", "동안", "이상", "이하"})
_DETERMINERS: Final = frozenset({"몇", "어느", "어떤", "무슨", "누구"})
_AUXILIARY: Final = frozenset(
    {"수있", "수없", "어야하", "어도되", "면되", "면안되", "어", "지", "고", "게", "었", "겠"}
)
_NOMINAL: Final = frozenset({"N", "W", "MM", "XSN", "XPN"})
_VERBAL: Final = frozenset({"VV", "VA", "VX", "VCN", "VCP", "XSV", "XSA", "R"})
# Verbs without an object: their subject needs no mark to be told from one.
_STATES: Final = frozenset(
    """
    되 오 가 있 없 이 걸리 나 나오 들 끝나 열리 닫히 보이 살 죽 자 다니 생기 맞 남 모자라 쉬 울 웃 앉 서 늙
    지나 떠나 내리 붙 빠지 떨어지 어울리 다르 아니
    """.split()  # noqa: SIM905
)
_PAIR: Final = 2
_REQUESTED: Final = {"알리다": "알려줘", "하다": "해줘"}  # readable keys; nothing else has these forms


@dataclass(slots=True)
class _Unit:
    """Words that stay together. `role`: JS acts, JO is acted on, JT is talked about, `` told by its place, `-` free."""

    words: list[str] = field(default_factory=list)
    role: str = "-"
    is_noun: bool = False
    is_done: bool = False

    def kind(self) -> str:
        """The particle that it ends with; "" where there is none."""
        return self.words[-1].partition("-")[2]

    def is_time(self) -> bool:
        """오늘, 저녁에, 3시에."""
        return self.words[0][0].isdigit() or self.words[0].partition("-")[0] in _TIMES

    def pairs_with(self, other: "_Unit", apart: int) -> bool:
        """Whether both have one particle and are of one kind. Times that follow one another are one: 오늘 저녁."""
        if self.kind() != other.kind() or self.is_time() != other.is_time():
            return False
        return self.kind() != "" or (self.is_time() and apart > 1)

    def marked(self) -> list[str]:
        """Its words; behind who acts stands -가."""
        return [*self.words[:-1], self.words[-1] + "-가"] if self.role == "JS" else self.words

    def noun(self, form: str) -> None:
        """Nouns without a particle between them are one word, however they are spaced: 비밀 번호 = 비밀번호."""
        if self.is_noun:
            self.words[-1] += form
        else:
            self.words.append(form)
            self.role = "" if self.role == "-" and len(self.words) == 1 else self.role
        self.is_noun = True


@dataclass(slots=True)
class _Arranged:
    """The clause so far: `done` words that keep their place, `units` before the next verb, the `open` unit."""

    done: list[str] = field(default_factory=list)
    units: list[_Unit] = field(default_factory=list)
    open: _Unit = field(default_factory=_Unit)
    verb: list[str] = field(default_factory=list)

    def close(self) -> None:
        if self.open.words:
            self.units.append(self.open)
        self.open = _Unit()

    def in_pairs(self) -> bool:
        """Whether of two units with one particle, or of two times, each may belong to another one beside it: to one of
        two that act or are talked about, or to one of two with another particle."""
        free = [(at, unit) for at, unit in enumerate(self.units) if unit.role == "-"]
        alike = {
            one.kind()
            for (first, one), (second, other) in combinations(free, 2)
            if one.pairs_with(other, second - first)
        }
        return len(alike) >= _PAIR or (bool(alike) and len(self.units) - len(free) >= _PAIR)

    def before_verb(self) -> list[str]:
        """What may stand anywhere, who acts, and what order alone tells."""
        if self.in_pairs():
            units, self.units = self.units, []
            return [word for unit in units for word in unit.marked()]
        words = [w for unit in sorted(u.words for u in self.units if u.role == "-") for w in unit]
        words += [w for unit in self.units if unit.role == "JS" for w in unit.marked()]
        start = len(words)
        for unit in self.units:
            if unit.role in {"-", "JS"}:
                continue
            if len(words) > start and _is_noun(words[-1]) and _is_noun(unit.words[0]):
                words[-1] += unit.words[0]  # 주문을 취소 is 주문 취소
                words += unit.words[1:]
            else:
                words += unit.words
        self.units = []
        return words

    def nobody_acts(self) -> None:
        """The subject of a state is told from nothing, so 이 and 은 after it say the same; but not beside an object."""
        if any(unit.role == "JO" for unit in self.units):
            return
        for unit in self.units:
            unit.role = "JT" if unit.role == "JS" else unit.role

    def end_clause(self) -> None:
        self.close()
        if not self.verb:
            self.nobody_acts()
        self.done += [*self.before_verb(), *self.verb]
        self.verb = []

    def relative(self) -> None:
        """Everything so far belongs, or may belong, to the verb that describes the next noun."""
        self.close()
        self.open = _Unit([*self.before_verb(), *self.verb], role="")
        self.verb = []


def arrange(clause: str) -> list[str]:
    """The words of a clause (` form/tag form/tag `) in the one order; verbs end in 다, particles begin with -."""
    arranged = _Arranged()
    for piece in clause.split():
        form, _, tag = piece.rpartition("/")
        _place(form, tag, arranged)
    arranged.end_clause()
    return arranged.done


def _place(form: str, tag: str, to: _Arranged) -> None:
    if to.verb and tag[0] != "E" and tag not in _VERBAL and tag != "MAG":
        to.end_clause()
    if to.open.is_done and tag[0] != "J":
        to.close()
    if tag in _NOMINAL:
        _place_nominal(form, tag, to)
    elif tag[0] == "J":
        _place_particle(form, tag, to)
    elif tag in _VERBAL:
        _place_verb(form, tag, to)
    elif tag[0] == "E":
        _place_ending(form, tag, to)
    else:
        _place_adverb(form, to)


def _place_nominal(form: str, tag: str, to: _Arranged) -> None:
    if form in _TIMES and to.open.words and to.open.words[-1].endswith("-와"):
        to.open.words.append(form)  # 오늘과 내일 중에
        to.open.is_noun = True
    elif tag == "W" or form in _TIMES:
        to.close()
        to.open = _Unit([form], is_done=form not in _DETERMINERS)
    elif tag == "MM":
        to.open.is_noun = False
        to.open.words.append(form)
        to.open.role = "" if to.open.role == "-" and len(to.open.words) == 1 else to.open.role
    else:
        to.open.noun(form)
        if form in _BORDERS:
            to.open.is_done, to.open.role = True, "-"


def _place_particle(form: str, tag: str, to: _Arranged) -> None:
    unit = to.open
    if tag in {"JS", "JT", "JO"}:
        if unit.words:
            unit.role = tag if unit.role == "" else unit.role
            unit.is_done = True
        return
    if unit.words:
        unit.words[-1] += "-" + form
    else:
        unit.words.append("-" + form)
    unit.is_noun = False
    unit.role = "-"
    unit.is_done = tag != "JC" and not (tag == "JKB" and form == "와")


def _place_verb(form: str, tag: str, to: _Arranged) -> None:
    if to.open.words and to.open.words[-1] in _ATTACHED:
        to.verb.append(to.open.words.pop())
    to.close()
    if not any(word.endswith("다") for word in to.verb) and (tag in {"VA", "VCP", "VCN", "XSA"} or form in _STATES):
        to.nobody_acts()
    if tag == "R":
        to.verb[-1:] = [_REQUESTED.get(to.verb[-1], to.verb[-1] + " 줘")] if to.verb else ["줘"]
    else:
        to.verb.append(form + "다")


def _place_ending(form: str, tag: str, to: _Arranged) -> None:
    to.close()
    to.verb.append("-" + form)
    if tag in {"ETM", "ETN"}:
        to.relative()
    elif tag == "EC" and form not in _AUXILIARY:
        to.end_clause()


def _place_adverb(form: str, to: _Arranged) -> None:
    if form in _ATTACHED and to.verb:
        to.verb.append(form)
        return
    if to.open.words and to.open.words[-1] not in _ATTACHED:
        to.close()
    to.open.words.append(form)
    to.open.is_done = form not in _ATTACHED


def _is_noun(word: str) -> bool:
    return "-" not in word and word[-1] != "다" and word not in _ATTACHED
