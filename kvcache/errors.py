"""Everything kvcache raises.

KVCacheError
├── ConfigError               (ValueError) a setting is outside its range
├── SamplingError             (ValueError) max_tokens, temperature, top_p or seed cannot be used
├── PromptError               (ValueError) the prompt cannot be given to the model
│   └── ContextOverflowError  the prompt and its answer do not fit into the context window
├── PinLimitError             (ValueError) a prefix is too large to be pinned beside those that are
├── TierError                 host memory or disk below the cache cannot be used as asked
│   ├── TierOpenError         the folder can neither be read nor made
│   └── TierReadOnlyError     blocks were to be removed where nothing may be changed
└── ModelError                the model cannot be used
    ├── ModelNotFoundError    there is no such folder, or the hub does not answer with a model
    ├── ModelLoadError        there is something, but no complete causal language model
    └── UnsupportedModelError the model keeps a state that cannot be cut into blocks
"""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "ContextOverflowError",
    "KVCacheError",
    "ModelError",
    "ModelLoadError",
    "ModelNotFoundError",
    "PinLimitError",
    "PromptError",
    "SamplingError",
    "TierError",
    "TierOpenError",
    "TierReadOnlyError",
    "UnsupportedModelError",
]


class KVCacheError(Exception):
    """Base of every error this package raises on purpose."""


class ConfigError(KVCacheError, ValueError):
    """A setting of the cache or of the loader is outside its range."""


class SamplingError(KVCacheError, ValueError):
    """A sampling parameter is outside its range."""


class PromptError(KVCacheError, ValueError):
    """The messages or token ids cannot be made into a prompt for this model."""


class ContextOverflowError(PromptError):
    """The prompt, or the prompt with the answer asked for, is longer than the model's context window."""


class PinLimitError(KVCacheError, ValueError):
    """A prefix cannot be pinned: with those that are, it would take more than pins may."""


class TierError(KVCacheError):
    """A tier below the cache cannot be used as asked."""


class TierOpenError(TierError):
    """The folder of the disk tier can neither be read nor made."""


class TierReadOnlyError(TierError):
    """Blocks were to be removed from a folder where nothing may be changed."""


class ModelError(KVCacheError):
    """The model cannot be used."""


class ModelNotFoundError(ModelError):
    """The folder does not exist, or the hub has no such model."""


class ModelLoadError(ModelError):
    """The folder or repository holds no complete causal language model with a tokenizer."""


class UnsupportedModelError(ModelError):
    """The model's attention state is not one key and value per token and layer, so it cannot be cut into blocks."""
