"""A whole Korean text: its sentences as clauses, folded, put together where one was said in two, and ordered."""

import threading
from collections.abc import Sequence
from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.korean import Clause, analyse
from normalize.morphology.korean_requests import TELL, fold_question, fold_request
from normalize.morphology.korean_words import KoreanWords
from normalize.order.korean import arrange
from normalize.question import Step
from normalize.tokens import Sentence

_MOODS: Final = {"command": "-하라", "propose": "-하자"}
_LOOKING_UP: Final = frozenset({TELL, " 검색/N 하/XSV 줘/R ", " 찾/VV 줘/R ", " 찾/VV 어/EC 보/VX 줘/R "})
_PREDICATES: Final = ("/V", "/XS", "/R ", "/E")


class KoreanForms:
    """The forms of one lexicon; its entries are analysed at the first Korean question."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._lock = threading.Lock()
        self._compiled: KoreanWords | None = None

    def __call__(self, sentences: Sequence[Sentence], steps: list[Step], *, mentions: bool) -> None:
        """Brings the sentences to their one form; mutates them. With `mentions` no word is replaced by another."""
        spoken = [sentence for sentence in sentences if sentence.tokens]
        clauses = [self._clause(sentence, steps, mentions=mentions) for sentence in spoken]
        for sentence, joined in zip(spoken, _joined(clauses, steps), strict=True):
            clause = joined if mentions else self._told(joined, steps)
            sentence.tokens = _tokens(clause)
            steps.append(Step("ko.order", clause.text.strip(), " ".join(sentence.tokens)))
            sentence.asks = clause.mood == "ask"

    def _clause(self, sentence: Sentence, steps: list[Step], *, mentions: bool) -> Clause:
        clause = fold_request(analyse(sentence.tokens, steps, asks=sentence.asks), steps)
        if not mentions:
            words = self._words()
            clause = clause.folded(words.synonyms(clause.text, steps))
            clause = clause.folded(words.requests(clause.text, steps))
        clause = fold_question(clause, steps)
        if mentions or clause.mood != "ask":
            return clause
        return clause.folded(self._words().possible(clause.text, steps))

    def _told(self, clause: Clause, steps: list[Step]) -> Clause:
        told = self._words().attribute(clause.text, steps, asks=clause.mood == "ask")
        return clause.folded(told, "request" if told.endswith(TELL) else None)

    def _words(self) -> KoreanWords:
        with self._lock:
            if self._compiled is None:
                self._compiled = KoreanWords(self._lexicon.entries, self._lexicon.words.get("possible", ()))
            return self._compiled


def _joined(clauses: Sequence[Clause], steps: list[Step]) -> list[Clause]:
    """언제 오나요? 택배. → 택배 언제 오나요?;  알려줘. 첫눈 오는 날. → 첫눈 오는 날 알려줘."""
    joined = list(clauses)
    for at in range(len(joined) - 1):
        here, after = joined[at], joined[at + 1]
        text = ""
        if here.text in _LOOKING_UP:
            asks = after.mood == "ask"
            text, mood = (after.text, "ask") if asks else (after.text[:-1] + TELL, "request")
        elif here.mood in {"ask", "request"} and not any(mark in after.text for mark in _PREDICATES):
            text, mood = after.text[:-1] + here.text, here.mood
        if text:
            steps.append(Step("ko.one sentence in two", f"{here.text.strip()} . {after.text.strip()}", text.strip()))
            joined[at], joined[at + 1] = here.folded(" "), after.folded(text, mood)
    return joined


def _tokens(clause: Clause) -> list[str]:
    names = dict(clause.literals)
    words = arrange(clause.text)
    if names:
        words = [_restored(word, names) for word in words]
    if words and clause.mood in _MOODS:
        words.append(_MOODS[clause.mood])
    return words


def _restored(word: str, names: dict[str, str]) -> str:
    for name, literal in reversed(names.items()):  # zqaa before zqa
        word = word.replace(name, literal)
    return word
