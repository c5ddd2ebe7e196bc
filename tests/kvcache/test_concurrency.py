"""Many threads, abandoned streams and failing passes leave no lock and no lease behind."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kvcache import LocalModel
from kvcache.engine import Engine


def _prompt(number: int) -> list[int]:
    return [*(index % 250 for index in range(48)), *([number + 1] * (number % 20 + 1))]


def test_threads_that_generate_at_once_get_what_they_would_get_alone(tiny_model: LocalModel) -> None:
    alone = [tiny_model.generate(_prompt(number), max_tokens=6, cache=False).token_ids for number in range(8)]
    barrier = threading.Barrier(8)

    def work(number: int) -> list[tuple[int, ...]]:
        barrier.wait()
        tenant = f"tenant {number % 2}"
        return [tiny_model.generate(_prompt(number), max_tokens=6, tenant=tenant).token_ids for _ in range(4)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(work, range(8)))
    assert answers == [[tokens] * 4 for tokens in alone]
    assert tiny_model.cache.stats().hits >= 24


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("way", ["close", "drop", "with"])
def test_an_abandoned_stream_leaves_nothing_behind(tiny_model: LocalModel, after: int, way: str) -> None:
    stream = tiny_model.stream(_prompt(1), max_tokens=40, temperature=1, seed=1)
    for _ in range(after):
        next(stream)
    if way == "with":
        with stream:
            pass
    elif way == "close":
        stream.close()
        assert list(stream) == []
    del stream
    gc.collect()
    assert tiny_model.cache.stats().leased_bytes == 0
    assert tiny_model.generate(_prompt(1), max_tokens=2).usage.completion_tokens >= 0


def test_between_pieces_a_stream_holds_no_lock_and_no_lease(tiny_model: LocalModel) -> None:
    stream = tiny_model.stream(_prompt(2), max_tokens=40, temperature=1, seed=1)
    next(stream)
    assert tiny_model.cache.stats().leased_bytes == 0
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(tiny_model.generate, _prompt(3), max_tokens=2).result(timeout=60).usage.cached_tokens == 48
    tiny_model.cache.clear()
    assert "".join(stream) is not None
    assert stream.generation.usage.prompt_tokens == len(_prompt(2))


def test_a_stream_that_ends_while_the_cache_is_locked_waits_for_nothing(tiny_model: LocalModel) -> None:
    """As when the garbage collector drops it in the middle of the cache's own work."""
    stream = tiny_model.stream(_prompt(6), max_tokens=40, temperature=1, seed=1)
    next(stream)
    with ThreadPoolExecutor(1) as pool, tiny_model.cache._lock:
        pool.submit(stream.close).result(timeout=60)
    assert tiny_model.generate(_prompt(6), max_tokens=1).usage.cached_tokens == len(_prompt(6))


def test_a_pass_that_fails_gives_its_lease_back_and_keeps_what_was_done(
    tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, passes = Engine.forward, iter(range(100))

    def fails_at_the_third(self: Engine, token_ids: object, cache: object) -> object:
        if next(passes) == 2:
            raise RuntimeError("out of memory")
        return real(self, token_ids, cache)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "forward", fails_at_the_third)
    with pytest.raises(RuntimeError, match="out of memory"):
        tiny_model.generate(_prompt(4), max_tokens=2)
    assert tiny_model.cache.stats().leased_bytes == 0
    assert tiny_model.generate(_prompt(4), max_tokens=2).usage.cached_tokens == 32


def test_clearing_during_a_request_does_not_change_its_answer(
    tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = tiny_model.generate(_prompt(5), max_tokens=4, cache=False).token_ids
    real = Engine.forward

    def clears_after_each_pass(self: Engine, token_ids: object, cache: object) -> object:
        logits = real(self, token_ids, cache)  # type: ignore[arg-type]
        tiny_model.cache.clear()
        return logits

    tiny_model.warm(_prompt(5)[:16])
    monkeypatch.setattr(Engine, "forward", clears_after_each_pass)
    assert tiny_model.generate(_prompt(5), max_tokens=4).token_ids == expected
