"""Folder or hub id → the working parts of a model. The one place that names them all.

Importing this loads torch and transformers; the rest of the package's front does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kvcache.architecture import context_window, end_tokens
from kvcache.config import KVCacheConfig
from kvcache.decoder import Decoder
from kvcache.engine import Engine
from kvcache.grid import Grid
from kvcache.loader import Loaded, load
from kvcache.prefill import Prefiller
from kvcache.prefix_cache import PrefixCache
from kvcache.prompt import PromptEncoder

__all__ = ["Assembly", "assemble"]


@dataclass(frozen=True, slots=True)
class Assembly:
    """Parts of one model that fit together."""

    max_tokens: int
    engine: Engine
    encoder: PromptEncoder
    cache: PrefixCache
    prefiller: Prefiller
    decoder: Decoder


def assemble(path_or_id: str | Path, *, device: str, dtype: str, config: KVCacheConfig) -> Assembly:
    """Load a model and put its parts together. Arguments and errors are those of `loader.load`."""
    return _fit(load(path_or_id, device=device, dtype=dtype), config)


def _fit(loaded: Loaded, config: KVCacheConfig) -> Assembly:
    network, tokenizer = loaded.network, loaded.tokenizer
    window, engine = context_window(network.config, tokenizer), Engine(network)
    encoder = PromptEncoder(tokenizer, window, engine.vocabulary)
    grid = Grid(config.block_tokens, encoder.opening)
    cache = PrefixCache(config, engine.token_bytes, engine.state_bytes, grid=grid)
    return Assembly(
        max_tokens=window,
        engine=engine,
        encoder=encoder,
        cache=cache,
        prefiller=Prefiller(engine, cache, grid),
        decoder=Decoder(engine, tokenizer, end_tokens(network, tokenizer)),
    )
