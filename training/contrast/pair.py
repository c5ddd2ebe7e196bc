"""One contrast pair: two questions and whether one answer is right for both."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ContrastPair:
    """``same`` says that one answer serves both; ``kind`` names the change and ``group`` the template it came from."""

    one: str
    other: str
    same: bool
    kind: str
    group: str
