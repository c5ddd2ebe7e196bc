"""What was said before, as one key; and which turns of a conversation say something."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Protocol

from normalize.errors import TextError
from normalize.question import Message, Question


class Keys(Protocol):
    """What this module needs of a Normalizer."""

    def __call__(self, text: str) -> Question: ...

    def is_chatter(self, text: str) -> bool:
        """Whether `text` only greets or thanks."""
        ...


def context_key(history: Sequence[Message], normalizer: Keys) -> str:
    """SHA-256 (64 hex digits) over role and key of the turns that matter; "" when none does.

    A turn that only greets or thanks does not matter, nor do the assistant's words that answer it.
    """
    parts = [
        f"{len(message.role)}:{message.role}\n{_key(message, normalizer)}"
        for message in _that_matter(history, normalizer)
    ]
    if not parts:
        return ""
    framed = "".join(f"{len(part)}\n{part}\n" for part in parts)
    return hashlib.sha256(framed.encode("utf-8", "surrogatepass")).hexdigest()


def is_talk(message: Message) -> bool:
    """Whether user or assistant said it; what others say (`system`) holds for every turn."""
    return message.role in {"user", "assistant"}


def talk(history: Sequence[Message], normalizer: Keys) -> Iterator[tuple[Message, bool]]:
    """Turns of user and assistant without chatter; and whether the turn answers chatter."""
    answers_chatter = False
    for message in history:
        if message.role == "user":
            answers_chatter = _is_chatter(message, normalizer)
        if is_talk(message) and not (message.role == "user" and answers_chatter):
            yield message, answers_chatter


def _that_matter(history: Sequence[Message], normalizer: Keys) -> Iterator[Message]:
    answers_chatter = False
    for message in history:
        if message.role == "user":
            answers_chatter = _is_chatter(message, normalizer)
            if not answers_chatter:
                yield message
        elif not (answers_chatter and message.role == "assistant"):
            yield message


def _is_chatter(message: Message, normalizer: Keys) -> bool:
    try:
        return normalizer.is_chatter(message.content)
    except TextError:
        return not message.content.strip()


def _key(message: Message, normalizer: Keys) -> str:
    """The key of what a person wrote; other roles word for word, for a rephrased answer is another context."""
    if message.role != "user":
        return "text " + message.content
    try:
        return "key " + normalizer(message.content).key
    except TextError:  # too long or not encodable for a question, yet still a context of its own
        return "text " + message.content
