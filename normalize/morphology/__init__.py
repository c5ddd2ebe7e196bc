"""Inflection: every word in the one form that its language has for it, as far as the meaning stays."""

from normalize.lexicon import Lexicon
from normalize.morphology.english import english
from normalize.morphology.romance import romance
from normalize.morphology.russian import russian
from normalize.question import Step
from normalize.tokens import Sentence

_ANALYSERS = {"en": english, "es": romance, "pt": romance, "ru": russian}


def inflection(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Folds the inflected forms of one sentence; mutates it. A language without an analyser stays as it is."""
    if (analyse := _ANALYSERS.get(lexicon.language)) is not None:
        analyse(sentence, lexicon, steps)
