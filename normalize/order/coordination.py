"""A and B is B and A: what stands on both sides of `and` or `or`, in one order, where its borders are clear."""

from collections.abc import Iterator, Sequence
from typing import Final

_CONJUNCTIONS: Final = frozenset({"and", "or", "y", "e", "o", "ou"})
_ARTICLES: Final = frozenset({"a", "an", "the"})  # Romance articles agree with their noun and can not be exchanged


def coordinated(tokens: Sequence[str], borders: frozenset[str]) -> list[str]:
    """`tokens` with each pair of like words in alphabetical order.

    A pair is like when each side is one word, or has its own article, and a border (an auxiliary, a preposition, an
    article, the end) stands around it: red wine and cheese is not cheese and red wine, for red may belong to both.
    """
    result = list(tokens)
    for at in [i for i, token in enumerate(result) if token in _CONJUNCTIONS]:
        if (sides := _sides(result, at, borders)) is None:
            continue
        start, end = sides
        left, right = result[start:at], result[at + 1 : end]
        if right < left:
            result[start:end] = [*right, result[at], *left]
    return result


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
