"""Samewise's prompt normalization: a text becomes a Question with a key, its facts and the steps that made it.

>>> from normalize import Normalizer
>>> normalizer = Normalizer()
>>> normalizer("Hi! Could you please tell me how to reset my password?").key
'how to reset my password'
"""

from normalize.conversation import Conversation, Resolved, context_key, resolve
from normalize.errors import (
    BadCharacterError,
    EmptyTextError,
    LexiconError,
    LimitError,
    NormalizeError,
    NotTextError,
    TemplateError,
    TextError,
    TextTooLongError,
)
from normalize.normalizer import Normalizer
from normalize.question import VERSION, Facts, Message, Question, Step
from normalize.template import Match, Template
from normalize.template_detector import TemplateDetector

__all__ = [
    "VERSION",
    "BadCharacterError",
    "Conversation",
    "EmptyTextError",
    "Facts",
    "LexiconError",
    "LimitError",
    "Match",
    "Message",
    "NormalizeError",
    "Normalizer",
    "NotTextError",
    "Question",
    "Resolved",
    "Step",
    "Template",
    "TemplateDetector",
    "TemplateError",
    "TextError",
    "TextTooLongError",
    "context_key",
    "resolve",
]
