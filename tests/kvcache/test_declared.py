"""Public, tenants' and users' prefixes, pins and breakpoints, as callers of the model use them."""

from __future__ import annotations

import pytest
import torch

from kvcache import (
    Breakpoint,
    Breakpoints,
    ConfigError,
    KVCacheConfig,
    LocalModel,
    PinLimitError,
    PromptError,
)

_SYSTEM = [{"role": "system", "content": "You know the shop. It opens at nine and closes at six."}]
_ASK = [*_SYSTEM, {"role": "user", "content": "When?"}]


def _cached(model: LocalModel, tenant: str, user: str | None = None) -> int:
    return model.generate(_ASK, max_tokens=1, tenant=tenant, user=user).usage.cached_tokens


def test_tenants_share_what_is_declared_public_and_nothing_else(tiny_model: LocalModel) -> None:
    plain = tiny_model.next_logits(_ASK, cache=False)
    kept = tiny_model.warm(_SYSTEM, scope="public")
    assert kept > 16
    for tenant in ("a", "b"):
        assert torch.equal(tiny_model.next_logits(_ASK, tenant=tenant), plain)
        assert _cached(tiny_model, tenant) == tiny_model.count_tokens(_ASK)
    assert _cached(tiny_model, "c") == kept
    blocks = tiny_model.cache.stats().blocks
    assert tiny_model.cache.clear(public=True) > kept
    own = tiny_model.count_tokens(_ASK) - kept
    assert blocks == kept // 16 + 3 * -(-own // 16)
    assert _cached(tiny_model, "c") == 0


def test_what_a_user_says_is_kept_for_that_user_alone(tiny_model: LocalModel) -> None:
    plain = tiny_model.next_logits(_ASK, cache=False)
    kept = tiny_model.warm(_SYSTEM, tenant="a")
    assert _cached(tiny_model, "a", "ann") == kept
    assert _cached(tiny_model, "a", "ann") == tiny_model.count_tokens(_ASK)
    assert torch.equal(tiny_model.next_logits(_ASK, tenant="a", user="ann"), plain)
    for user in ("bob", None):
        assert _cached(tiny_model, "a", user) == kept
    tiny_model.cache.clear("a", user="ann")
    assert tiny_model.cache.clear("a") > kept


def test_requests_never_write_what_is_public(tiny_model: LocalModel) -> None:
    tiny_model.generate(_ASK, max_tokens=1, tenant="public")
    assert _cached(tiny_model, "a") == 0


def test_a_pinned_prompt_stays_under_any_pressure_until_it_is_unpinned(tiny_folder: object) -> None:
    size = LocalModel.load(str(tiny_folder)).cache.stats().block_bytes // 128 * 16
    config = KVCacheConfig(max_bytes=12 * size, block_tokens=16, buffer_bytes=0, pin_bytes=5 * size, eviction="lru")
    model = LocalModel.load(str(tiny_folder), cache=config)
    kept = model.pin(_SYSTEM, scope="public")
    for number in range(8):
        model.generate([number] * 90, max_tokens=1)
    assert _cached(model, "a") == kept
    assert 0 < model.cache.stats().pinned_bytes <= 5 * size
    with pytest.raises(PinLimitError, match="Unpin another one"):
        model.pin([3] * 80)
    assert model.unpin(_SYSTEM, scope="public")
    assert not model.unpin(_SYSTEM, scope="public")
    for number in range(8):
        model.generate([number] * 90, max_tokens=1)
    assert _cached(model, "a") < kept
    assert model.cache.stats().leased_bytes == 0


def test_prompts_are_cleared_by_the_messages_they_begin_with(tiny_model: LocalModel) -> None:
    tiny_model.generate(_ASK, max_tokens=1)
    tiny_model.generate([5] * 40, max_tokens=1)
    assert tiny_model.clear(_SYSTEM, tenant="nobody") == 0
    assert tiny_model.clear(_SYSTEM) == tiny_model.count_tokens(_ASK)
    miss = tiny_model.generate(_ASK, max_tokens=1).miss
    assert miss is not None
    assert miss.cause == "cleared"
    assert tiny_model.generate([5] * 40, max_tokens=1).miss is None


def test_breakpoints_cut_exactly_and_a_hit_has_the_bits_of_a_miss(tiny_model: LocalModel) -> None:
    ids = [(7 * index) % 250 for index in range(100)]
    points = Breakpoints((Breakpoint(37), Breakpoint(90)))
    for tail in (ids, [*ids[:90], 1, 2, 3]):
        plain = tiny_model.next_logits(tail, cache=False, breakpoints=points)
        assert torch.equal(tiny_model.next_logits(tail, breakpoints=points), plain)
        assert torch.equal(tiny_model.next_logits(tail, breakpoints=points), plain)
    assert tiny_model.generate([*ids[:90], 9], max_tokens=1, breakpoints=points).usage.cached_tokens == 90
    assert tiny_model.generate([*ids[:37], 1], max_tokens=1).usage.cached_tokens == 32


def test_with_the_rules_of_explicit_breakpoints_only_what_they_name_is_read(tiny_folder: object) -> None:
    config = KVCacheConfig(max_bytes=1 << 20, block_tokens=16, lifetime="anthropic")
    model = LocalModel.load(str(tiny_folder), cache=config)
    assert model.generate([5] * 40, max_tokens=1).miss.cause == "below_minimum"  # type: ignore[union-attr]
    with pytest.raises(PromptError, match="5 breakpoints"):
        model.stream([5] * 40, breakpoints=Breakpoints(tuple(map(Breakpoint, range(1, 6)))))
    with pytest.raises(PromptError, match="at 41, but the prompt has 40"):
        model.stream([5] * 40, breakpoints=Breakpoints((Breakpoint(41),)))


def test_names_that_name_nobody_are_refused(tiny_model: LocalModel) -> None:
    with pytest.raises(ConfigError, match="user is ''"):
        tiny_model.stream([1], user="")
    with pytest.raises(ConfigError, match="scope is 'all'"):
        tiny_model.warm([1], scope="all")  # type: ignore[arg-type]
