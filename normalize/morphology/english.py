"""English inflection: the plural folded to the singular where a question asks how or whether to do something.

How do I cancel my order is how do I cancel my orders. In "what are the fees" the number of things is part of the
question, and tense always is (did, do; lost, lose), so nothing else is folded but the -ing that a frame has left
behind: "what is the procedure for closing an account" asks how to close one.
"""

from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.lemmas import lemma, verb_of_gerund
from normalize.question import Step
from normalize.tokens import Sentence

_NO_PLURAL: Final = ("ss", "us", "is", "ous", "'s")
_SHORTEST: Final = 4
_WANTS_A_VERB: Final = (("how", "to"), ("help", "me"), ("cost", "to"))


def english(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Folds the plurals of one sentence that begins as the lexicon says; mutates it."""
    _gerund(sentence, lexicon, steps)
    opening = lexicon.singular_after.at(sentence.tokens, 0)
    if opening is None:
        return
    start = len(opening.before)
    keep = lexicon.words.get("plural_only", frozenset()) | _names(sentence)
    for at, token in enumerate(sentence.tokens[start:], start):
        if token[-1] == "s" and token not in keep and (word := _singular(token)) != token:
            steps.append(Step(f"en.plural: {token} → {word}", token, word))
            sentence.tokens[at] = word


def _names(sentence: Sentence) -> set[str]:
    """Words in capitals (Mars, Friends), unless most are: then it is a title."""
    names = sentence.names - {"i"}
    return names if 2 * len(names) < len(sentence.tokens) else set()


def _gerund(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """How to closing, which nobody writes, → how to close."""
    tokens = sentence.tokens
    for at in range(2, len(tokens)):
        if tokens[at].endswith("ing") and (tokens[at - 2], tokens[at - 1]) in _WANTS_A_VERB:
            verb = lexicon.participles.get(tokens[at]) or verb_of_gerund(tokens[at])
            if verb != tokens[at]:
                steps.append(Step(f"en.gerund: {tokens[at]} → {verb}", tokens[at], verb))
                tokens[at] = verb


def _singular(token: str) -> str:
    """The singular, where it differs in its ending alone (orders, boxes, cities)."""
    if len(token) < _SHORTEST or token.endswith(_NO_PLURAL) or not token.isalpha():
        return token
    word = lemma(token, "en")
    return word if token in {word + "s", word + "es", word.removesuffix("y") + "ies"} else token
