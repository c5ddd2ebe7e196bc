"""The words of the Korean lexicon as clauses: each entry is analysed by the code that analyses questions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from normalize.lexicon_file import Entry
from normalize.morphology.korean import analyse
from normalize.morphology.korean_requests import TELL, fold_request
from normalize.question import Step
from normalize.tokens import split

_DESCRIBED: Final = re.compile(r"((?<=/ETM)(?: \S+/N)+)(?: \S/J[ST])? $")
_ROLE: Final = re.compile(r" \S/J[ST](?= $)")


class KoreanWords:
    """Synonyms anywhere in a clause, requests at its end, and what a noun is asked by (가격: 얼마)."""

    def __init__(self, entries: Mapping[str, Sequence[Entry]], possible: Iterable[str]) -> None:
        listed = "|".join(map(re.escape, possible)) or "$^"
        self._possible = re.compile(rf"( \S*(?:{listed})/N)(?: \S/J[STO])? 되/VV $")
        self._synonyms = _Table(entries, "abbreviations", "synonyms")
        self._requests = _Table(entries, "requests", at_end=True)
        nouns = _nouns(entries.get("attributes", ()))
        every = "|".join(nouns.values()) or "$^"
        role, copula = r"(?: \S/J[ST])?", r"(?: 이/VCP)? $"
        asked = [rf"( \S*(?:{listed})/N){role} {word}/W{copula}" for word, listed in nouns.items()]
        asked.append(rf"( \S*(?:{every})/N){role}(?: 뭐/W{copula}| 어떻게/W 되/VV $)")
        asked.append(rf"((?<=/ETM)(?: \S+/N)+){role} 뭐/W{copula}")  # 좋아하는 장르가 뭐야
        self._asked = [re.compile(pattern) for pattern in asked]
        self._alone = re.compile(rf"^(?: \S+/N)*( \S*(?:{every})/N(?: \S/J[ST])?) $")

    def synonyms(self, text: str, steps: list[Step]) -> str:
        """`text` with each word of the lexicon replaced."""
        return self._synonyms.rewrite(text, steps)

    def requests(self, text: str, steps: list[Step]) -> str:
        """`text` with its last words in the form that the lexicon has for them (궁금해 → 알려줘)."""
        return self._requests.rewrite(text, steps)

    def possible(self, text: str, steps: list[Step]) -> str:
        """환불 되나요 → 환불할 수 있나요, for what the lexicon lists; 자동 갱신 되나요 asks whether it happens."""
        able = self._possible.sub(r"\1 하/XSV 수있/EC ", text)
        if able != text:
            steps.append(Step("ko.possible", text.strip(), able.strip()))
        return able

    def attribute(self, text: str, steps: list[Step], *, asks: bool) -> str:
        """배송비 얼마, 이름이 어떻게 되세요, 가격은?, 눈이 가장 많이 온 곳은? → … 알려줘."""
        told = text
        for pattern in self._asked:
            told = pattern.sub(r"\1" + TELL, told)
        if asks:
            told = _DESCRIBED.sub(r"\1" + TELL, told)
        told = self._alone.sub(lambda found: _ROLE.sub("", found[0])[:-1] + TELL, told)
        if told != text:
            steps.append(Step("ko.attribute", text.strip(), told.strip()))
        return told


def _nouns(attributes: Iterable[Entry]) -> dict[str, str]:
    listed: dict[str, list[str]] = {}
    for entry in attributes:
        listed.setdefault(entry.result, []).append(re.escape(entry.words))
    return {asked: "|".join(nouns) for asked, nouns in listed.items()}


class _Table:
    def __init__(self, entries: Mapping[str, Sequence[Entry]], *sections: str, at_end: bool = False) -> None:
        self._put: dict[str, tuple[str, str]] = {}
        for section in sections:
            for entry in entries.get(section, ()):
                found, put = _clause(entry.words)[:-1], _clause(entry.result)[:-1]
                if found != put and found.strip():
                    self._put[found] = (put, f"ko.{section.rstrip('s')}: {entry.words} → {entry.result}")
        longest_first = sorted(self._put, key=len, reverse=True)
        end = r"(?= $)" if at_end else "(?= )"
        any_of = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(f"(?:{any_of}){end}" if any_of else "$^")

    def rewrite(self, text: str, steps: list[Step]) -> str:
        def put(found: re.Match[str]) -> str:
            value, rule = self._put[found[0]]
            steps.append(Step(rule, found[0].strip(), value.strip()))
            return value

        return self._pattern.sub(put, text)


def _clause(words: str) -> str:
    tokens = [token for sentence in split(words) for token in sentence.tokens]
    return fold_request(analyse(tokens, [], asks=False), []).text
