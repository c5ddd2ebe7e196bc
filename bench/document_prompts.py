"""Prompts that share a document, of a length in tokens that is asked for, and the model to ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kvcache import LocalModel

__all__ = ["Messages", "bundled_model", "document_prompts", "sizes"]

_DOCUMENT = Path(__file__).parents[1] / "semantic_cache" / "demo" / "document.md"
_SPARE_TEXT = "Orders placed before noon leave the same day; returns are free within thirty days of delivery. "

Messages = list[dict[str, str]]


def document_prompts(model: LocalModel, tokens: int, questions: Sequence[str]) -> Iterator[Messages]:
    """Different questions after the same document, whose length makes the first prompt `tokens` long or just under."""
    text = _DOCUMENT.read_text("utf-8") if _DOCUMENT.is_file() else _SPARE_TEXT
    words = (text + "\n\n").split(" ")
    words *= tokens // len(words) + 2

    def prompt(count: int, question: str) -> Messages:
        document = "Answer from this document.\n\n" + " ".join(words[:count])
        return [{"role": "system", "content": document}, {"role": "user", "content": question}]

    low, high = 1, tokens
    while low < high:
        middle = (low + high + 1) // 2
        fits = model.count_tokens(prompt(middle, questions[0])) <= tokens
        low, high = (middle, high) if fits else (low, middle - 1)
    number = 0
    while True:
        turn, index = divmod(number, len(questions))
        yield prompt(low, questions[index] + (f" ({turn + 1})" if turn else ""))
        number += 1


def bundled_model() -> Path:
    """The folder of the bundled language model, which is fetched if it is not there."""
    from semantic_cache.models import language_model_path

    return language_model_path()


def sizes(text: str) -> list[int]:
    """Numbers between commas."""
    return [int(part) for part in text.split(",")]
