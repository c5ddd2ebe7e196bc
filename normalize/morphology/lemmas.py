"""The base form of a word through simplemma's dictionaries, which are loaded when first asked."""

import threading
from functools import lru_cache
from typing import Any

_LOCK = threading.Lock()


@lru_cache(maxsize=1)
def _strategy() -> Any:
    from simplemma.strategies import DictionaryLookupStrategy  # noqa: PLC0415  (its dictionaries take memory)

    return DictionaryLookupStrategy()


@lru_cache(maxsize=50_000)
def lemma(word: str, language: str) -> str:
    """The base form of `word` (`children` → `child`), itself where the dictionary has none."""
    with _LOCK:
        return str(_strategy().get_lemma(word, language) or word)
