"""Messages → the question that is asked, and the context that changes what it means."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from normalize.clues import clues_of
from normalize.context import Keys, context_key, is_talk, talk
from normalize.errors import EmptyTextError
from normalize.lexicon import load
from normalize.question import Message, Question, Step
from normalize.thread import Thread

__all__ = ["Conversation", "Resolved", "context_key", "resolve"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the last turn of a conversation asks.

    `standalone`: the question means the same without the conversation, and `context` holds only what other roles than
    user and assistant said, which is `fixed` either way. Else its meaning may hang on every turn, and `context` is the
    key of them all. `question` is the last turn's, or the whole question that it stands for. `steps` say what decided.
    `follows_up`: it begins as one that goes on from an earlier turn ("and …", "그럼 …").
    """

    question: Question
    standalone: bool
    context: str
    steps: tuple[Step, ...]
    fixed: str
    follows_up: bool = False


class Conversation:
    """Reads conversations. Pure and thread-safe.

    `lexicons` are the files that the normalizer was given. Error: LexiconError when built.
    """

    def __init__(self, normalizer: Keys, lexicons: Sequence[Path] = ()) -> None:
        self._normalizer = normalizer
        self._clues = clues_of(load(lexicons))

    @property
    def languages(self) -> frozenset[str]:
        """Those in which conversations are read; in others every turn depends."""
        return frozenset(self._clues)

    def __call__(self, messages: Sequence[Message]) -> Resolved:
        """What the last of `messages` asks. Error: TextError when that can be no question, or there is none."""
        if not messages:
            raise EmptyTextError("a conversation without messages asks nothing: give the question as its last message")
        keys = _Once(self._normalizer)
        *history, last = messages
        question = keys(last.content)
        fixed = context_key([message for message in history if not is_talk(message)], keys)
        context = context_key(history, keys)
        if context == fixed:
            return Resolved(question, True, fixed, (), fixed)
        thread = Thread(keys, self._clues)
        for message, is_reply_to_chatter in talk(history, keys):
            thread.hear(message, is_reply_to_chatter=is_reply_to_chatter)
        asked, step = thread.reading(question)
        if asked is None:
            return Resolved(question, False, context, (step,), fixed, ".follow_ups: " in step.rule)
        return Resolved(asked, True, fixed, (step,), fixed)


def resolve(messages: Sequence[Message], normalizer: Keys) -> Resolved:
    """`Conversation(normalizer)(messages)`, with the bundled lexicons."""
    return Conversation(normalizer)(messages)


class _Once:
    """A normalizer that is asked once a text within one conversation."""

    def __init__(self, normalizer: Keys) -> None:
        self._normalizer = normalizer
        self._known: dict[str, Question] = {}

    def __call__(self, text: str) -> Question:
        if text not in self._known:
            self._known[text] = self._normalizer(text)
        return self._known[text]

    def is_chatter(self, text: str) -> bool:
        return self._normalizer.is_chatter(text)
