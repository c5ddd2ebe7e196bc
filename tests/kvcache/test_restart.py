"""What a model has read is there again after a restart, bit for bit, and another model does not use it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from kvcache import ConfigError, KVCacheConfig, LocalModel, TierConfig

_SYSTEM = {"role": "system", "content": "You answer the guests of the house by the lake. " * 8}
_PROMPT = [_SYSTEM, {"role": "user", "content": "Where do I park?"}]
_NEXT = [_SYSTEM, {"role": "user", "content": "When is breakfast?"}]


def _config(folder: Path, **more: object) -> KVCacheConfig:
    return KVCacheConfig(max_bytes=1 << 28, tiers=TierConfig(folder=folder, **more))  # type: ignore[arg-type]


def test_after_a_restart_a_prompt_is_read_from_the_disk_and_answered_with_the_same_bits(
    language_model: Path, tmp_path: Path
) -> None:
    first = LocalModel.load(language_model, cache=_config(tmp_path / "kv"))
    cold = first.generate(_PROMPT, max_tokens=4)
    tokens = cold.usage.prompt_tokens
    assert cold.usage.cached_tokens == 0
    first.cache.close()
    again = LocalModel.load(language_model, cache=_config(tmp_path / "kv"))
    assert again.explain(_PROMPT) is None
    warm = again.generate(_PROMPT, max_tokens=4)
    assert (warm.usage.cached_tokens, warm.token_ids, warm.exact) == (tokens, cold.token_ids, True)
    other = again.next_logits(_NEXT)
    assert torch.equal(other, again.next_logits(_NEXT, cache=False))
    (disk,) = again.cache.stats().tiers.tiers
    assert (disk.name, disk.corrupt, disk.failed) == ("disk", 0, 0)
    assert disk.loaded > 0
    again.cache.clear()
    again.cache.close()
    cleared = LocalModel.load(language_model, cache=_config(tmp_path / "kv"))
    assert cleared.generate(_PROMPT, max_tokens=1).usage.cached_tokens == 0
    cleared.cache.close()


def test_what_lies_there_of_another_model_is_not_used(language_model: Path, tmp_path: Path) -> None:
    model = LocalModel.load(language_model, cache=_config(tmp_path / "kv"))
    model.generate(_PROMPT, max_tokens=1)
    model.cache.close()
    other = LocalModel.load(language_model, dtype="bfloat16", cache=_config(tmp_path / "kv"))
    explained = other.explain(_PROMPT)
    answer = other.generate(_PROMPT, max_tokens=1)
    assert answer.usage.cached_tokens == 0
    assert answer.miss is not None
    assert explained is not None
    assert (answer.miss.cause, answer.miss.position) == (explained.cause, explained.position) == ("other_model", 0)
    changed = other.generate([{"role": "user", "content": "Something else."}], max_tokens=1)
    assert changed.miss is not None
    assert changed.miss.cause == "new"
    stats = other.cache.stats().tiers
    assert stats.tiers[0].refused > 0 or "dtype" in " ".join(stats.notes)
    other.cache.close()


def test_tenants_find_their_own_on_disk_and_nobody_elses(language_model: Path, tmp_path: Path) -> None:
    model = LocalModel.load(language_model, cache=_config(tmp_path / "kv"))
    model.generate(_PROMPT, max_tokens=1, tenant="acme")
    model.cache.close()
    again = LocalModel.load(language_model, cache=_config(tmp_path / "kv"))
    assert again.generate(_PROMPT, max_tokens=1, tenant="globex").usage.cached_tokens == 0
    assert again.generate(_PROMPT, max_tokens=1, tenant="acme").usage.cached_tokens > 0
    again.cache.close()


def test_rounded_states_are_used_and_the_answer_says_that_it_is_not_exact(language_model: Path, tmp_path: Path) -> None:
    model = LocalModel.load(language_model, cache=_config(tmp_path / "kv", int8=True))
    assert model.generate(_PROMPT, max_tokens=1).exact
    model.cache.close()
    again = LocalModel.load(language_model, cache=_config(tmp_path / "kv", int8=True))
    answer = again.generate(_PROMPT, max_tokens=1)
    assert answer.usage.cached_tokens > 0
    assert not answer.exact
    again.cache.close()


def test_settings_that_are_none_are_refused() -> None:
    with pytest.raises(ConfigError, match="tiers"):
        KVCacheConfig(tiers="/kv")  # type: ignore[arg-type]
