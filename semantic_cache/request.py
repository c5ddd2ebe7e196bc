"""A question as it was asked, checked once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from normalize import Message, Question, Step
from semantic_cache.errors import QuestionError
from semantic_cache.settings import DEFAULT_TENANT

__all__ = ["HistoryMessage", "Request", "SamplingOptions", "make_request"]

HistoryMessage = Mapping[str, str]
"""One message in OpenAI's form: `{"role": "user", "content": "…"}`."""

_ROLES = ("system", "user", "assistant")
_MAX_TENANT_CHARS = 200
_MAX_HISTORY_CHARS = 1_000_000


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """What changes the model's answer beside the prompt."""

    max_tokens: int
    temperature: float
    top_p: float = 1.0
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A checked question. `system` holds the system messages of the conversation, joined; `history` the others.

    `text` is what is looked up and stored, `prompt` what the model reads; they differ where a question was taken out of
    its template or completed from the conversation. `context` is the key of the conversation and `template` the hash of
    what surrounds the question, both "" where there is none. `question` is the normalized text where reading the
    conversation has made it, and `steps` say how.
    """

    text: str
    tenant: str
    system: str
    history: tuple[Message, ...]
    sampling: SamplingOptions
    prompt: str
    context: str = ""
    template: str = ""
    question: Question | None = None
    steps: tuple[Step, ...] = ()

    @property
    def exact_hash(self) -> str:
        """SHA-256 (hex) of the words that are looked up."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


def make_request(
    text: str,
    *,
    sampling: SamplingOptions,
    tenant: str = DEFAULT_TENANT,
    history: Sequence[HistoryMessage] = (),
) -> Request:
    """Check tenant and history; the text itself is checked by normalization, which every new text passes.

    Raises:
        QuestionError: The text is not a str; the tenant is empty or too long; a message has an unknown role or field,
            or content that is not text.
    """
    if not isinstance(text, str):
        raise QuestionError(f"The question is a {type(text).__name__}, not a str.")
    if not isinstance(tenant, str) or not 0 < len(tenant) <= _MAX_TENANT_CHARS or not tenant.isprintable():
        raise QuestionError(f"tenant={tenant!r} is not a printable name of 1 to {_MAX_TENANT_CHARS} characters.")
    messages = [_message(position, message) for position, message in enumerate(history)]
    total = sum(len(message.content) for message in messages)
    if total > _MAX_HISTORY_CHARS:
        raise QuestionError(
            f"The history has {total} characters; at most {_MAX_HISTORY_CHARS} are taken. Send its end only."
        )
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    turns = tuple(message for message in messages if message.role != "system")
    return Request(text.strip(), tenant, system, turns, sampling, prompt=text.strip())


def _message(position: int, message: HistoryMessage) -> Message:
    where = f"history[{position}]"
    if not isinstance(message, Mapping):
        raise QuestionError(f"{where} is a {type(message).__name__}; write {{'role': 'user', 'content': '…'}}.")
    unknown = set(message) - {"role", "content"}
    if unknown:
        raise QuestionError(f"{where} has the field(s) {sorted(unknown)}; only role and content are understood.")
    role, content = message.get("role"), message.get("content")
    if role not in _ROLES:
        raise QuestionError(f"{where} has role {role!r}; use one of {', '.join(_ROLES)}.")
    if not isinstance(content, str):
        raise QuestionError(f"{where} has content of type {type(content).__name__}; only text is understood.")
    if "\0" in content or any("\ud800" <= character <= "\udfff" for character in content):
        raise QuestionError(f"{where} holds a NUL character or a lone surrogate: remove it.")
    return Message(role=role, content=content)
