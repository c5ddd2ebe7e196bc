"""Typos."""

from normalize.lexicon import Lexicon
from normalize.question import Step
from normalize.tokens import Sentence


def typos(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Corrects misspelt words of one sentence; mutates it."""
