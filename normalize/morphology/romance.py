"""Spanish and Portuguese inflection: plurals folded where a question asks how or whether to do something."""

from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.lemmas import lemma
from normalize.question import Step
from normalize.tokens import Sentence

_SHORTEST: Final = 4
_ARTICLES: Final = {
    "los": "el",
    "las": "la",
    "unos": "un",
    "unas": "una",
    "os": "o",
    "as": "a",
    "uns": "um",
    "umas": "uma",
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
        if token[-1] == "s" and token not in keep and (word := _singular(token, lexicon.language)) != token:
            steps.append(Step(f"{lexicon.language}.plural: {token} → {word}", token, word))
            sentence.tokens[at] = word


def _singular(token: str, language: str) -> str:
    """The singular, where it differs in its ending alone (pedidos, tarjetas, cartões); a verb stays as it is."""
    if (short := _ARTICLES.get(token) or _POSSESSIVES.get(token)) is not None:
        return short
    if len(token) < _SHORTEST or not token.isalpha():
        return token
    word = lemma(token, language)
    if word.endswith(("ar", "er", "ir")) and not token.startswith(word):  # a form of a verb
        return token
    ending = "ão" if token.endswith(("ões", "ães", "ãos")) else ""
    same = (
        token[:-3] + ending == word
        if ending
        else token in {word + "s", word + "es", word[:-1] + "ces", word[:-1] + "is", word[:-1] + "ns"}
    )
    return word if same else token
