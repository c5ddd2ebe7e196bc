"""Messages → token ids, through the model's own chat template.

Only the template writes control tokens. Text that spells one, such as `<|im_end|>` in a question, is encoded as the
characters it is made of, so no content can end its turn or open another one.
"""

from __future__ import annotations

import functools
import inspect
import operator
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from kvcache.errors import ContextOverflowError, PromptError
from kvcache.turns import TurnTokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["ROLES", "Prompt", "PromptEncoder"]

#: Messages ({"role", "content"} mappings) or the token ids themselves.
Prompt = Sequence[Mapping[str, str]] | Sequence[int]

ROLES = ("system", "user", "assistant")

_SHOWN_BITS = 128


class PromptEncoder:
    """Checks and encodes prompts for one model. Safe to call from many threads.

    Args:
        tokenizer: The model's tokenizer; used by one thread at a time.
        max_tokens: The model's context window.
        vocabulary: Rows of the model's embedding; token ids are below it.

    `opening` are the ids that open an answer, the first of which opens every turn and cannot be written by content;
    empty when the template has no such token.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, max_tokens: int, vocabulary: int) -> None:
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens
        self._vocabulary = vocabulary
        self._lock = threading.Lock()
        self._markers = tuple(tokenizer.added_tokens_encoder)
        self.opening = _opening(tokenizer)
        self._turns = TurnTokenizer(tokenizer, self.opening[0] if self.opening else None)
        # No token is longer than the longest in the vocabulary, so a longer text cannot fit and need not be encoded.
        self._max_characters = max_tokens * max(map(len, tokenizer.get_vocab()))

    def encode(self, prompt: Prompt, *, for_answer: bool = True, tenant: str = "public") -> tuple[int, ...]:
        """Token ids of a prompt.

        Args:
            prompt: Messages, or token ids that are only checked.
            for_answer: Whether to open the assistant's turn at the end.
            tenant: Whose prompt it is; turns that it has sent before are not tokenized again.

        Raises:
            PromptError: It is empty, has an unknown role or field, or cannot be rendered or encoded.
            ContextOverflowError: It is longer than the context window.
        """
        ids = self._ids(prompt, for_answer, tenant)
        if len(ids) > self._max_tokens:
            raise ContextOverflowError(
                f"The prompt has {len(ids)} tokens; the context window is {self._max_tokens} tokens. Shorten it."
            )
        return ids

    def count(self, prompt: Prompt) -> int:
        """How many ids `encode` gives, beyond the window too. Raises as it does for a prompt out of all proportion."""
        return len(self._ids(prompt, for_answer=True, tenant="public"))

    def text(self, token_ids: Sequence[int]) -> str:
        """What the ids stand for, control tokens included."""
        with self._lock:
            return str(self._tokenizer.decode(list(token_ids), clean_up_tokenization_spaces=False))

    def forget(self) -> None:
        """Let go of what is remembered of prompts."""
        with self._lock:
            self._turns.forget()

    def _ids(self, prompt: Prompt, for_answer: bool, tenant: str) -> tuple[int, ...]:
        first = _first(prompt)
        if not isinstance(first, Mapping):
            return self._checked_ids(prompt)
        if len(prompt) > self._max_tokens:
            raise ContextOverflowError(
                f"The prompt has {len(prompt)} messages of at least a token; the context window is {self._max_tokens} "
                "tokens. Shorten it."
            )
        messages = [_checked(index, message) for index, message in enumerate(prompt)]
        self._check_size(messages)
        sanitize = self._spells_marker(messages)
        try:
            with self._lock:
                return self._encode_messages(messages, for_answer, tenant, sanitize=sanitize)
        except (TemplateError, ValueError, NotImplementedError) as exc:
            raise PromptError(f"The model's chat template refuses these messages: {exc}") from exc

    def _encode_messages(
        self, messages: list[dict[str, str]], for_answer: bool, tenant: str, *, sanitize: bool
    ) -> tuple[int, ...]:
        render: Any = functools.partial(
            self._tokenizer.apply_chat_template, messages, add_generation_prompt=for_answer, return_dict=False
        )
        return (
            tuple(render(sanitize_control_tokens=True)) if sanitize else self._turns.ids(render(tokenize=False), tenant)
        )

    def _check_size(self, messages: list[dict[str, str]]) -> None:
        characters = sum(len(message["content"]) for message in messages)
        if characters > self._max_characters:
            raise ContextOverflowError(
                f"The messages have {characters} characters; a context window of {self._max_tokens} tokens holds "
                f"at most {self._max_characters}. Shorten them."
            )

    def _spells_marker(self, messages: list[dict[str, str]]) -> bool:
        if not any(marker in message["content"] for message in messages for marker in self._markers):
            return False
        # An older transformers would take the option for a template variable and let the marker through.
        if "sanitize_control_tokens" not in inspect.signature(self._tokenizer.apply_chat_template).parameters:
            raise PromptError(
                "A message spells a control token; this needs transformers 5.23 or later. Remove it or upgrade."
            )
        return True

    def _checked_ids(self, prompt: Sequence[object]) -> tuple[int, ...]:
        if len(prompt) > self._max_tokens:
            raise ContextOverflowError(
                f"The prompt has {len(prompt)} tokens; the context window is {self._max_tokens} tokens. Shorten it."
            )
        try:
            ids = tuple(map(operator.index, prompt))  # type: ignore[arg-type]
        except TypeError as exc:
            raise PromptError(f"Token ids must be whole numbers: {exc}.") from exc
        outside = next((token for token in (min(ids), max(ids)) if not 0 <= token < self._vocabulary), None)
        if outside is not None:
            bits = outside.bit_length()  # Python writes out no number of thousands of digits
            named = f"Token id {outside}" if bits <= _SHOWN_BITS else f"A number of {bits} bits"
            raise PromptError(f"{named} is outside the model's vocabulary of {self._vocabulary}; give ids below it.")
        return ids


def _opening(tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """What the chat template adds at the end to let the model answer, if it begins with a control token."""
    if not tokenizer.chat_template:
        return ()
    question = [{"role": "user", "content": "?"}]
    try:
        render: Any = functools.partial(tokenizer.apply_chat_template, question, return_dict=False)
        closed, opened = render(), render(add_generation_prompt=True)
    except (TemplateError, ValueError):
        return ()
    opening = tuple(opened[len(closed) :])
    begins = opened[: len(closed)] == closed and opening and opening[0] in tokenizer.added_tokens_decoder
    return opening if begins else ()


def _first(prompt: object) -> object:
    """The first element, which tells messages from token ids."""
    if isinstance(prompt, str | bytes | Mapping) or not isinstance(prompt, Sequence):
        kind = type(prompt).__name__
        raise PromptError(
            f'The prompt is a {kind}; give a list of {{"role": …, "content": …}} messages, or of token ids.'
        )
    if not prompt:
        raise PromptError("The prompt is empty; give at least one message or token id.")
    return prompt[0]


def _checked(index: int, message: object) -> dict[str, str]:
    """The message as a plain dict of exactly role and content."""
    if not isinstance(message, Mapping) or set(message) != {"role", "content"}:
        found = sorted(map(str, message)) if isinstance(message, Mapping) else type(message).__name__
        raise PromptError(f"Message {index} has {found}; it needs role and content, and nothing else.")
    role, content = message["role"], message["content"]
    if role not in ROLES:
        raise PromptError(f"Message {index} has the role {role!r}; known roles are {', '.join(ROLES)}.")
    if not isinstance(content, str):
        raise PromptError(f"The content of message {index} is a {type(content).__name__}; give a string.")
    try:
        content.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise PromptError(
            f"The content of message {index} has half a surrogate pair at {exc.start}; it is no character, remove it."
        ) from exc
    return {"role": role, "content": content}
