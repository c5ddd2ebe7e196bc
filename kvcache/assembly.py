"""Folder or hub id → the working parts of a model. The one place that names them all.

Importing this loads torch and transformers; the rest of the package's front does not.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kvcache.answer_reader import AnswerReader
from kvcache.architecture import context_window, end_tokens
from kvcache.checker import Checker
from kvcache.config import KVCacheConfig
from kvcache.decoder import Decoder
from kvcache.engine import Engine
from kvcache.errors import ConfigError
from kvcache.grid import Grid
from kvcache.loader import Loaded, load
from kvcache.prefill import Prefiller
from kvcache.prefix_cache import PrefixCache
from kvcache.prompt import PromptEncoder
from kvcache.quiet_reader import QuietReader
from kvcache.tiers import LowerTiers
from kvcache.tiers.model_fingerprint import model_fingerprint
from kvcache.tiers.opening import open_tiers

__all__ = ["Assembly", "assemble"]


@dataclass(frozen=True, slots=True)
class Assembly:
    """Parts of one model that fit together."""

    max_tokens: int
    engine: Engine
    encoder: PromptEncoder
    cache: PrefixCache
    prefiller: Prefiller
    checker: Checker
    decoder: Decoder
    quiet_reader: QuietReader
    answers: AnswerReader | None


def assemble(path_or_id: str | Path, *, device: str, dtype: str, config: KVCacheConfig) -> Assembly:
    """Load a model and put its parts together. Arguments and errors are those of `loader.load`."""
    return _fit(load(path_or_id, device=device, dtype=dtype), config)


def _fit(loaded: Loaded, config: KVCacheConfig) -> Assembly:
    network, tokenizer = loaded.network, loaded.tokenizer
    window, engine = context_window(network.config, tokenizer), Engine(network)
    encoder = PromptEncoder(tokenizer, window, engine.vocabulary)
    grid = Grid(config.block_tokens, encoder.opening)
    lower = _lower(loaded, config, engine, encoder.opening)
    cache = PrefixCache(config, engine.token_bytes, engine.state_bytes, grid=grid, lower=lower)
    prefiller = Prefiller(engine, cache, grid)
    # Where breakpoints decide, only a prefix's end is one: it is read in one step.
    least = sys.maxsize if cache.lifetime.explicit else cache.lifetime.min_tokens
    reader = QuietReader(prefiller, engine.activity, grid, least)
    cache.when_cleared += [prefiller.forget_abandoned, encoder.forget]
    # Where breakpoints decide, what is kept ends at one, and an answer has none.
    reads_answers = config.read_answers and not cache.lifetime.explicit and not cache.is_off
    return Assembly(
        max_tokens=window,
        engine=engine,
        encoder=encoder,
        cache=cache,
        prefiller=prefiller,
        checker=Checker(config.check_share, prefiller, cache),
        decoder=Decoder(engine, tokenizer, end_tokens(network, tokenizer)),
        quiet_reader=reader,
        answers=AnswerReader(reader, encoder, grid) if reads_answers else None,
    )


def _lower(loaded: Loaded, config: KVCacheConfig, engine: Engine, opening: Sequence[int]) -> LowerTiers | None:
    network, tiers = loaded.network, config.tiers
    if tiers.folder is None and network.device.type != "cuda":
        return None
    if tiers.int8 and engine.state_bytes:
        raise ConfigError(
            f"int8 is for keys and values, and {type(network).__name__} keeps the state of recurrent layers too: "
            "leave int8 out."
        )
    fingerprint = model_fingerprint(network, loaded.tokenizer, tiers, block_tokens=config.block_tokens, opening=opening)
    return open_tiers(tiers, fingerprint, network.device)
