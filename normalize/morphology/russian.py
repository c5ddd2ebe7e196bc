"""Inflection."""

from normalize.lexicon import Lexicon
from normalize.question import Step
from normalize.tokens import Sentence


def russian(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Folds the inflected forms of one sentence; mutates it."""
