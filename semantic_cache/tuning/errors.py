"""What can go wrong while tuning.

SamewiseError
└── TuningError
    ├── PairsFileError (ValueError)    a file of labelled pairs that cannot be used: names file, line, column and value
    ├── EvidenceError (ValueError)     pairs, scores or a wanted share that nothing can be concluded from
    └── FigureError                    a figure was asked for and matplotlib is not installed
"""

from __future__ import annotations

from semantic_cache.errors import SamewiseError

__all__ = ["EvidenceError", "FigureError", "PairsFileError", "TuningError"]


class TuningError(SamewiseError):
    """The root of every error of tuning."""


class PairsFileError(TuningError, ValueError):
    """A file of labelled pairs that cannot be used."""


class EvidenceError(TuningError, ValueError):
    """Pairs, scores or a wanted share that nothing can be concluded from."""


class FigureError(TuningError):
    """A figure was asked for and matplotlib is not installed."""
