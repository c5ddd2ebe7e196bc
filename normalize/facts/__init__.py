"""What two wordings of one question must share exactly: numbers, negations, names, directions and the like."""

from normalize.facts.extraction import extract

__all__ = ["extract"]
