"""The base form of a word through simplemma's dictionaries, which are loaded when first asked."""

import threading
from functools import lru_cache
from typing import Any, Final

_LOCK = threading.Lock()
_VOWELS: Final = frozenset("aeiouy")


@lru_cache(maxsize=1)
def _strategy() -> Any:
    from simplemma.strategies import DictionaryLookupStrategy  # noqa: PLC0415  (its dictionaries take memory)

    return DictionaryLookupStrategy()


@lru_cache(maxsize=50_000)
def lemma(word: str, language: str) -> str:
    """The base form of `word` (`children` → `child`), itself where the dictionary has none."""
    with _LOCK:
        return str(_strategy().get_lemma(word, language) or word)


@lru_cache(maxsize=50_000)
def is_word(word: str, language: str) -> bool:
    """Whether the dictionary of `language` has `word`, in its base form or another."""
    with _LOCK:
        return _strategy().get_lemma(word, language) is not None


@lru_cache(maxsize=10_000)
def verb_of_gerund(word: str) -> str:
    """The verb of an English -ing form (`closing` → `close`), itself where two verbs or none could be meant."""
    stem = word.removesuffix("ing")
    if stem == word or _VOWELS.isdisjoint(stem):
        return word
    undoubled = stem[:-1] if stem[-1] == stem[-2:-1] else stem
    candidates = {verb for verb in (stem, stem + "e", undoubled) if is_word(verb, "en")}
    known = lemma(word, "en")
    if known in candidates:
        return known
    return candidates.pop() if len(candidates) == 1 else word


def is_superlative(word: str) -> bool:
    """Whether `word` is an English adjective in -est (`highest`, `largest`; not `interest`)."""
    base = lemma(word, "en")
    return word.endswith("est") and word in {base + "est", base + "st", base[:-1] + "iest", base + base[-1:] + "est"}
