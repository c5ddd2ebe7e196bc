"""Keys and values of attention, kept and reused: a local model that reads each prompt prefix once."""

from kvcache.breakpoints import Breakpoint, Breakpoints
from kvcache.config import KVCacheConfig
from kvcache.errors import (
    ConfigError,
    ContextOverflowError,
    KVCacheError,
    ModelError,
    ModelLoadError,
    ModelNotFoundError,
    PinLimitError,
    PromptError,
    SamplingError,
    UnsupportedModelError,
)
from kvcache.generation import FinishReason, Generation, Usage
from kvcache.lifetime import Lifetime
from kvcache.misses import Miss, MissCause
from kvcache.model import LocalModel
from kvcache.prefix_cache import PrefixCache
from kvcache.sampling import Sampling
from kvcache.stats import CacheStats
from kvcache.stream import TextStream
from kvcache.tiers import TierConfig

__all__ = [
    "Breakpoint",
    "Breakpoints",
    "CacheStats",
    "ConfigError",
    "ContextOverflowError",
    "FinishReason",
    "Generation",
    "KVCacheConfig",
    "KVCacheError",
    "Lifetime",
    "LocalModel",
    "Miss",
    "MissCause",
    "ModelError",
    "ModelLoadError",
    "ModelNotFoundError",
    "PinLimitError",
    "PrefixCache",
    "PromptError",
    "Sampling",
    "SamplingError",
    "TextStream",
    "TierConfig",
    "UnsupportedModelError",
    "Usage",
]
