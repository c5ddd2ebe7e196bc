"""Which pairs are right or wrong together: as evidence they count for less than as many strangers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from training.examples import SETS, Example, grouped

__all__ = ["meanings"]


def meanings(examples: Sequence[Example]) -> list[str]:
    """Each pair's group as evidence: the template that made it, or the questions that mean what its first one means.

    Pairs that differ join what they compare when a set is split, so that nothing is on both sides of it; half of
    ParaKQC hangs together that way. As evidence each of its meanings stands for itself.
    """
    named = [f"{one.source}/{one.group}" if _made_by_template(one) else "" for one in examples]
    rest = [replace(one, group="") for one, name in zip(examples, named, strict=True) if not name and one.same]
    of_text = {(one.source, text): one.group for one in grouped(rest) for text in (one.one, one.other)}
    return [
        name or f"{one.source}/{of_text.get((one.source, one.one), one.one)}"
        for one, name in zip(examples, named, strict=True)
    ]


def _made_by_template(one: Example) -> bool:
    return one.source.startswith("contrast") or bool(one.kind and one.source in SETS)
