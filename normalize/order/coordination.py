"""A and B is B and A: what stands on both sides of `and` or `or`, in one order, where its borders are clear."""

from collections.abc import Iterator, Sequence
from typing import Final

_CONJUNCTIONS: Final = frozenset({"and", "or", "y", "e", "o", "ou"})
_ARTICLES: Final = frozenset({"a", "an", "the"})  # Romance articles agree with their noun and can not be exchanged
_IN_TURN: Final = frozenset({"respectively", "former", "latter", "order"})  # the words say which comes first
_AND: Final = "and"
_BEFORE_A_VERB: Final = frozenset({"i", "you", "we", "they", "he", "she", "to"})
_DIRECTED: Final = frozenset(
    ("ship", "shipping", "deliver", "delivery", "send", "fly", "flights", "travel", "go", "move", "drive", "access")
)
"""Before `to` these want a place or a thing, not a verb."""
_NARROWING: Final = frozenset(
    {"of", "with", "without", "under", "over", "above", "below", "who", "that", "which", "whose"}
)
"""Behind the pair these may belong to its last word alone: a cat and a dog under 5 kg."""
_BETWEEN: Final = frozenset({"between", "entre"})
_WITHOUT_ORDER: Final = frozenset(
    """
    difference differences distance distances similarity similarities comparison relation relations relationship
    relationships link links connection connections border interaction interactions conflict conflicts correlation
    compatibility choice
    diferencia diferencias distancia similitud similitudes comparación relación relaciones frontera interacción
    diferença diferenças distância semelhança semelhanças comparação relação fronteira interação
    """.split()  # noqa: SIM905
)
"""Before `between` these want no order: between breakfast and bedtime is the day, between bedtime and breakfast the
night."""
_TELLING_APART: Final = frozenset(
    """
    choose choosing decide deciding distinguish differentiate differ compare switch
    elegir distinguir diferenciar escolher
    """.split()  # noqa: SIM905
)
"""Nor do these where they stand directly before it."""
_NEAR: Final = 3


def coordinated(tokens: Sequence[str], borders: frozenset[str]) -> list[str]:
    """`tokens` with each pair of like words in alphabetical order.

    A pair is like when each side is one word, or has its own article, and a border (an auxiliary, a preposition, an
    article, the end) stands around it: red wine and cheese is not cheese and red wine, for red may belong to both.
    Nor are two things to do exchanged: cancel and rebook is done in this order.
    """
    result = list(tokens)
    if not _IN_TURN.isdisjoint(result):
        return result
    for at in [i for i, token in enumerate(result) if token in _CONJUNCTIONS]:
        if (sides := _sides(result, at, borders)) is None:
            continue
        start, end = sides
        left, right = result[start:at], result[at + 1 : end]
        if right < left and not (
            _is_done_in_turn(result, start, at) or _is_narrowed(result, start, end) or _is_span(result, start)
        ):
            result[start:end] = [*right, result[at], *left]
    return result


def _is_narrowed(tokens: Sequence[str], start: int, end: int) -> bool:
    return end < len(tokens) and tokens[end] in _NARROWING and not _is_between(tokens, start)


def _is_between(tokens: Sequence[str], start: int) -> bool:
    return start > 0 and tokens[start - 1] in _BETWEEN


def _is_span(tokens: Sequence[str], start: int) -> bool:
    if not _is_between(tokens, start):
        return False
    before = tokens[max(start - 1 - _NEAR, 0) : start - 1]
    return _WITHOUT_ORDER.isdisjoint(before) and _TELLING_APART.isdisjoint(before[-1:])


def _is_done_in_turn(tokens: Sequence[str], start: int, at: int) -> bool:
    if tokens[at] != _AND or start == 0 or tokens[start - 1] not in _BEFORE_A_VERB:
        return False
    return tokens[start - 1] != "to" or start == 1 or tokens[start - 2] not in _DIRECTED


def _sides(tokens: Sequence[str], at: int, borders: frozenset[str]) -> tuple[int, int] | None:
    start = at - len(list(_run(reversed(tokens[:at]), borders)))
    right_article = at + 1 < len(tokens) and tokens[at + 1] in _ARTICLES
    first = at + 2 if right_article else at + 1
    end = first + len(list(_run(tokens[first:], borders)))
    left_article = start > 0 and tokens[start - 1] in _ARTICLES
    if start == at or end == first or left_article != right_article:
        return None
    if left_article:
        return start - 1, end
    return (start, end) if at - start == 1 and end - first == 1 else None


def _run(tokens: Iterator[str] | Sequence[str], borders: frozenset[str]) -> Iterator[str]:
    for token in tokens:
        if token in borders or not token[0].isalpha():
            return
        yield token
