"""What was cleared stays cleared: beside requests that run, below pins, and on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from kvcache import Breakpoint, Breakpoints, ConfigError, KVCacheConfig, LocalModel, PrefixCache, TierConfig
from kvcache.grid import Grid
from kvcache.kept import Kept
from kvcache.leases import Computed
from kvcache.scopes import owners

_TOKEN_BYTES = 32


def _cache(**rules: object) -> PrefixCache:
    config = KVCacheConfig(max_bytes=64 * _TOKEN_BYTES, block_tokens=2, buffer_bytes=0, **rules)  # type: ignore[arg-type]
    return PrefixCache(config, _TOKEN_BYTES)


def _computed() -> Computed:
    mark = torch.zeros(1)
    return Computed(Kept(((mark, mark),)), seconds=1.0)


def _blocks(*tokens: int) -> tuple[tuple[int, ...], ...]:
    return Grid(2).cut(tokens)


def test_what_a_request_computes_after_a_clear_is_not_kept_if_it_began_before() -> None:
    cache = _cache()
    lease = cache.acquire(owners("a"), _blocks(1, 2, 3, 4))
    assert cache.insert(lease, 0, _computed())
    cache.clear("a")
    assert not cache.insert(lease, 1, _computed())
    cache.release(lease)
    empty = cache.acquire(owners("a"), _blocks(5, 6))
    cache.clear("a")
    assert not cache.insert(empty, 0, _computed())
    cache.release(empty)
    assert cache.stats().blocks == 0
    cache.check()


def test_clearing_a_prefix_ends_the_pins_on_it_and_takes_all_of_it() -> None:
    cache = _cache(pin_bytes=64 * _TOKEN_BYTES)
    lease = cache.acquire(owners("a"), _blocks(*range(8)))
    for index in range(4):
        cache.insert(lease, index, _computed())
    assert cache.pin(lease)
    cache.release(lease)
    assert cache.clear("a", prefix=range(8)) == 8
    assert (cache.stats().blocks, cache.stats().pinned_bytes) == (0, 0)
    cache.check()


def test_one_tenants_breakpoints_change_nothing_of_what_another_may_read() -> None:
    cache = _cache(lifetime="anthropic")
    prompt, public = tuple(range(1, 2001)), owners("a", scope="public")
    cache = PrefixCache(
        KVCacheConfig(max_bytes=5000 * _TOKEN_BYTES, block_tokens=2, buffer_bytes=0, lifetime="anthropic"), _TOKEN_BYTES
    )
    blocks = _blocks(*prompt)
    declared = cache.acquire(public, blocks, Breakpoints((Breakpoint(2000),)))
    for index in range(len(blocks)):
        cache.insert(declared, index, _computed())
    cache.release(declared)

    def read(tenant: str) -> int:
        lease = cache.acquire(owners(tenant), blocks, Breakpoints((Breakpoint(1500),)))
        cache.release(lease)
        return len(lease.kept)

    assert [read("a"), read("b"), read("a")] == [750] * 3
    stays = {node.idle_seconds for node in declared.path.nodes}
    long = cache.acquire(owners("a"), blocks, Breakpoints((Breakpoint(1500, 3600.0),)))
    cache.release(long)
    assert {node.idle_seconds for node in declared.path.nodes} == stays


def test_clearing_a_prefix_leaves_nothing_of_it_on_the_disk(language_model: Path, tmp_path: Path) -> None:
    config = KVCacheConfig(max_bytes=1 << 28, tiers=TierConfig(folder=tmp_path / "kv"))
    prompt = [
        {"role": "system", "content": "The pool is on the ninth floor. " * 20},
        {"role": "user", "content": "Where?"},
    ]
    model = LocalModel.load(language_model, cache=config)
    model.generate(prompt, max_tokens=1, tenant="acme", breakpoints=Breakpoints((Breakpoint(50),)))
    model.clear(prompt[:1], tenant="acme")
    model.cache.close()
    again = LocalModel.load(language_model, cache=config)
    out = again.generate(prompt, max_tokens=1, tenant="acme", breakpoints=Breakpoints((Breakpoint(50),)))
    assert out.usage.cached_tokens == 0
    again.cache.close()


def test_what_is_pinned_is_exact_even_where_the_disk_holds_it_rounded(language_model: Path, tmp_path: Path) -> None:
    config = KVCacheConfig(max_bytes=1 << 28, tiers=TierConfig(folder=tmp_path / "kv", int8=True))
    prompt = [{"role": "system", "content": "The pool is on the ninth floor. " * 20}]
    model = LocalModel.load(language_model, cache=config)
    kept = model.warm(prompt)
    model.cache.close()
    again = LocalModel.load(language_model, cache=config)
    assert again.pin(prompt) == kept
    assert again.cache.stats().pinned_bytes > 0
    assert again.generate([*prompt, {"role": "user", "content": "Where?"}], max_tokens=1).exact
    again.cache.close()


def test_an_opening_that_holds_its_first_token_twice_cuts_no_token_twice() -> None:
    tokens = (5, 7, 5, 9, 5, 7, 5)
    assert sum(Grid(8, (5, 7, 5)).cut(tokens), ()) == tokens


def test_half_a_character_is_no_name() -> None:
    with pytest.raises(ConfigError, match="half a character"):
        owners("\ud800")
