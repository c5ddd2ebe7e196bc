"""Stored questions → which a guard refuses, and what the verifier says of the others. What the cache serves by and what
labelled pairs are counted by are this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from semantic_cache.matching.compared import Compared
from semantic_cache.matching.guards import doubtful, veto
from semantic_cache.matching.verifier import Verified, Verifier

__all__ = ["SURE", "Examined", "examine"]

SURE = 2.0
"""Log odds of the pair model from which on it is believed that nearly the same words and another fact on one side are
one question ("where is my order", "where is my order now"). Of the pairs that are fitted on or measured and that
`doubtful` alone refuses, it says so of 111 of one meaning and 9 of two. Compared with other limits on splits of
the labelled pairs (notebooks/LOG.md)."""


@dataclass(frozen=True, slots=True)
class Examined:
    """Why a guard refuses a stored question, or None; what the verifier says, None where it was not asked."""

    veto: str | None
    verified: Verified | None = None


def examine(
    verifier: Verifier, asked: Compared, stored: Sequence[Compared], cosines: Sequence[float]
) -> list[Examined]:
    """One judgement a stored question.

    Args:
        cosines: One a stored question, in [-1, 1], as the verifier takes them.
    """
    out = [Examined(veto(asked, other, verified=True, read=True)) for other in stored]
    passed = [place for place, one in enumerate(out) if one.veto is None]
    if not passed:
        return out
    verified = verifier.verify(asked, [stored[place] for place in passed], [cosines[place] for place in passed])
    for place, one in zip(passed, verified, strict=True):
        refused = None if _is_sure(one.pair_logit) else doubtful(asked, stored[place])
        out[place] = Examined(refused and f"{refused}; {_unsure(one.pair_logit)}", one)
    return out


def _unsure(pair_logit: float | None) -> str:
    if pair_logit is None:
        return "no pair model read the two"
    return f"the pair model gives it log odds of {pair_logit:+.2f}, and {SURE:+.2f} are needed"


def _is_sure(pair_logit: float | None) -> bool:
    """Whether a near miss is let pass; never where no pair model read the two."""
    return pair_logit is not None and pair_logit >= SURE
