"""English inflection: the plural folded to the singular where a question asks how or whether to do something.

How do I cancel my order is how do I cancel my orders. In "what are the fees" the number of things is part of the
question, and tense always is (did, do; lost, lose), so nothing else is folded.
"""

from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.lemmas import lemma
from normalize.question import Step
from normalize.tokens import Sentence

_NO_PLURAL: Final = ("ss", "us", "is", "ous", "'s")
_SHORTEST: Final = 4


def english(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Folds the plurals of one sentence that begins as the lexicon says; mutates it."""
    opening = lexicon.singular_after.at(sentence.tokens, 0)
    if opening is None:
        return
    start, keep = len(opening.before), lexicon.words.get("plural_only", frozenset())
    for at, token in enumerate(sentence.tokens[start:], start):
        if token[-1] == "s" and token not in keep and (word := _singular(token)) != token:
            steps.append(Step(f"en.plural: {token} → {word}", token, word))
            sentence.tokens[at] = word


def _singular(token: str) -> str:
    """The singular, where it differs in its ending alone (orders, boxes, cities)."""
    if len(token) < _SHORTEST or token.endswith(_NO_PLURAL) or not token.isalpha():
        return token
    word = lemma(token, "en")
    return word if token in {word + "s", word + "es", word.removesuffix("y") + "ies"} else token
