"""Russian word order, which is free where endings tell who does what: one order for the chunks of a sentence.

The question word first, then the verbs, then the rest by alphabet. The words of a chunk are joined with + so that what
belongs together shows in the key: сколько стоит доставка+в+москву. A sentence keeps its order when a form leaves open
who does what (банк проверяет завод), when a phrase may belong to two words, or when a word of it is not understood.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final

from normalize.lexicon import Lexicon
from normalize.order.russian_chunks import ACCUSATIVE, NOMINATIVE, Chunk, cut
from normalize.question import Step
from normalize.tokens import Sentence

_LONGEST: Final = 14
_SOURCES: Final = frozenset({"из", "от", "с", "со"})
_GOALS: Final = frozenset({"в", "во", "на", "до", "к", "ко"})
_WHETHER: Final = "ли"
_IN_TURN: Final = frozenset({"сначала", "сперва", "потом", "затем"})
_UNTOLD: Final = frozenset({"это", "быть", "является", "являются", "называется", "называются", "был", "была", "было"})


def russian(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Brings one sentence to the one order; mutates it."""
    tokens = sentence.tokens
    if len(tokens) > _LONGEST or not _UNTOLD.isdisjoint(tokens) or lexicon.mentions.any(tokens):
        return
    if len(_IN_TURN.intersection(tokens)) > 1:
        return  # сначала бальзам, потом шампунь
    plain, is_whether = _without_whether(tokens, lexicon)
    chunks = cut(plain)
    result = arranged(chunks) if chunks else None
    if result is None or result == tokens:
        return
    leads = lexicon.words.get("leads", frozenset())
    asks = sentence.asks or is_whether
    if not asks and result[0] in leads and tokens[0] not in leads:
        return  # доставка есть tells, есть доставка asks
    steps.append(Step("ru.order", " ".join(tokens), " ".join(result)))
    sentence.tokens, sentence.asks = result, asks


def _without_whether(tokens: list[str], lexicon: Lexicon) -> tuple[list[str], bool]:
    """Пришел ли заказ asks what пришел заказ? asks; behind a noun ли puts weight on that and stays.

    It stays behind нужно too: without it, нужно оплатить заказ may tell.
    """
    if tokens.count(_WHETHER) != 1 or tokens.index(_WHETHER) != 1:
        return tokens, False
    shows_itself = lexicon.words.get("leads", frozenset()) | lexicon.words.get("interrogatives", frozenset())
    first = cut(tokens[:1])
    if not first or first[0].kind not in {"verb", "modal"} or (tokens[0] in shows_itself and tokens[0] != "есть"):
        return tokens, False
    return tokens[:1] + tokens[2:], True


def arranged(chunks: Sequence[Chunk]) -> list[str] | None:
    """The words of `chunks` in the one order, or None where their order tells something."""
    asks, modals, verbs = ([c for c in chunks if c.kind == kind] for kind in ("ask", "modal", "verb"))
    nouns = [c for c in chunks if c.kind == "noun" and not c.preposition]
    phrases = [c for c in chunks if c.kind == "noun" and c.preposition and not _is_owner(c)]
    if max(len(asks), len(modals), len(verbs)) > 1 or not (asks or modals or verbs) or not _asks_first(chunks):
        return None
    if not _roles_are_told([*asks, *nouns], is_finite=any(c.is_finite for c in chunks), has_verb=bool(modals or verbs)):
        return None
    rest = [c for c in chunks if c.kind in {"noun", "adverb"}]
    if len(nouns) > 1 or not _are_free(phrases):
        if (joined := _with_their_phrases(chunks)) is None:
            return None
        rest = joined
    head = [word for c in (*asks, *modals, *verbs) for word in (*c.words, *_joined([c.bound]))]
    return head + sorted(_joined(c.words for c in rest))


def _is_owner(chunk: Chunk) -> bool:
    """У меня, у вас: belongs to no noun beside it."""
    return chunk.preposition == "у" and chunk.is_pronoun


def _joined(groups: Iterable[tuple[str, ...]]) -> list[str]:
    return ["+".join(words) for words in groups if words]


def _asks_first(chunks: Sequence[Chunk]) -> bool:
    """Behind a verb когда and как join clauses (можно вернуть когда распродажа), before a noun they compare."""
    kinds = [chunk.kind for chunk in chunks]
    if "ask" not in kinds[1:]:
        return True
    at = kinds.index("ask")
    following = [*kinds, "verb"][at + 1]
    return following in {"verb", "modal"} and {"verb", "modal"}.isdisjoint(kinds[:at])


def _roles_are_told(chunks: Sequence[Chunk], *, is_finite: bool, has_verb: bool) -> bool:
    """Whether no two of the nouns can have the same part in the sentence."""
    roles = [set(chunk.cases) for chunk in chunks if chunk.cases]
    if has_verb and not is_finite:
        roles = [role - {NOMINATIVE} or role for role in roles]  # an infinitive has no subject
    for told in (NOMINATIVE, ACCUSATIVE):
        if has_verb and sum(role == {told} for role in roles) == 1:
            roles = [role if role == {told} else role - {told} for role in roles]
    return all(one.isdisjoint(other) for one, other in combinations(roles, 2))


def _are_free(phrases: Sequence[Chunk]) -> bool:
    """One phrase, or из Москвы в Сочи; of others one may belong to the other: со склада в Москве."""
    if len(phrases) != 2:
        return len(phrases) < 2
    source, goal = sorted(phrases, key=lambda phrase: phrase.preposition not in _SOURCES)
    is_goal = goal.preposition in {"до", "к", "ко"} or ACCUSATIVE in goal.cases
    return source.preposition in _SOURCES and goal.preposition in _GOALS and is_goal


def _with_their_phrases(chunks: Sequence[Chunk]) -> list[Chunk] | None:
    """Each phrase joined to the noun before it, which it may belong to; None where one follows another phrase."""
    result: list[Chunk] = []
    before = ""
    for chunk in chunks:
        if _is_owner(chunk):
            result.append(chunk)
            before = "owner"
        elif chunk.kind == "noun" and chunk.preposition and before == "noun":
            last = result.pop()
            result.append(Chunk("noun", last.words + chunk.words, last.cases, last.preposition))
            before = "phrase"
        elif chunk.kind == "noun" and chunk.preposition and before == "phrase":
            return None
        else:
            before = "phrase" if chunk.preposition else chunk.kind
            if chunk.kind in {"noun", "adverb"}:
                result.append(chunk)
    return result
