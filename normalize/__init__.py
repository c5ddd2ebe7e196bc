"""Samewise's prompt normalization: a text becomes a Question with a key, its facts and the steps that made it.

>>> from normalize import Normalizer
>>> normalizer = Normalizer()
>>> normalizer("Hi! Could you please tell me how to reset my password?").key
'how to reset my password'
"""

from normalize.conversation import context_key
from normalize.errors import (
    BadCharacterError,
    EmptyTextError,
    LexiconError,
    LimitError,
    NormalizeError,
    NotTextError,
    TextError,
    TextTooLongError,
)
from normalize.normalizer import Normalizer
from normalize.question import VERSION, Facts, Message, Question, Step

__all__ = [
    "VERSION",
    "BadCharacterError",
    "EmptyTextError",
    "Facts",
    "LexiconError",
    "LimitError",
    "Message",
    "NormalizeError",
    "Normalizer",
    "NotTextError",
    "Question",
    "Step",
    "TextError",
    "TextTooLongError",
    "context_key",
]
