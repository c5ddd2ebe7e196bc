"""When two questions share most of their words, what they do not share is what they are about. Pure.

"How much is shipping to Japan?" and "How much is shipping from Japan?" lie nearer to each other (cosine 0.99) than
most paraphrases do. Paraphrases that normalization did not already make equal differ in most of their words, so a
small difference in wording is a difference in meaning until something better than a cosine says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set

    from semantic_cache.matching.compared import Compared

__all__ = ["content_words", "difference_in_wording"]

_SHARED_ENOUGH = 0.5


def difference_in_wording(asked: Compared, stored: Compared) -> str | None:
    """Why two questions whose keys share at least half of their words are not the same, or None.

    Words are compared without articles, pronouns and auxiliaries. The same words in another order count as a
    difference: from A to B is not from B to A. The order is that of the key, where free order is gone, and that of the
    text, where a key may have lost it.
    """
    mine, other = asked.seen, stored.seen
    here, there = mine.key_set, other.key_set
    if (
        (here == there and mine.key != other.key)
        or (mine.sorted_order == other.sorted_order and mine.order != other.order)
        or (mine.sorted_key_order == other.sorted_key_order and mine.key_order != other.key_order)
    ):
        return "the same words stand in another order"
    if here == there:
        # "Can I call you?" is not "Can you call me?": who comes first matters once all other words are equal.
        return "other persons act" if mine.persons != other.persons else None
    shares = ((here, there), (mine.content, other.content), (mine.letters, other.letters))
    if all(_share(one, two) < _SHARED_ENOUGH for one, two in shares):
        return None
    return f"nearly the same words, but {_listed(here - there)} asked, {_listed(there - here)} stored"


def content_words(side: Compared) -> frozenset[str]:
    """The words as they were typed, without those that say little, Korean ones without their particle."""
    return side.seen.content


def _share(here: Set[str], there: Set[str]) -> float:
    return len(here & there) / max(len(here), len(there), 1)


def _listed(words: Set[str]) -> str:
    return ", ".join(sorted(words)) or "nothing"
