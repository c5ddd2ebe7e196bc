"""A request as it is looked up: taken out of its template, and read in its conversation."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace

from normalize import Message, NormalizeError, TextTooLongError
from normalize.conversation import Conversation
from normalize.template import Match, Template
from normalize.template_detector import TemplateDetector
from semantic_cache.errors import QuestionError
from semantic_cache.request import Request

__all__ = ["DetectedTemplates", "Reader", "refusal"]

_MAX_DETECTORS = 256


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
    """

    def __init__(
        self, conversation: Conversation, template: Template | None = None, detected: DetectedTemplates | None = None
    ) -> None:
        self._conversation = conversation
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
        return replace(
            request,
            text=resolved.question.text if is_completed else request.text,
            context=resolved.context,
            question=resolved.question,
            steps=resolved.steps,
        )


def refusal(text: str, error: NormalizeError) -> QuestionError:
    """Why `text` can be no question, in this package's words."""
    if isinstance(error, TextTooLongError):
        return QuestionError(
            f"The question has {len(text)} characters, more than Settings.max_question_chars allows. "
            "Shorten it, or raise that."
        )
    return QuestionError(str(error))
