"""Russian: the words of a sentence in the chunks that move as one.

A chunk is an adjective with its noun and the genitive behind it, a preposition with what it governs, не with the word
it denies, как with часто, какой with its noun. A sentence with a word that fits none of these is not cut at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from normalize.morphology.pymorphy import Form, Reading, common, form

NOMINATIVE, ACCUSATIVE, GENITIVE = "nomn", "accs", "gent"
ANY_CASE: Final = frozenset({NOMINATIVE, ACCUSATIVE, GENITIVE, "datv", "ablt", "loct"})
_ASKING: Final = {
    "что": frozenset({NOMINATIVE, ACCUSATIVE}),
    "кто": frozenset({NOMINATIVE}),
    "кого": frozenset({ACCUSATIVE, GENITIVE}),
    "чего": frozenset({GENITIVE}),
    "кому": frozenset({"datv"}),
    "чему": frozenset({"datv"}),
    "кем": frozenset({"ablt"}),
    "чем": frozenset({"ablt"}),
    **dict.fromkeys(
        ("как", "где", "когда", "почему", "зачем", "куда", "откуда", "отчего", "сколько"), frozenset[str]()
    ),
}
_ATTRIBUTIVE: Final = frozenset({"какой", "чей"})
_MODALS: Final = frozenset(
    ("могу", "можем", "можете", "можешь", "может", "могут", "хочу", "хотим", "хочет", "должен", "должна", "должны",
     "буду", "будет", "будете", "будут", "будем", "обязан", "обязана", "обязаны", "получится", "придется")
)  # fmt: skip
_ADVERBS: Final = frozenset({"онлайн", "офлайн", "бесплатно", "срочно"})
_PREFIXES: Final = frozenset(
    {"не", "ни", "только", "лишь", "даже", "почти", "еще", "уже", "все", "всё", "тоже", "также"}
)
_SUPERLATIVES: Final = frozenset({"самый", "самая", "самое", "самые", "самого", "самую", "самой", "самым", "самых"})
_POSSESSIVES: Final = frozenset({"его", "ее", "её", "их"})
_VERBS: Final = frozenset({"VERB", "INFN", "PRTS", "ADJS"})
_DESCRIBING: Final = frozenset({"ADJF", "PRTF"})
_BOUND_TO_HOW: Final = frozenset({"ADVB", "ADJS", "COMP"})
_NOT_AFTER_ADVERB: Final = frozenset({"ADJF", "PRTF", "ADVB", "NUMR", "PREP", "COMP", "ADJS"})
_CONJUNCTIONS: Final = frozenset({"и", "или"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """`kind`: `ask`, `modal`, `verb`, `noun` or `adverb`. `cases`: what its form may be, unless a `preposition` tells.
    `is_finite`: a verb that has a subject. `bound`: what a question word asks about (сколько дней)."""

    kind: str
    words: tuple[str, ...]
    cases: frozenset[str] = frozenset()
    preposition: str = ""
    is_finite: bool = False
    bound: tuple[str, ...] = ()
    is_pronoun: bool = False


def cut(tokens: Sequence[str]) -> list[Chunk] | None:
    """The chunks of `tokens` in their order, or None where one word is not understood."""
    chunks: list[Chunk] = []
    at = 0
    while at < len(tokens):
        if (found := _next(tokens, at)) is None:
            return None
        chunk, at = found
        _append(chunks, chunk)
    return chunks


def _append(chunks: list[Chunk], chunk: Chunk) -> None:
    """A genitive behind a noun belongs to it: срок доставки, номер карты клиента."""
    before = chunks[-1] if chunks else None
    is_genitive = chunk.kind == "noun" and not chunk.preposition and GENITIVE in chunk.cases and not chunk.is_pronoun
    if before is None or not is_genitive:
        chunks.append(chunk)
    elif before.kind == "noun" and not before.is_pronoun:
        chunks[-1] = replace(before, words=before.words + chunk.words)
    elif before.bound and before.words[-1] != "как":
        chunks[-1] = replace(before, bound=before.bound + chunk.words)
    else:
        chunks.append(chunk)


def _next(tokens: Sequence[str], start: int) -> tuple[Chunk, int] | None:
    at = start
    while at < len(tokens) and tokens[at] in _PREFIXES:
        at += 1
    if at == len(tokens):
        return None
    before = tuple(tokens[start:at])
    if not _is_russian(tokens[at]):
        return _nominal(tokens, at, before, "")
    preposition = tokens[at] if form(tokens[at]).part == "PREP" else ""
    at += bool(preposition)
    if at < len(tokens) and _asks(tokens[at]):
        return None if before else _asking(tokens, at, (preposition,) if preposition else ())
    if preposition:
        return _nominal(tokens, at, (*before, preposition), preposition)
    return _alone(tokens, at, before, form(tokens[at]))


def _alone(tokens: Sequence[str], at: int, before: tuple[str, ...], read: Form) -> tuple[Chunk, int] | None:
    word = tokens[at]
    words = (*before, word)
    if not read.known:
        return None
    if word in _MODALS or read.part == "PRED":
        return Chunk("verb" if word == "нет" else "modal", words, is_finite=read.part != "PRED"), at + 1
    if word == "есть" or read.part in _VERBS:
        return Chunk("verb", words, is_finite=read.part != "INFN" or word == "есть"), at + 1
    if word in _ADVERBS or read.part == "ADVB":
        following = tokens[at + 1] if at + 1 < len(tokens) else ""
        if (
            following in _PREFIXES
            or following[:1].isdigit()
            or (following and form(following).part in _NOT_AFTER_ADVERB)
        ):
            return None  # полностью оплаченный заказ is not оплаченный заказ полностью
        return Chunk("adverb", words), at + 1
    return _nominal(tokens, at, before, "")


def _weighs_next(tokens: Sequence[str], at: int) -> bool:
    """Полностью оплаченный заказ is not оплаченный заказ полностью."""
    if at + 1 == len(tokens):
        return False
    following = tokens[at + 1]
    return following in _PREFIXES or following[0].isdigit() or form(following).part in _NOT_AFTER_ADVERB


def _asking(tokens: Sequence[str], at: int, before: tuple[str, ...]) -> tuple[Chunk, int] | None:
    word, words = tokens[at], (*before, tokens[at])
    following = form(tokens[at + 1]) if at + 1 < len(tokens) and _is_russian(tokens[at + 1]) else None
    if word == "как" and following is not None and following.part in _BOUND_TO_HOW:
        return Chunk("ask", words, bound=(tokens[at + 1],)), at + 2
    counts = word == "сколько" and following is not None and following.part in {"NOUN", "ADJF"} and (
        GENITIVE in following.cases
    )  # fmt: skip
    if not counts and word in _ASKING:
        return Chunk("ask", words, _ASKING[word]), at + 1
    if not counts and (following is None or following.part not in {"NOUN", "ADJF", "PRTF"}):
        is_last = at + 1 == len(tokens) and not before
        return Chunk("ask", words, frozenset() if is_last else form(word).cases), at + 1  # срок доставки какой
    if (found := _nominal(tokens, at + 1, (), "")) is None:
        return None
    noun, end = found
    cases = noun.cases if counts else noun.cases & form(word).cases
    if not cases:
        return None
    return Chunk("ask", words, frozenset() if before else cases, bound=noun.words), end


def _nominal(tokens: Sequence[str], at: int, before: tuple[str, ...], preposition: str) -> tuple[Chunk, int] | None:
    start = at
    readings: frozenset[Reading] | None = None
    while at < len(tokens) and (tokens[at] in _PREFIXES | _SUPERLATIVES or _describes(tokens, at)):
        if _describes(tokens, at) and tokens[at] not in _PREFIXES | _POSSESSIVES | _SUPERLATIVES:
            read = form(tokens[at])
            readings = read.readings if readings is None else common(readings, read.readings)
        at += 1
    if at == len(tokens):
        return None
    if not _is_russian(tokens[at]):
        return _foreign(tokens, start, before, preposition) if start == at else None
    read = form(tokens[at])
    if tokens[at] in _POSSESSIVES or read.part == "NPRO":
        cases = frozenset({ACCUSATIVE, GENITIVE}) if tokens[at] in _POSSESSIVES else read.cases
        return (
            (Chunk("noun", (*before, tokens[at]), cases, preposition, is_pronoun=True), at + 1) if start == at else None
        )
    agreed = read.readings if readings is None else common(readings, read.readings)
    if read.part != "NOUN" or not agreed or not read.known:
        return None
    end = at + 1
    cases = frozenset(reading.case for reading in agreed)
    words = (*before, *tokens[start:end])
    if start == at and (pair := _coordinated(tokens, at)) is not None:
        return Chunk("noun", (*before, *pair), cases & form(tokens[at + 2]).cases, preposition), at + 3
    return Chunk("noun", words, cases, preposition), end


def _describes(tokens: Sequence[str], at: int) -> bool:
    """Whether the word describes the one behind it; его and the like only before a noun."""
    if at + 1 >= len(tokens) or not _is_russian(tokens[at]):
        return False
    if tokens[at] in _POSSESSIVES:
        return _is_russian(tokens[at + 1]) and form(tokens[at + 1]).part in {"NOUN", "ADJF"}
    return form(tokens[at]).part in _DESCRIBING and form(tokens[at]).known


def _foreign(tokens: Sequence[str], at: int, before: tuple[str, ...], preposition: str) -> tuple[Chunk, int] | None:
    """Names in Latin script, and numbers with what they count; marks such as a comma are not understood."""
    start = at
    while at < len(tokens) and not _is_russian(tokens[at]):
        if not any(letter.isalnum() for letter in tokens[at]):
            return None
        at += 1
    words = tokens[start:at]
    if words[-1].isdecimal() and at < len(tokens) and form(tokens[at]).part in {"NOUN", "ADJF"}:
        if form(tokens[at]).part == "ADJF" or not form(tokens[at]).known:
            return None
        at += 1
    return Chunk("noun", (*before, *tokens[start:at]), ANY_CASE, preposition), at


def _coordinated(tokens: Sequence[str], at: int) -> tuple[str, ...] | None:
    """Переводы и платежи in one order, where nothing beside them could belong to one of them alone."""
    if at + 2 >= len(tokens) or tokens[at + 1] not in _CONJUNCTIONS or not _is_russian(tokens[at + 2]):
        return None
    if at > 0 and _is_russian(tokens[at - 1]) and form(tokens[at - 1]).part in {"NOUN", *_DESCRIBING}:
        return None
    one, other = form(tokens[at]), form(tokens[at + 2])
    if other.part != "NOUN" or not other.known or not one.cases & other.cases:
        return None
    if at + 3 < len(tokens) and (
        not _is_russian(tokens[at + 3]) or form(tokens[at + 3]).part not in {*_VERBS, "PRED"} | {"ADVB"}
    ):
        return None
    first, second = sorted((tokens[at], tokens[at + 2]))
    return first, tokens[at + 1], second


def _asks(word: str) -> bool:
    return word in _ASKING or (word[:1] in "кч" and form(word).base in _ATTRIBUTIVE)


def _is_russian(word: str) -> bool:
    return "а" <= word[0] <= "я" or word[0] == "ё"
