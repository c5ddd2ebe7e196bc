"""Labelled pairs of one's own → the cut table that a budget is turned into a rule on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from semantic_cache.tuning.errors import EvidenceError
from semantic_cache.tuning.pairs import LabelledPair
from semantic_cache.tuning.split import blocks_of

if TYPE_CHECKING:
    from normalize import Question
    from semantic_cache.embedder import Embedder
    from semantic_cache.matching import Verifier
    from semantic_cache.matching.cut_table import CutTable

__all__ = ["CUTS", "cut_table_of"]

CUTS = tuple(round(1 - 0.5 ** (place / 8), 5) for place in range(4, 80))
"""The probabilities that are tried: from 0.29 to 0.999, finer towards 1."""


def cut_table_of(
    pairs: Sequence[LabelledPair],
    *,
    name: str,
    verifier: Verifier,
    embedder: Embedder,
    normalizer: Callable[[str], Question],
) -> CutTable:
    """Judge every pair as the cache would and count, for every cut, what it would serve, one set a language.

    Pairs that normalization joins or a guard refuses do not come to the cut, so they are not counted. Pairs that share
    a group or a text are wrong together more often than others, and count as fewer.

    Args:
        embedder: Gives the cosines that the verifier goes by: the bundled encoder's.

    Raises:
        EvidenceError: No pair comes to the verifier.
        EmbeddingError: A text cannot be embedded.
    """
    from semantic_cache.matching import Compared, veto  # noqa: PLC0415  (its package loads the store)
    from semantic_cache.matching.cut_table import CutTable, counted  # noqa: PLC0415

    block_of = {place: number for number, block in enumerate(blocks_of(pairs)) for place in block}
    judged: dict[str, list[tuple[float, bool, int]]] = {}
    for place, pair in enumerate(pairs):
        asked, stored = normalizer(pair.question), normalizer(pair.other)
        here, there = (Compared(side.facts, side.key, side.language, side.text) for side in (asked, stored))
        if asked.key == stored.key or veto(here, there, verified=True) is not None:
            continue
        one, other = embedder.encode([asked.text, stored.text])
        (verified,) = verifier.verify(here, [there], [float(one @ other)])
        judged.setdefault(asked.language, []).append((verified.probability, pair.same, block_of[place]))
    if not judged:
        raise EvidenceError(
            f"None of the {len(pairs)} pairs comes to the verifier: normalization joins them or a guard refuses them. "
            "Label pairs that are worded differently."
        )
    sets = [
        counted(f"{name} ({language})", language, CUTS, *zip(*rows, strict=True))
        for language, rows in sorted(judged.items())
    ]
    return CutTable(CUTS, tuple(sets))
