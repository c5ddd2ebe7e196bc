"""Prefixes read in the background: all of them, block by block, out of the way of requests, until cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from tiny_families import save_family

from kvcache import Breakpoint, Breakpoints, ConfigError, ContextOverflowError, KVCacheConfig, Lifetime, LocalModel
from kvcache.activity import Activity
from kvcache.engine import Engine
from kvcache.forecast import Use
from kvcache.layer import GrowingCache
from kvcache.lifetime import LifetimeName
from kvcache.warmup import Prefix, Progress, Warmed, WarmUp, predicted

_RULES_MESSAGES = [{"role": "system", "content": "Answer only from the house rules. " * 2}]
_RULES = Prefix("rules", _RULES_MESSAGES)
_NOTES = Prefix("notes", [*range(40)], tenant="b")


def test_declared_prefixes_are_read_with_progress_and_found_by_the_next_request(tiny_model: LocalModel) -> None:
    seen = list[Progress]()
    results = WarmUp(tiny_model, [_RULES, _NOTES], seen.append).start().wait(60)
    assert results is not None
    assert [result.name for result in results] == ["rules", "notes"]
    assert all(result.kept_tokens == result.tokens and result.problem is None for result in results)
    steps = [progress.done_tokens for progress in seen]
    assert steps == sorted(steps)
    assert seen[-1].done_tokens == seen[-1].total_tokens == sum(result.tokens for result in results)
    assert all(0 < after - before <= 16 for before, after in zip([0, *steps], steps, strict=False))
    asked = [*_RULES_MESSAGES, {"role": "user", "content": "May I?"}]
    assert tiny_model.generate(asked, max_tokens=1).usage.cached_tokens == results[0].tokens
    assert tiny_model.generate([*range(40)], max_tokens=1, tenant="b").usage.cached_tokens == 40


def test_what_was_warmed_gives_the_bits_of_a_miss(tiny_model: LocalModel) -> None:
    WarmUp(tiny_model, [Prefix("p", [*range(70)])]).start().wait(60)
    for prompt in ([*range(70)], [*range(90)]):
        assert torch.equal(tiny_model.next_logits(prompt), tiny_model.next_logits(prompt, cache=False))


def test_a_public_prefix_is_found_by_every_tenant_and_one_users_by_that_user_alone(tiny_model: LocalModel) -> None:
    ids = [*range(32)]
    prefixes = [Prefix("all", ids, scope="public"), Prefix("one", [*ids, *range(50, 66)], tenant="b", user="u")]
    assert WarmUp(tiny_model, prefixes).start().wait(60) == (Warmed("all", 32, 32), Warmed("one", 48, 48))
    asked = [*ids, *range(50, 70)]
    read = {
        (tenant, user): tiny_model.generate(asked, max_tokens=1, tenant=tenant, user=user).usage.cached_tokens
        for tenant, user in (("a", None), ("b", "v"), ("b", "u"))
    }
    assert read == {("a", None): 32, ("b", "v"): 32, ("b", "u"): 48}


@pytest.mark.parametrize(("lifetime", "kept"), [("openai", [1024, 1088]), ("anthropic", [1088])])
def test_below_a_lifetimes_minimum_no_step_is_made(tmp_path: Path, lifetime: LifetimeName, kept: list[int]) -> None:
    folder = save_family("mpt", tmp_path / "mpt", max_seq_len=2048)
    model = LocalModel.load(folder, cache=KVCacheConfig(max_bytes=8 << 20, block_tokens=64, lifetime=lifetime))
    seen = list[Progress]()
    results = WarmUp(model, [Prefix("p", [index % 256 for index in range(1088)])], seen.append).start().wait(120)
    assert results == (Warmed("p", 1088, 1088),)
    assert [progress.done_tokens for progress in seen] == kept


def test_where_breakpoints_decide_the_end_of_a_prefix_is_the_only_one(tiny_folder: Path) -> None:
    config = KVCacheConfig(max_bytes=1 << 20, block_tokens=16, lifetime=Lifetime(min_tokens=16, explicit=True))
    model = LocalModel.load(tiny_folder, cache=config)
    assert WarmUp(model, [Prefix("p", [*range(90)])]).start().wait(60) == (Warmed("p", 90, 90),)
    ends = (Breakpoints((Breakpoint(end),)) for end in (32, 90))
    read = [model.generate([*range(90), 7], max_tokens=1, breakpoints=each).usage.cached_tokens for each in ends]
    assert read == [0, 90]


def test_a_prefix_larger_than_the_budget_is_reported_as_not_kept(tiny_model: LocalModel) -> None:
    small = [Prefix("large", [5] * 400), _NOTES]
    tiny_model.cache.fits = lambda blocks: sum(map(len, blocks)) < 100  # type: ignore[method-assign]
    results = WarmUp(tiny_model, small).start().wait(60)
    assert results is not None
    assert results[0].kept_tokens < 100
    assert results[1].kept_tokens == 40


def test_a_prefix_that_cannot_be_used_is_refused_before_anything_is_read(tiny_model: LocalModel) -> None:
    with pytest.raises(ContextOverflowError):
        WarmUp(tiny_model, [_NOTES, Prefix("long", [1] * 513)])
    assert tiny_model.cache.stats().blocks == 0


def test_no_block_is_begun_while_a_request_computes_and_none_after_cancelling(
    tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_runs, go_on = threading.Event(), threading.Event()
    forward, background = Engine.forward, list[int]()

    def watched(self: Engine, token_ids: Sequence[int], cache: GrowingCache) -> torch.Tensor:
        if threading.current_thread().name == "prefix-warm-up":
            background.append(len(token_ids))
            return forward(self, token_ids, cache)
        with self.activity.one_pass():
            request_runs.set()
            assert go_on.wait(60)
            return forward(self, token_ids, cache)

    monkeypatch.setattr(Engine, "forward", watched)
    request = threading.Thread(target=lambda: tiny_model.next_logits([7, 8, 9]))
    request.start()
    assert request_runs.wait(60)
    warm_up = WarmUp(tiny_model, [_NOTES]).start()
    assert warm_up.wait(0.3) is None
    assert background == []
    go_on.set()
    request.join()
    results = warm_up.wait(60)
    assert results == (Warmed("notes", 40, 40),)
    assert background == [16, 16, 8]


def test_cancelling_keeps_what_was_read_and_begins_no_further_block(tiny_model: LocalModel) -> None:
    first = threading.Event()
    warm_up = WarmUp(tiny_model, [Prefix("p", [*range(90)]), _NOTES], lambda _: (warm_up.cancel(), first.set()))  # type: ignore[arg-type, func-returns-value]
    results = warm_up.start().wait(60)
    assert first.is_set()
    assert results == (Warmed("p", 90, 16),)


def test_leaving_the_context_cancels_one_that_waits_for_quiet(tiny_model: LocalModel) -> None:
    tiny_model.next_logits([7, 8, 9])
    with WarmUp(tiny_model, [_NOTES], quiet_seconds=3600) as warm_up:
        assert warm_up.wait(0.1) is None
    assert warm_up.wait(0) is not None
    assert tiny_model.generate([*range(40)], max_tokens=1, tenant="b").usage.cached_tokens == 0


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), OSError("no such device")])
def test_one_that_fails_is_reported_and_the_next_is_read(
    tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    forward = Engine.forward

    def failing(self: Engine, token_ids: Sequence[int], cache: GrowingCache) -> torch.Tensor:
        if len(token_ids) == 3:
            raise error
        return forward(self, token_ids, cache)

    monkeypatch.setattr(Engine, "forward", failing)
    results = WarmUp(tiny_model, [Prefix("p", [1, 2, 3]), _NOTES]).start().wait(60)
    assert results == (Warmed("p", 3, 0, str(error)), Warmed("notes", 40, 40))


def test_progress_that_raises_is_reported_and_all_is_read_all_the_same(tiny_model: LocalModel) -> None:
    calls = list[str]()

    def failing(progress: Progress) -> None:
        calls.append(progress.name)
        if progress.name == "p":
            raise KeyError("bar")

    results = WarmUp(tiny_model, [Prefix("p", [*range(50, 90)]), _NOTES], failing).start().wait(60)
    assert results == (Warmed("p", 40, 40, "progress raised KeyError: 'bar'"), Warmed("notes", 40, 40))
    assert calls == ["p", "notes", "notes", "notes"]


@pytest.mark.parametrize("seconds", [-1.0, float("inf"), float("nan"), "1", True, None])
def test_a_pause_that_is_no_length_of_time_is_refused(tiny_model: LocalModel, seconds: float) -> None:
    with pytest.raises(ConfigError, match=f"quiet_seconds is {seconds!r}; give a number from 0"):
        WarmUp(tiny_model, [_NOTES], quiet_seconds=seconds)


def test_the_prefixes_expected_next_are_chosen_within_the_bytes(tiny_model: LocalModel) -> None:
    now = time.time()
    known = {"rules": _RULES, "notes": _NOTES}
    log = [Use(now - 60 * age, "notes") for age in range(3)] + [Use(now - 5, "rules"), Use(now, "unknown")]
    size = tiny_model.cache.stats().block_bytes // 16
    assert predicted(tiny_model, known, log, max_bytes=1 << 20, now=now) == [_NOTES, _RULES]
    assert predicted(tiny_model, known, log, max_bytes=40 * size) == [_NOTES]
    assert predicted(tiny_model, known, log, max_bytes=39 * size) == []


def test_activity_is_quiet_only_when_every_request_is_done() -> None:
    now = [10.0]
    activity = Activity(clock=lambda: now[0])
    assert activity.quiet_seconds() == float("inf")
    with activity.one_pass():
        with activity.in_background(), activity.one_pass():
            assert activity.quiet_seconds() == 0.0
        with activity.one_pass():
            pass
        now[0] = 11.0
        assert activity.quiet_seconds() == 0.0
    now[0] = 13.5
    assert activity.quiet_seconds() == 2.5
    with activity.in_background(), activity.one_pass():
        assert activity.quiet_seconds() == 2.5
