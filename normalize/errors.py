"""Everything this package raises.

NormalizeError (a ValueError)
├── TextError              the text can't be a question
│   ├── NotTextError       it is no str (also a TypeError)
│   ├── EmptyTextError     it says nothing: blank, or only punctuation and invisible characters
│   ├── TextTooLongError   it has more characters than allowed
│   └── BadCharacterError  it holds a NUL or half of a surrogate pair
├── LimitError             max_chars is no positive whole number
├── TemplateError          a prompt template has no slot, or its slots can't be told apart
└── LexiconError           a lexicon file can't be used
"""


class NormalizeError(ValueError):
    """Anything this package refuses."""


class TextError(NormalizeError):
    """The text can't be a question."""


class NotTextError(TextError, TypeError):
    """The value is no str."""


class EmptyTextError(TextError):
    """The text says nothing."""


class TextTooLongError(TextError):
    """The text has more characters than allowed."""


class BadCharacterError(TextError):
    """The text holds a character that can't be stored or encoded."""


class LimitError(NormalizeError):
    """The limit itself makes no sense."""


class TemplateError(NormalizeError):
    """A prompt template has no slot, or its slots can't be told apart."""


class LexiconError(NormalizeError):
    """A lexicon file can't be used; the message names the file, the line and the entry."""
