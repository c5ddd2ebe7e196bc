"""What English may say before a question and may as well say behind it: in summer, if I cancel, without a card."""

from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.lemmas import lemma

_PREPOSITIONS: Final = frozenset(
    {"in", "on", "at", "for", "during", "over", "within", "with", "without", "next", "this", "last"}
)
_BE: Final = frozenset({"is", "are", "was", "were"})
_AUXILIARIES: Final = frozenset({"do", "does", "did", "can", "could", "will", "would", "should", "must", "have", "has"})
_HAVE: Final = frozenset({"have", "has"})
_SUBJECTS: Final = frozenset({"i", "you", "we", "they", "he", "she", "it"})
_NO_VERB_ENDS: Final = ("s", "er", "est")
_CONDITIONS: Final = frozenset({"if"})
_LEADING: Final = _PREPOSITIONS | _CONDITIONS
_ENDS: Final = frozenset({",", "which"})  # the lexicon has dropped the comma before `which`
_LONGEST_PHRASE: Final = 6
_LONGEST_CONDITION: Final = 14
_LONGEST_QUESTION: Final = 14
_JOINING: Final = frozenset(
    {",", "if", "when", "while", "who", "which", "that", "whose", "and", "or", "but", "than", "as", "not"}
)


def leading_last(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """In summer, how do I park → how do I park in summer; if I cancel, do I pay → do I pay if I cancel.

    Not where it could then belong to another word: after the update, how do I find photos I deleted.
    """
    if tokens[0] not in _LEADING or (border := next((at for at, token in enumerate(tokens) if token in _ENDS), 0)) == 0:
        return tokens
    leading, question = tokens[:border], tokens[border + (tokens[border] == ",") :]
    if tokens[0] in _CONDITIONS and question[:1] == ["then"]:
        question = question[1:]
    if not _asks(question, lexicon) or not _is_simple(question):
        return tokens
    if tokens[0] in _CONDITIONS:
        fits = 2 < len(leading) <= _LONGEST_CONDITION
    else:
        fits = 1 < len(leading) <= _LONGEST_PHRASE and _JOINING.isdisjoint(leading) and not _has_verb(leading)
    return [*question, *leading] if fits else tokens


def _asks(question: list[str], lexicon: Lexicon) -> bool:
    words = lexicon.words
    begins = words.get("interrogatives", frozenset()) | words.get("leads", frozenset())
    return 2 < len(question) <= _LONGEST_QUESTION and question[0] in begins


def _is_simple(question: list[str]) -> bool:
    """Whether it has one clause, so that what is put behind it belongs to the whole."""
    return _JOINING.isdisjoint(question[1:]) and not _has_verb(question[3 : len(question) - _predicate(question)])


def _predicate(question: list[str]) -> int:
    """How many words at the end are the verb itself: are offered, are being offered, has … been offered, have I met."""
    asks_for_subject = question[0] not in _AUXILIARIES
    if question[-2] in _BE and asks_for_subject:
        return 2
    if question[-2] == "being" and question[-3] in _BE and asks_for_subject:
        return 3
    if question[-2] == "been" and question[0] in _HAVE:
        return 2
    return 3 if question[-3] in _HAVE and question[-2] in _SUBJECTS else 0


def _has_verb(words: list[str]) -> bool:
    """Whether there is an inflected verb: not the plural of a noun, which ends in s too, nor cheaper, cheapest."""
    return any(
        not word.endswith(_NO_VERB_ENDS) and word.isalpha() and lemma(word, "en").lower() != word for word in words
    )
