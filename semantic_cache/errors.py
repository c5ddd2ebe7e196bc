"""What can go wrong, by whose part it is.

SamewiseError
├── SettingsError (ValueError)     a setting is wrong: names the value, the limit and the way out
├── QuestionError (ValueError)     a question, answer or history that cannot be taken
├── SelectionError (ValueError)    a selection of entries to remove that cannot be taken
├── FeedbackError (ValueError)     feedback that cannot be taken, or on an entry that is not there
├── ImportFileError (ValueError)   a file of questions and answers that cannot be read
├── DocumentError                  a document of the prompt is missing, unreadable or too long
├── StoreError                     the store cannot be opened or written
└── ModelError                     the part that computes failed
    ├── ModelFetchError            bundled weights could not be fetched, or are not what they should be
    ├── EmbeddingError             the embedding model failed
    └── GenerationError            the language model, or the engine behind it, failed
"""

from __future__ import annotations

__all__ = [
    "DocumentError",
    "EmbeddingError",
    "FeedbackError",
    "GenerationError",
    "ImportFileError",
    "ModelError",
    "ModelFetchError",
    "QuestionError",
    "SamewiseError",
    "SelectionError",
    "SettingsError",
    "StoreError",
]


class SamewiseError(Exception):
    """The root of every error that semantic_cache raises on purpose."""


class SettingsError(SamewiseError, ValueError):
    """A setting is wrong."""


class QuestionError(SamewiseError, ValueError):
    """A question, answer or history that cannot be taken."""


class SelectionError(SamewiseError, ValueError):
    """A selection of entries to remove that cannot be taken."""


class FeedbackError(SamewiseError, ValueError):
    """Feedback that cannot be taken, or on an entry that is not there."""


class ImportFileError(SamewiseError, ValueError):
    """A file of questions and answers that cannot be read."""


class DocumentError(SamewiseError):
    """A document of the prompt is missing, unreadable or too long."""


class StoreError(SamewiseError):
    """The store cannot be opened or written."""


class ModelError(SamewiseError):
    """The part that computes failed."""


class ModelFetchError(ModelError):
    """Bundled weights could not be fetched, or are not what they should be."""


class EmbeddingError(ModelError):
    """The embedding model failed."""


class GenerationError(ModelError):
    """The language model, or the engine behind it, failed."""
