"""The proof itself: it passes where hits equal misses, and names the place where one bit of a hit is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_families import save_family

from kvcache import ConfigError, KVCacheConfig, LocalModel
from kvcache.difference import Difference, first_difference, recomputed_difference
from kvcache.layer import BlockStates, GrowingCache, GrowingLayer
from kvcache.prefill import Prefilled
from kvcache.verify import Case, VerifyConfig, verify

_FEW = VerifyConfig(splits=1, answer_tokens=2)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_sound_model_passes_and_every_case_was_read_from_the_cache(tiny_folder: Path, dtype: str) -> None:
    model = LocalModel.load(tiny_folder, dtype=dtype, cache=KVCacheConfig(max_bytes=1 << 20, block_tokens=16))
    seen = list[Case]()
    report = verify(model, config=_FEW, progress=seen.append)
    assert report.passed
    assert report.failure is None
    assert report.cases == report.hits == len(seen) == 14
    assert report.cached_tokens > 0
    assert {case.name for case in seen} == {"repeat", "partial", "longer", "overwritten", "growing"}
    assert report.one_pass_difference < 1e-4 if dtype == "float32" else report.one_pass_difference < 1


def test_prompts_of_ones_own_are_tried_and_other_tenants_keep_theirs(tiny_model: LocalModel) -> None:
    tiny_model.warm([*range(40)], tenant="someone")
    before = tiny_model.cache.stats().blocks
    talk = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is a tapir, in one line?"}]
    report = verify(tiny_model, [talk], _FEW)
    assert report.passed
    assert tiny_model.cache.stats().blocks == before
    assert tiny_model.cache.stats().leased_bytes == 0


@pytest.mark.parametrize("name", ["gemma3", "falcon_h1"])
def test_windows_and_recurrent_states_pass_too(tmp_path: Path, name: str) -> None:
    folder = save_family(name, tmp_path / name)
    model = LocalModel.load(folder, cache=KVCacheConfig(max_bytes=4 << 20, block_tokens=16))
    assert verify(model, config=_FEW).passed


def test_one_wrong_number_in_a_hit_is_found_and_named(tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    restore = GrowingCache.restore

    def damaged(self: GrowingCache, blocks: Sequence[BlockStates], held: int) -> None:
        restore(self, blocks, held)
        layer = self.layers[1]
        assert isinstance(layer, GrowingLayer)
        if blocks and layer.values is not None:
            with torch.inference_mode():
                layer.values[0, 1, 5, 3] += 0.25

    monkeypatch.setattr(GrowingCache, "restore", damaged)
    report = verify(tiny_model, config=_FEW)
    assert not report.passed
    assert report.cases == 1
    assert report.failure is not None
    difference = report.failure.difference
    assert difference is not None
    assert (difference.part, difference.layer, difference.position) == ("values", 1, 5)
    assert difference.largest == pytest.approx(0.25, rel=1e-3)
    assert str(report.failure).startswith(
        "repeat, 37 tokens, 37 of them read from the cache: values of layer 1 at posi"
    )


def test_a_cache_that_never_hits_does_not_pass(tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiny_model.cache, "insert", lambda *args: False)
    report = verify(tiny_model, config=_FEW)
    assert report.failure is None
    assert report.hits == 0
    assert not report.passed


def test_what_cannot_be_verified_is_refused_with_the_way_out(tiny_folder: Path, tiny_model: LocalModel) -> None:
    off = LocalModel.load(tiny_folder, cache=KVCacheConfig(max_bytes=0))
    with pytest.raises(ConfigError, match="larger max_bytes"):
        verify(off)
    hosted = LocalModel.load(tiny_folder, cache=KVCacheConfig(max_bytes=1 << 20, lifetime="openai"))
    with pytest.raises(ConfigError, match="lifetime='local'"):
        verify(hosted)
    with pytest.raises(ConfigError, match="has 16 tokens; it must be longer than a block of 16"):
        verify(tiny_model, [[*range(16)]])
    with pytest.raises(ConfigError, match="splits is 0"):
        VerifyConfig(splits=0)
    with pytest.raises(ConfigError, match="answer_tokens is True"):
        VerifyConfig(answer_tokens=True)
    with pytest.raises(ConfigError, match="seed is None"):
        VerifyConfig(seed=None)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="no prompts to verify; give one"):
        verify(tiny_model, [])


def _read(model: LocalModel, ids: Sequence[int], *, use_cache: bool) -> Prefilled:
    return model.parts.prefiller.prefill(ids, tenant="public", room=0, use_cache=use_cache)


def test_a_served_hit_can_be_checked_by_computing_it_again(tiny_model: LocalModel) -> None:
    prefiller, ids = tiny_model.parts.prefiller, [*range(40)]
    tiny_model.warm(ids)
    found = _read(tiny_model, ids, use_cache=True)
    assert found.cached_tokens == 40
    assert recomputed_difference(prefiller, ids, found) is None
    found.logits[7] = -found.logits[7]
    wrong = recomputed_difference(prefiller, ids, found)
    assert wrong is not None
    assert (wrong.part, wrong.layer, wrong.position) == ("logits", None, 7)
    prefiller.finish(found)


def test_the_sign_of_zero_counts_and_a_missing_number_equals_itself(tiny_model: LocalModel) -> None:
    read = (_read(tiny_model, [*range(20)], use_cache=False) for _ in range(2))
    one, other = (replace(each, logits=each.logits.clone()) for each in read)
    one.logits[3], other.logits[3] = float("nan"), float("nan")
    assert first_difference(one, other, 20) is None
    one.logits[2], other.logits[2] = 0.0, -0.0
    assert first_difference(one, other, 20) == Difference("logits", None, 2, 0.0)
