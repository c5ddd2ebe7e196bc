"""Russian: inflection and word order together, for the endings tell what the order leaves free.

Words that belong together make a chunk (не with its word, a preposition with its noun, an adjective with its noun, a
noun with the genitive after it), and chunks stand in one order: question words, verbs, nouns whose ending does not tell
their part (these keep their order), then the rest. Москва is told from в Москве and в Москву, мама from маму.
"""

from dataclasses import dataclass, field
from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.pymorphy import Form, form
from normalize.question import Step
from normalize.tokens import Sentence

_LONGEST: Final = 14
_FIXED: Final = frozenset(
    ", и или но а чем если когда чтобы что который которая которое которые пока хотя потому либо : ; - ( )".split()  # noqa: SIM905
)
_PREFIXES: Final = frozenset(
    "не ни только лишь даже очень слишком более менее самый самая самое самые почти еще уже все бы тоже также".split()  # noqa: SIM905
)
_DIRECTED: Final = frozenset(
    {"в", "во", "на", "за", "под", "с", "со", "о", "об", "по"}
)  # another case, another meaning
_VERBS: Final = frozenset({"VERB", "INFN", "PRTS", "GRND", "PRED", "ADJS"})
_DESCRIBING: Final = frozenset({"ADJF", "PRTF", "NUMR"})
_CASES: Final = {
    "gent": "род", "gen2": "род", "datv": "дат", "accs": "вин", "acc2": "вин", "ablt": "тв", "loct": "пр", "loc2": "пр",
    "gen1": "род",
}  # fmt: skip


@dataclass(slots=True)
class _Chunk:
    words: list[str] = field(default_factory=list)
    rank: int = 3  # question word 0, verb 1, noun told by its place 2, the rest 3
    is_open: bool = True
    preposition: str = ""


def russian(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Brings one sentence to one form and order; mutates it."""
    tokens = sentence.tokens
    singular = lexicon.singular_after.at(tokens, 0) is not None
    chunks = _chunks(tokens, lexicon, singular=singular)
    is_free = len(tokens) <= _LONGEST and _FIXED.isdisjoint(tokens)
    ordered = _ordered(chunks) if is_free else chunks
    result = [word for chunk in ordered for word in chunk.words]
    if result != tokens:
        steps.append(Step("ru.order" if is_free else "ru.inflection", " ".join(tokens), " ".join(result)))
        sentence.tokens = result


def _ordered(chunks: list[_Chunk]) -> list[_Chunk]:
    kept = [chunk for rank in (0, 1, 2) for chunk in chunks if chunk.rank == rank]
    return kept + sorted((chunk for chunk in chunks if chunk.rank == 3), key=lambda chunk: chunk.words)


def _chunks(tokens: list[str], lexicon: Lexicon, *, singular: bool) -> list[_Chunk]:
    asks = lexicon.words.get("interrogatives", frozenset()) | lexicon.words.get("leads", frozenset())
    chunks: list[_Chunk] = [_Chunk()]
    for at, token in enumerate(tokens):
        if token == "ли":
            chunks[-1 if chunks[-1].words or len(chunks) == 1 else -2].words.append(token)
            continue
        if not chunks[-1].is_open:
            chunks.append(_Chunk())
        if token in asks and not chunks[-1].words:
            chunks[-1] = _Chunk(
                [token], rank=0 if at == 0 or token not in lexicon.words.get("leads", ()) else 1, is_open=False
            )
        else:
            _add(token, chunks, singular=singular)
    return [chunk for chunk in chunks if chunk.words]


def _add(token: str, chunks: list[_Chunk], *, singular: bool) -> None:
    chunk = chunks[-1]
    if token in _PREFIXES:
        chunk.words.append(token)
        return
    if not token[0].isalpha() or not "а" <= token[0] <= "я":
        chunk.words.append(token)
        chunk.rank = chunk.rank if chunk.preposition else 2
        chunk.is_open = token[0].isdigit()  # 3 карты
        return
    read = form(token)
    if read.part == "PREP":
        chunk.words.append(token)
        chunk.preposition = token
    elif read.part in _DESCRIBING:
        chunk.words.append(_number(read.base, read, singular=singular))
    elif read.part in _VERBS:
        chunk.words.append(_verb(token, read))
        chunk.rank, chunk.is_open = 1, False
    elif read.part in {"NOUN", "NPRO"}:
        _noun(read, chunks, singular=singular)
    else:
        chunk.words.append(token)
        chunk.is_open = False


def _noun(read: Form, chunks: list[_Chunk], *, singular: bool) -> None:
    chunk = chunks[-1]
    word = _number(read.base, read, singular=singular)
    case = _CASES.get(read.case, "")
    if not chunk.words and case == "род" and len(chunks) > 1 and chunks[-2].rank >= 2:
        chunks[-2].words.append(word + ":род")  # срок доставки
        return
    if chunk.preposition:
        chunk.words.append(f"{word}:{case}" if chunk.preposition in _DIRECTED and case else word)
    elif case in {"", "вин"} and not (read.animate and case):
        chunk.words.append(word)  # заказ: who acts and what is acted on look alike
        chunk.rank = 2
    else:
        chunk.words.append(f"{word}:{case}")
        chunk.rank = 2 if read.animate and not case else 3
    chunk.is_open = False


def _number(word: str, read: Form, *, singular: bool) -> str:
    return word if singular or not read.plural else word + ":мн"


def _verb(token: str, read: Form) -> str:
    """Past tense agrees with its subject and says no more (пришел, пришла); all else is meaning."""
    if read.part == "VERB" and read.tense == "past":
        return read.base + ":прош"
    if read.part == "VERB" and read.person == "3per":
        return f"{read.base}:{'буд' if read.tense == 'futr' else '3л'}"
    return token
