"""A request as it is looked up: taken out of its template, and read in its conversation."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from normalize import Message, NormalizeError, Step, TextTooLongError
from normalize.conversation import Conversation, Resolved
from normalize.template import Match, Template
from normalize.template_detector import TemplateDetector
from semantic_cache.errors import ModelError, QuestionError
from semantic_cache.request import Request

__all__ = ["SURELY_ALONE", "DetectedTemplates", "Reader", "Turns", "refusal"]

SURELY_ALONE = 0.95
"""From this probability on a turn is taken out of its conversation (training/turns.json: 1.3 % of those that depend,
84 % of those that stand alone)."""
_MAX_DETECTORS = 256


class Turns(Protocol):
    """Judges what no rule decides. Thread-safe."""

    def stands_alone(self, history: Sequence[Message], last: str) -> float | None:
        """How probable it is that `last` means the same without the turns before; None where that cannot be told.

        Raises:
            ModelError: The model failed.
        """
        ...


class DetectedTemplates:
    """One detector for each tenant and system prompt; the ones not used for longest are dropped. Thread-safe."""

    def __init__(self) -> None:
        self._detectors: OrderedDict[tuple[str, str], TemplateDetector] = OrderedDict()
        self._lock = threading.Lock()

    def match(self, request: Request) -> Match | None:
        """The request taken apart by what its scope's recent prompts share."""
        key = (request.tenant, request.system)
        with self._lock:
            detector = self._detectors.setdefault(key, TemplateDetector())
            self._detectors.move_to_end(key)
            if len(self._detectors) > _MAX_DETECTORS:
                self._detectors.popitem(last=False)
        return detector.see(request.text)


class Reader:
    """Says what a request asks. Thread-safe.

    Args:
        conversation: Reads the turns before.
        template: The declared template, if there is one.
        detected: Finds templates that nobody declared; asked where the declared one does not fit.
        turns: Opens what judges the turns that no rule says to stand alone or to follow up, in the languages that
            rules know. Without it, or where it fails, those are looked up in their own conversation.
    """

    def __init__(
        self,
        conversation: Conversation,
        template: Template | None = None,
        detected: DetectedTemplates | None = None,
        turns: Callable[[], Turns] | None = None,
    ) -> None:
        self._conversation = conversation
        self._turns = turns
        self._template = template
        self._detected = detected

    def __call__(self, request: Request) -> Request:
        """The request with `text`, `context` and `template` as they are looked up; `prompt` stays as it was typed.

        Raises:
            QuestionError: The question cannot be taken.
        """
        match = self._match(request)
        if match is not None:
            request = replace(request, text=match.question, template=match.constant)
        return self._resolved(request) if request.history else request

    def _match(self, request: Request) -> Match | None:
        found = self._template.match(request.text) if self._template is not None else None
        return self._detected.match(request) if found is None and self._detected is not None else found

    def _resolved(self, request: Request) -> Request:
        try:
            resolved = self._conversation([*request.history, Message("user", request.text)])
        except NormalizeError as error:
            raise refusal(request.text, error) from error
        # A turn that was completed has other words than were typed: they are the ones that are stored.
        is_completed = any(step.before != step.after for step in resolved.steps)
        read = replace(
            request,
            text=resolved.question.text if is_completed else request.text,
            context=resolved.context,
            question=resolved.question,
            steps=resolved.steps,
        )
        decided = resolved.standalone or resolved.follows_up
        knows = resolved.question.language in self._conversation.languages
        return self._judged(read, resolved) if knows and not decided else read

    def _judged(self, request: Request, resolved: Resolved) -> Request:
        """Taken out of its conversation where the model is sure that it stands alone."""
        if self._turns is None:
            return request
        alone, problem = False, ""
        try:
            probability = self._turns().stands_alone([self._unwrapped(one) for one in request.history], request.text)
        except ModelError as error:
            why, problem = "not judged by its meaning", f"conversation: {error}"
        else:
            alone = probability is not None and probability >= SURELY_ALONE
            why = "stands alone" if alone else "may depend"
            why += " (too long to be judged)" if probability is None else f" ({probability:.4f}, needs {SURELY_ALONE})"
        step = Step(f"conversation: {why}", resolved.question.text, resolved.question.text)
        context = resolved.fixed if alone else resolved.context
        return replace(request, context=context, steps=(*resolved.steps, step), alone=alone, problem=problem)

    def _unwrapped(self, message: Message) -> Message:
        """Without the declared template, whose words the user did not say."""
        match = self._template.match(message.content) if self._template is not None and message.role == "user" else None
        return message if match is None else Message("user", match.question)


def refusal(text: str, error: NormalizeError) -> QuestionError:
    """Why `text` can be no question, in this package's words."""
    if isinstance(error, TextTooLongError):
        return QuestionError(
            f"The question has {len(text)} characters, more than Settings.max_question_chars allows. "
            "Shorten it, or raise that."
        )
    return QuestionError(str(error))
