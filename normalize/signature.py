"""Sentences → the key: a readable string that two texts share only when they are the same question."""

from collections.abc import Sequence

from normalize.lexicon import Lexicon
from normalize.tokens import Sentence


def signature(sentences: Sequence[Sentence], lexicon: Lexicon) -> str:
    """Tokens in their order; ` . ` between sentences; ` ?` after one that asks and has no other word that says so."""
    return " . ".join(_sentence(sentence, lexicon) for sentence in sentences if sentence.tokens)


def _sentence(sentence: Sentence, lexicon: Lexicon) -> str:
    words = " ".join(sentence.tokens)
    return words + " ?" if sentence.asks and not _shows_it_asks(sentence.tokens, lexicon) else words


def _shows_it_asks(tokens: Sequence[str], lexicon: Lexicon) -> bool:
    return tokens[0] in lexicon.words.get("leads", ()) or lexicon.markers.any(tokens)
