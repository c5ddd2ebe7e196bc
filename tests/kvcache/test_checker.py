"""A share of the hits is computed again; one that is wrong is said, and nothing of it is served a second time."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch

from kvcache import Breakpoint, Breakpoints, ConfigError, KVCacheConfig, LocalModel
from kvcache.scopes import owners

_PROMPT = [{"role": "system", "content": "You know the shop. It opens at nine."}, {"role": "user", "content": "When?"}]


def _model(folder: Path, share: float) -> LocalModel:
    return LocalModel.load(folder, cache=KVCacheConfig(max_bytes=1 << 20, block_tokens=16, check_share=share))


def test_hits_that_are_right_pass_and_are_counted(tiny_folder: Path) -> None:
    model = _model(tiny_folder, 1.0)
    answers = [model.generate(_PROMPT, max_tokens=3) for _ in range(3)]
    assert [answer.exact for answer in answers] == [True] * 3
    stats = model.cache.stats()
    assert (stats.checked_hits, stats.wrong_hits, stats.clears) == (2, 0, 0)


def test_a_wrong_state_is_found_said_and_forgotten(tiny_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = _model(tiny_folder, 1.0)
    right = model.generate(_PROMPT, max_tokens=3)
    lease = model.cache.acquire(
        owners("public"), model._parts.prefiller._grid.cut(model._parts.encoder.encode(_PROMPT))
    )
    keys, _ = lease.kept[0].states[0]
    with torch.inference_mode():
        keys[..., 0, 0] += 1.0
    model.cache.release(lease)
    model.cache._buffers._idle.clear()
    with caplog.at_level(logging.ERROR, logger="kvcache"):
        wrong = model.generate(_PROMPT, max_tokens=3)
    assert not wrong.exact
    assert "keys of layer 0 at position 0" in caplog.text
    assert "shop" not in caplog.text
    assert (model.cache.stats().wrong_hits, model.cache.stats().blocks) == (1, 0)
    again = model.generate(_PROMPT, max_tokens=3)
    assert (again.token_ids, again.usage.cached_tokens) == (right.token_ids, 0)


def test_without_a_share_nothing_is_computed_again(tiny_folder: Path) -> None:
    model = _model(tiny_folder, 0.0)
    for _ in range(3):
        model.generate(_PROMPT, max_tokens=1)
    assert model.cache.stats().checked_hits == 0
    with pytest.raises(ConfigError, match="check_share"):
        KVCacheConfig(check_share=1.5)


def test_a_hit_of_a_request_with_breakpoints_is_checked_on_its_own_grid(tiny_folder: Path) -> None:
    model, points = _model(tiny_folder, 1.0), Breakpoints((Breakpoint(7), Breakpoint(37)))
    answers = [model.generate([*range(60)], max_tokens=3, breakpoints=points) for _ in range(2)]
    assert [answer.exact for answer in answers] == [True] * 2
    assert (model.cache.stats().checked_hits, model.cache.stats().wrong_hits) == (1, 0)
