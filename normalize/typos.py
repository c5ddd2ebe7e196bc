"""Typos: a word that no language has, one slip away from one frequent word.

Never a name, a code, a number or a word that exists: what is not surely a slip stays as it was written.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from normalize.lexicon import Lexicon
from normalize.morphology.lemmas import lemma
from normalize.morphology.pymorphy import form
from normalize.question import Step
from normalize.tokens import Sentence
from normalize.words import LANGUAGES, words

_SHORTEST: Final = 4  # of four letters only two may have changed places
_VOWELS: Final = frozenset("aeiouáéíóúâêôãõаеиоуыэюя")
_KEYS: Final = ("qwertyuiop", "asdfghjklñç", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
_AHEAD: Final = 10.0  # how many times more frequent than the next candidate
_ROUNDS_KEPT: Final = 20_000


def typos(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Corrects misspelt words of one sentence; mutates it."""
    if lexicon.language not in LANGUAGES:
        return
    listed = words(lexicon.language)
    for at, token in enumerate(sentence.tokens):
        if len(token) < _SHORTEST or token in listed.known or token in lexicon.known or token in sentence.names:
            continue
        word = _corrected(token, lexicon.language)
        if word != token:
            steps.append(Step(f"{lexicon.language}.typo: {token} → {word}", token, word))
            sentence.tokens[at] = word


def respell(tokens: Sequence[str], vocabulary: Iterable[str], language: str) -> list[str]:
    """`tokens` with unknown words put as the only word of `vocabulary` that is one slip away (samewsie → samewise).

    For words that no list has but a store's own questions do: names of products, jargon.
    """
    strange = unknown(tokens, language)
    own = list(dict.fromkeys(vocabulary)) if strange else []
    right = {token: _only(token, own) for token in set(strange).difference(own)}
    return [right.get(token, token) for token in tokens]


def unknown(tokens: Sequence[str], language: str) -> list[str]:
    """The tokens that no list has; of a text in no known language those that are no English word either."""
    if language not in LANGUAGES and not all(token.isascii() for token in tokens):
        return []
    known = words(language if language in LANGUAGES else "en").known
    return [token for token in tokens if len(token) >= _SHORTEST and token.isalpha() and token not in known]


@lru_cache(maxsize=_ROUNDS_KEPT)
def _corrected(token: str, language: str) -> str:
    if not token.isalpha() or _is_inflected(token, language):
        return token
    listed = words(language)
    found = extract(token, listed.near_in_length(token), scorer=OSA.distance, score_cutoff=1, limit=3)
    candidates = sorted((word for word, *_ in found if _slips(token, word)), key=lambda word: -listed.frequency[word])
    if not candidates:
        return token
    ahead = len(candidates) == 1 or listed.frequency[candidates[0]] >= _AHEAD * listed.frequency[candidates[1]]
    return candidates[0] if ahead else token


def _is_inflected(token: str, language: str) -> bool:
    """Whether a dictionary knows `token` as a form of a rarer word."""
    return form(token).known if language == "ru" else lemma(token, language) != token


def _only(token: str, own: Sequence[str]) -> str:
    found = extract(token, own, scorer=OSA.distance, score_cutoff=1, limit=2)
    return str(found[0][0]) if len(found) == 1 and _slips(token, found[0][0]) else token


def _slips(token: str, word: str) -> bool:
    """Whether a finger slipped from `word` to `token`, which differ in one edit.

    Two letters have changed places, one is missing or doubled, a vowel or a neighbour on the keyboard stands for
    another. scanf is no scan, mogule no module.
    """
    at = next((i for i, (a, b) in enumerate(zip(token, word, strict=False)) if a != b), min(len(token), len(word)))
    if len(token) == len(word) and sorted(token) == sorted(word):
        return True
    if len(token) < len(word):
        return len(token) > _SHORTEST
    if at == 0 or len(token) == _SHORTEST:
        return False
    if len(token) > len(word):
        return token[at] == token[at - 1] or _are_neighbours(token[at], token[at - 1] + token[at + 1 : at + 2])
    both_vowels = token[at] in _VOWELS and word[at] in _VOWELS
    return len(token) > _SHORTEST + 1 and (both_vowels or _are_neighbours(token[at], word[at]))


def _are_neighbours(letter: str, others: str) -> bool:
    return any(
        letter in row and other in row and abs(row.index(letter) - row.index(other)) == 1
        for row in _KEYS
        for other in others
    )
