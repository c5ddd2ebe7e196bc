"""Typos: a word that no language has, one slip away from one frequent word.

Never a name, a code, a number or a word that exists: what is not surely a slip stays as it was written.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from normalize.lengthening import LONG, shortened
from normalize.lexicon import Lexicon
from normalize.morphology.lemmas import lemma
from normalize.morphology.pymorphy import form
from normalize.question import Step
from normalize.slips import is_doubling, is_slip, is_swap
from normalize.tokens import Sentence
from normalize.words import LANGUAGES, Words, words

_SHORTEST: Final = 4  # of four letters only two may have changed places
_SHORTEST_OF_STORE: Final = 6  # two products may well have names of five letters that differ in a swap
_AHEAD: Final = 1.0  # how much more frequent than the next candidate, in Zipf
_BEHIND: Final = 3.5  # how much rarer than the word a form that has been seen before must be, in Zipf
_BEHIND_LONG: Final = 2.5  # the same for long words, beside which few others stand
_ROUNDS_KEPT: Final = 20_000
# Who is asked what something is names it: what is natto, qué es un treap, что такое прион.
_DEFINING: Final = frozenset("is are was were es son era é são такое такой такая такие".split())  # noqa: SIM905
_ARTICLES: Final = frozenset("a an un una um uma".split())  # noqa: SIM905
_FUNCTION: Final = 3  # the letters of the function words that are put right: teh, oyu
_FAR_BEHIND: Final = 4.0
_LONG: Final = 9
_COMMON: Final = 4.0
_USUAL: Final = 3.7  # what both words beside a slipped space are at least, in Zipf, and words of up to three letters
_USUAL_SHORT: Final = 5.0


def typos(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Corrects misspelt words of one sentence; mutates it."""
    if lexicon.language not in LANGUAGES:
        return
    listed = words(lexicon.language)
    for at in range(len(sentence.tokens)):
        token = sentence.tokens[at]
        if token in lexicon.known or not token.isalpha() or token in sentence.names:
            continue
        if len(token) == _FUNCTION:
            _put(sentence, at, (_function_word(token, lexicon, listed),), lexicon, steps)
        elif token not in listed.known or LONG.search(token) is not None:
            _right(sentence, at, lexicon, steps)


def respell(tokens: Sequence[str], vocabulary: Iterable[str], language: str) -> list[str]:
    """`tokens` with unknown words put as the only word of `vocabulary` that is one slip away (samewsie → samewise).

    For words that no list has but a store's own questions do: names of products, jargon. Names differ in one letter
    on purpose (Zorbita, Zorbeta), so only letters that changed places or were doubled count as a slip.
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


def _right(sentence: Sentence, at: int, lexicon: Lexicon, steps: list[Step]) -> None:
    token, listed = sentence.tokens[at], words(lexicon.language)
    word = shortened(token, listed)
    if word != token and _is_named(sentence.tokens, at):  # Toool is a society
        return
    if word == token and _space(sentence, at, lexicon, steps):
        return
    if word == token and len(token) >= _SHORTEST:
        word = _corrected(token, lexicon.language)
        if _is_named(sentence.tokens, at) and not (is_swap(token, word) and _is_plain(word, lexicon)):
            return
    _put(sentence, at, (word,), lexicon, steps)


def _is_named(tokens: Sequence[str], at: int) -> bool:
    return at > 0 and (tokens[at - 1] in _DEFINING or tokens[at - 1] in _ARTICLES)


def _is_plain(word: str, lexicon: Lexicon) -> bool:
    """Whether `word` is none that a name is made of: a long one, or one that only grammar needs."""
    return len(word) >= _SHORTEST_OF_STORE or word in lexicon.known


def _function_word(token: str, lexicon: Lexicon, listed: Words) -> str:
    """teh → the; cna stays: it is a profession."""
    swapped = (token[1] + token[0] + token[2], token[0] + token[2] + token[1])
    fitting = [word for word in swapped if word != token and word in lexicon.known]
    is_far = len(fitting) == 1 and listed.zipf(fitting[0]) >= listed.zipf(token) + _FAR_BEHIND
    return fitting[0] if is_far else token


def _put(sentence: Sentence, at: int, right: Sequence[str], lexicon: Lexicon, steps: list[Step]) -> None:
    typed, meant = " ".join(sentence.tokens[at : at + len(right)]), " ".join(right)
    if typed != meant:
        steps.append(Step(f"{lexicon.language}.typo: {typed} → {meant}", typed, meant))
        sentence.tokens[at : at + len(right)] = right


def _space(sentence: Sentence, at: int, lexicon: Lexicon, steps: list[Step]) -> bool:
    """Puts right a space that came one letter early or late: th eload → the load, shel oves → she loves."""
    listed = words(lexicon.language)
    for left in (at - 1, at):
        pair = sentence.tokens[left : left + 2] if left >= 0 else []
        if len(pair) < 2 or not all(word.isalpha() for word in pair) or sentence.names.intersection(pair):
            continue
        one, other = pair
        moved = [(one + other[0], other[1:]), (one[:-1], one[-1] + other)]
        fitting = [pair for pair in moved if all(_is_usual(word, listed) for word in pair)]
        if len(fitting) == 1:
            _put(sentence, left, fitting[0], lexicon, steps)
            return True
    return False


def _is_usual(word: str, listed: Words) -> bool:
    return len(word) > 1 and listed.zipf(word) >= (_USUAL_SHORT if len(word) <= _FUNCTION else _USUAL)


@lru_cache(maxsize=_ROUNDS_KEPT)
def _corrected(token: str, language: str) -> str:
    if _is_in_dictionary(token, language):
        return token
    listed = words(language)
    found = extract(token, listed.near_in_length(token), scorer=OSA.distance, score_cutoff=1, limit=5)
    candidates = sorted((word for word, *_ in found if _is_likely(token, word, listed)), key=listed.zipf, reverse=True)
    if not candidates:
        return token
    best = candidates[0]
    ahead = len(candidates) == 1 or listed.zipf(best) >= listed.zipf(candidates[1]) + _AHEAD
    return best if ahead and not _may_be_rare(token, best, listed) else token


def _may_be_rare(token: str, best: str, listed: Words) -> bool:
    """Whether `token`, in a list below what surely are words, may be one: natto is no nato; konw was always know."""
    seen = listed.zipf(token)
    if not seen or len(token) >= _LONG:
        return listed.zipf(best) < seen + _BEHIND_LONG
    if len(token) > _SHORTEST_OF_STORE:
        return listed.zipf(best) < seen + _BEHIND_LONG or not (is_swap(token, best) or is_doubling(token, best))
    return listed.zipf(best) < seen + _BEHIND or not is_swap(token, best)


def _is_likely(typed: str, word: str, listed: Words) -> bool:
    """Letters that changed places or were doubled tell of a finger; a wrong letter may be a name: pandera, pandora."""
    if not is_slip(typed, word):
        return False
    is_sure = is_swap(typed, word) or is_doubling(typed, word) or len(typed) >= _LONG
    return is_sure or listed.zipf(word) >= _COMMON


def _is_in_dictionary(token: str, language: str) -> bool:
    """Whether a dictionary knows `token` as a form of a rarer word."""
    return form(token).known if language == "ru" else lemma(token, language) != token


def _only(token: str, own: Sequence[str]) -> str:
    if len(token) < _SHORTEST_OF_STORE:
        return token
    found = [str(word) for word, *_ in extract(token, own, scorer=OSA.distance, score_cutoff=1, limit=2)]
    return found[0] if len(found) == 1 and (is_swap(token, found[0]) or is_doubling(token, found[0])) else token
