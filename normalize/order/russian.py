"""Word order."""

from normalize.lexicon import Lexicon
from normalize.question import Step
from normalize.tokens import Sentence


def russian(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Folds the free order of one sentence; mutates it."""
