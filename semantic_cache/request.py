"""A question as it was asked, checked once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from normalize import Message, Question, Step
from semantic_cache.errors import QuestionError
from semantic_cache.settings import DEFAULT_TENANT

__all__ = ["HistoryMessage", "Request", "SamplingOptions", "check_history", "check_tags", "check_user", "make_request"]

HistoryMessage = Mapping[str, str]
"""One message in OpenAI's form: `{"role": "user", "content": "…"}`."""

_ROLES = ("system", "user", "assistant")
_MAX_NAME_CHARS = 200
_MAX_HISTORY_CHARS = 1_000_000
_MAX_TAGS = 50
_MAX_TAG_CHARS = 200


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
    conversation has made it, and `steps` say how. `tags` go to the answer if it is generated and kept; they do not
    change which stored one is found. Nor does `user`, one of the tenant's: it says who alone may read the attention
    states that a local model keeps of this prompt. `alone`: the conversation was judged to change nothing, so the model
    is asked without it, and nothing of it can get into an answer that others are served. `problem`: what failed in
    judging that.
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
    tags: frozenset[str] = frozenset()
    user: str | None = None
    alone: bool = False
    problem: str = ""

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
    tags: Collection[str] = (),
    user: str | None = None,
) -> Request:
    """Check tenant, user, history and tags; the text itself is checked by normalization, which every new text passes.

    Raises:
        QuestionError: The text is not a str; tenant or user is no name; a message has an unknown role or field,
            or content that is not text; the tags are not names.
    """
    if not isinstance(text, str):
        raise QuestionError(f"The question is a {type(text).__name__}, not a str.")
    _check_name("tenant", tenant)
    check_user(user)
    messages = [_message(position, message) for position, message in enumerate(check_history(history))]
    total = sum(len(message.content) for message in messages)
    if total > _MAX_HISTORY_CHARS:
        raise QuestionError(
            f"The history has {total} characters; at most {_MAX_HISTORY_CHARS} are taken. Send its end only."
        )
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    turns = tuple(message for message in messages if message.role != "system")
    words, names = text.strip(), check_tags(tags)
    return Request(words, tenant, system, turns, sampling, prompt=words, tags=names, user=user)


def check_history(history: object) -> Sequence[HistoryMessage]:
    """The messages, each to be checked yet; none for None. Raises QuestionError for what is no list."""
    if history is None:
        return ()
    if isinstance(history, str | bytes) or not isinstance(history, Sequence):
        raise QuestionError(
            f"history={history!r:.80} is no list of messages; write [{{'role': …, 'content': …}}] or None."
        )
    return history


def check_user(user: str | None) -> None:
    """Raises QuestionError when this is neither None nor a printable name of 1 to 200 characters."""
    if user is not None:
        _check_name("user", user)


def _check_name(what: str, name: object) -> None:
    if not isinstance(name, str) or not 0 < len(name) <= _MAX_NAME_CHARS or not name.isprintable():
        raise QuestionError(f"{what}={name!r} is not a printable name of 1 to {_MAX_NAME_CHARS} characters.")


def check_tags(tags: Collection[str]) -> frozenset[str]:
    """The tags as a set; a bare text is refused, because it would become one tag a letter.

    Raises:
        QuestionError: A tag is not a printable name of 1 to 200 characters, or there are more than 50.
    """
    if isinstance(tags, str) or not all(isinstance(tag, str) and tag.strip() for tag in tags):
        raise QuestionError(f"tags={tags!r} is not a set of names; write {{'billing'}}.")
    names = frozenset(tag.strip() for tag in tags)
    if len(names) > _MAX_TAGS:
        raise QuestionError(f"There are {len(names)} tags; at most {_MAX_TAGS} are kept: leave some out.")
    for name in names:
        if len(name) > _MAX_TAG_CHARS or not name.isprintable():
            raise QuestionError(f"The tag {name!r} is not a printable name of at most {_MAX_TAG_CHARS} characters.")
    return names


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
