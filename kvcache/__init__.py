"""Keys and values of attention, kept and reused: a local model that reads each prompt prefix once."""

from kvcache.config import KVCacheConfig
from kvcache.errors import (
    ConfigError,
    ContextOverflowError,
    KVCacheError,
    ModelError,
    ModelLoadError,
    ModelNotFoundError,
    PromptError,
    SamplingError,
    UnsupportedModelError,
)
from kvcache.generation import FinishReason, Generation, MissReason, Usage
from kvcache.model import LocalModel
from kvcache.prefix_cache import CacheStats, PrefixCache
from kvcache.sampling import Sampling
from kvcache.stream import TextStream

__all__ = [
    "CacheStats",
    "ConfigError",
    "ContextOverflowError",
    "FinishReason",
    "Generation",
    "KVCacheConfig",
    "KVCacheError",
    "LocalModel",
    "MissReason",
    "ModelError",
    "ModelLoadError",
    "ModelNotFoundError",
    "PrefixCache",
    "PromptError",
    "Sampling",
    "SamplingError",
    "TextStream",
    "UnsupportedModelError",
    "Usage",
]
