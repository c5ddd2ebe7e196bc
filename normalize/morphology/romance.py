"""Spanish and Portuguese inflection: plurals folded where a question asks how or whether to do something."""

from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.lemmas import lemma
from normalize.question import Step
from normalize.tokens import Sentence

_SHORTEST: Final = 4
_BEFORE_VERBS: Final = frozenset(
    {"me", "te", "se", "nos", "os", "le", "lo", "no", "não", "como", "tú", "tu", "vos", "que", "si", "você", "ya", "já"}
)
_INFINITIVES: Final = ("ar", "er", "ir")
_PARTICIPLES: Final = ("ados", "adas", "idos", "idas")
_ARTICLES: Final = {
    "es": {"los": "el", "las": "la", "unos": "un", "unas": "una"},
    "pt": {"os": "o", "as": "a", "uns": "um", "umas": "uma"},
}
_POSSESSIVES: Final = {
    "mis": "mi", "tus": "tu", "sus": "su", "meus": "meu", "minhas": "minha", "seus": "seu", "suas": "sua",
    "teus": "teu", "tuas": "tua", "nuestros": "nuestro", "nuestras": "nuestra", "nossos": "nosso", "nossas": "nossa",
}  # fmt: skip


def romance(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Folds the plurals of one sentence that begins as the lexicon says; mutates it."""
    opening = lexicon.singular_after.at(sentence.tokens, 0)
    if opening is None:
        return
    start, keep = len(opening.before), lexicon.words.get("plural_only", frozenset())
    for at, token in enumerate(sentence.tokens[start:], start):
        if sentence.tokens[at - 1] in _BEFORE_VERBS:
            continue  # cómo te llamas
        if token[-1] == "s" and token not in keep and (word := _singular(token, lexicon.language)) != token:
            steps.append(Step(f"{lexicon.language}.plural: {token} → {word}", token, word))
            sentence.tokens[at] = word


def _singular(token: str, language: str) -> str:
    """The singular, where it differs in its ending alone (pedidos, tarjetas, cartões); a verb stays as it is."""
    if (short := _ARTICLES[language].get(token) or _POSSESSIVES.get(token)) is not None:
        return short
    if len(token) < _SHORTEST or not token.isalpha():
        return token
    word = lemma(token, language)
    if token.endswith(_PARTICIPLES) and (word.endswith(_INFINITIVES) or token[:-2] + "o" == word):
        return token[:-1]  # perdidas → perdida, next to tarjeta
    if word.endswith(_INFINITIVES) and not token.startswith(word):  # a form of a verb
        return token
    ending = "ão" if token.endswith(("ões", "ães", "ãos")) else ""
    same = (
        token[:-3] + ending == word
        if ending
        else token in {word + "s", word + "es", word[:-1] + "ces", word[:-1] + "is", word[:-1] + "ns"}
    )
    return word if same else token
