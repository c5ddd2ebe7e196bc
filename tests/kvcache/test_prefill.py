"""A hit gives the bits of a miss: every length, every kept prefix and growing talks, on a small random model."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch

from kvcache import LocalModel
from kvcache.assembly import Assembly, assemble
from kvcache.config import KVCacheConfig
from kvcache.engine import Engine
from kvcache.layer import BlockStates, GrowingCache
from kvcache.prefill import Prefilled, Prefiller
from kvcache.scopes import owners


@pytest.fixture
def parts(tiny_folder: object) -> Assembly:
    return _assembled(tiny_folder, "float32")


def _assembled(folder: object, dtype: str = "float32", *, buffer_bytes: int = 0) -> Assembly:
    config = KVCacheConfig(max_bytes=1 << 20, block_tokens=16, buffer_bytes=buffer_bytes)
    return assemble(str(folder), device="cpu", dtype=dtype, config=config)


def _ids(seed: int, length: int) -> tuple[int, ...]:
    draw = random.Random(seed)
    return tuple(draw.randrange(256) for _ in range(length))


def _prefill(prefiller: Prefiller, ids: tuple[int, ...], *, use_cache: bool = True) -> Prefilled:
    """A finished request, whose cache nobody else writes to: these prefillers keep no buffers unless told so."""
    done = prefiller.prefill(ids, tenant="a", room=4, use_cache=use_cache)
    written = prefiller.finish(done)
    return replace(done, written_tokens=done.written_tokens + written)


def _cause(prefilled: Prefilled) -> str | None:
    return None if prefilled.miss is None else prefilled.miss.cause


def _same_states(found: Prefilled, plain: Prefilled, length: int) -> bool:
    assert found.cache.get_seq_length() == plain.cache.get_seq_length() == length
    pairs = zip(found.cache.copy_block(0, length), plain.cache.copy_block(0, length), strict=True)
    return all(torch.equal(f, p) for fs, ps in pairs for f, p in zip(fs, ps, strict=True))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("length", [1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 64, 100])
def test_a_hit_has_the_bits_of_a_miss_at_every_length(tiny_folder: object, length: int, dtype: str) -> None:
    parts = _assembled(tiny_folder, dtype)
    ids = _ids(length, length)
    plain = _prefill(parts.prefiller, ids, use_cache=False)
    for kept in range(16, length + 32, 16):
        parts.cache.clear()
        parts.prefiller.warm((*ids, *_ids(1, 32))[:kept], owners("a"))
        found = _prefill(parts.prefiller, ids)
        assert found.cached_tokens == (length if kept == length else min(kept, (length - 1) // 16 * 16))
        assert torch.equal(found.logits, plain.logits)
        assert _same_states(found, plain, length)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("seed", range(4))
def test_growing_talks_have_the_bits_of_cold_ones_under_any_budget(tiny_folder: object, seed: int, dtype: str) -> None:
    draw = random.Random(seed)
    blocks, waiting = draw.choice([(8, 0), (16, 1 << 15), (200, 1 << 19)])
    plain = _assembled(tiny_folder, dtype)
    size = plain.cache.stats().block_bytes
    config = KVCacheConfig(max_bytes=blocks * size + waiting, block_tokens=16, buffer_bytes=waiting)
    kept = assemble(str(tiny_folder), device="cpu", dtype=dtype, config=config)
    talks = [_turn(draw, "system") for _ in range(3)]
    cached = 0
    for _ in range(40):
        number = draw.randrange(3)
        talks[number] += _turn(draw, draw.choice(("user", "assistant")))
        if len(talks[number]) > 300:
            talks[number] = _turn(draw, "system")
        ids = tuple(talks[number] + kept.encoder.opening)
        found = kept.prefiller.prefill(ids, tenant="a", room=draw.randrange(9), use_cache=True)
        cold = _prefill(plain.prefiller, ids, use_cache=False)
        assert torch.equal(found.logits, cold.logits)
        assert _same_states(found, cold, len(ids))
        cached += found.cached_tokens
        for token in ids[:5]:  # an answer, whose states lie behind the prompt in the buffer
            kept.engine.forward([token], found.cache)
        if draw.random() < 0.9:
            kept.prefiller.finish(found)
        kept.cache.check()
        assert kept.cache.stats().leased_bytes == 0
    assert cached > 0


def _turn(draw: random.Random, role: str) -> tuple[int, ...]:
    """A turn as the tiny model's template writes it; tails of every length come up."""
    start, end = 256, 257
    body = tuple(draw.randrange(97, 100) for _ in range(draw.randrange(40)))
    return (start, *role.encode(), 10, *body, end, 10)


def test_a_prompt_asked_again_costs_no_pass_and_gives_the_same_logits(
    parts: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = _ids(3, 40)
    cold = _prefill(parts.prefiller, ids)
    monkeypatch.setattr(Engine, "forward", None)
    again = _prefill(parts.prefiller, ids)
    assert (again.cached_tokens, again.written_tokens, again.miss) == (40, 0, None)
    assert torch.equal(again.logits, cold.logits)
    assert _same_states(again, cold, 40)
    again.logits.zero_()
    assert torch.equal(_prefill(parts.prefiller, ids).logits, cold.logits)


def test_a_prompt_that_was_kept_inside_a_longer_one_has_its_last_block_read_again(parts: Assembly) -> None:
    ids = _ids(3, 64)
    assert parts.prefiller.warm(ids, owners("a")) == 64
    found, plain = (_prefill(parts.prefiller, ids[:48], use_cache=use) for use in (True, False))
    assert (found.cached_tokens, found.written_tokens) == (32, 0)
    assert torch.equal(found.logits, plain.logits)


def test_what_was_cleared_while_its_request_ran_is_not_kept_at_its_end(parts: Assembly) -> None:
    ids = _ids(4, 10)
    running = parts.prefiller.prefill(ids, tenant="a", room=0, use_cache=True)
    parts.cache.clear("a")
    assert parts.prefiller.finish(running) == 0
    assert parts.cache.stats().blocks == 0
    assert parts.cache.stats().leased_bytes == 0


def test_the_tail_of_a_prompt_is_kept_too(parts: Assembly) -> None:
    found = _prefill(parts.prefiller, _ids(4, 40))
    assert (found.cached_tokens, found.written_tokens) == (0, 40)
    assert parts.cache.stats().blocks == 3


def test_only_what_another_question_has_overwritten_is_copied(tiny_folder: object) -> None:
    parts = _assembled(tiny_folder, buffer_bytes=1 << 18)
    encode = parts.encoder.encode
    rules = [{"role": "system", "content": "r" * 100}]
    parts.prefiller.warm(encode(rules, for_answer=False), owners("a"))
    asked = 0
    for question in ("Where?", "When, if I may ask?", "Where?"):
        asked += _prefill(parts.prefiller, encode([*rules, {"role": "user", "content": question}])).cached_tokens
    stats = parts.cache.stats()
    assert (stats.read_tokens, stats.hits) == (asked, 3)
    # Only the end of the question asked before the last one had been overwritten.
    assert stats.copied_tokens == len(encode([{"role": "user", "content": "Where?"}]))


def test_a_buffer_with_the_answer_of_another_request_in_it_gives_the_same_bits(tiny_folder: object) -> None:
    parts, ids = _assembled(tiny_folder, buffer_bytes=1 << 18), _ids(9, 50)
    first = parts.prefiller.prefill(ids, tenant="a", room=0, use_cache=True)
    for token in range(30):
        parts.engine.forward([token], first.cache)
    parts.prefiller.finish(first)
    for longer in ((*ids[:32], 1, 2, 3), ids):
        found, plain = (_prefill(parts.prefiller, longer, use_cache=use) for use in (True, False))
        assert torch.equal(found.logits, plain.logits)
        assert _same_states(found, plain, len(longer))
    assert parts.cache.stats().buffer_bytes > 0
    assert parts.cache.stats().copied_tokens == 18  # what the shorter question had overwritten


def test_a_miss_says_why(parts: Assembly, tiny_folder: object) -> None:
    prefiller = parts.prefiller
    assert _cause(_prefill(prefiller, _ids(5, 40), use_cache=False)) == "cache_off"
    assert _cause(_prefill(prefiller, _ids(6, 40))) == "new"
    assert _prefill(prefiller, _ids(6, 40)).miss is None
    block = parts.cache.stats().block_bytes
    config = KVCacheConfig(max_bytes=block, block_tokens=16, buffer_bytes=0)
    small = assemble(str(tiny_folder), device="cpu", dtype="float32", config=config)
    assert _cause(_prefill(small.prefiller, _ids(7, 40))) == "larger_than_budget"
    assert small.cache.stats().blocks == 0
    assert small.prefiller.warm(_ids(7, 40), owners("a")) == 0


def test_without_a_budget_everything_works_and_nothing_is_kept(tiny_folder: object) -> None:
    model = LocalModel.load(str(tiny_folder), cache=KVCacheConfig(max_bytes=0, block_tokens=16))
    miss = model.generate(_ids(8, 40), max_tokens=2).miss
    assert miss is not None
    assert (miss.cause, miss.lost_tokens) == ("cache_off", 40)
    assert model.warm(_ids(8, 40)) == 0
    assert model.cache.stats().total_bytes == 0


def test_under_a_small_budget_hits_and_evictions_never_change_the_logits(parts: Assembly, tiny_folder: object) -> None:
    config = KVCacheConfig(max_bytes=5 * parts.cache.stats().block_bytes, block_tokens=16, buffer_bytes=0)
    small = assemble(str(tiny_folder), device="cpu", dtype="float32", config=config)
    draw, hits = random.Random(1), 0
    for _ in range(60):
        ids = (*_ids(draw.randrange(3), 16 * draw.randrange(1, 4)), *_ids(draw.randrange(9), draw.randrange(1, 40)))
        found = _prefill(small.prefiller, ids)
        hits += found.cached_tokens > 0
        assert torch.equal(found.logits, _prefill(parts.prefiller, ids, use_cache=False).logits)
        small.cache.check()
    assert hits > 10
    assert small.cache.stats().evicted_blocks > 10


def test_a_block_that_cannot_be_copied_fails_no_request(parts: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    ids, copy = [*range(60)], GrowingCache.copy_block
    failing = [True]

    def copied(self: GrowingCache, start: int, end: int) -> BlockStates:
        if failing[0]:
            raise torch.OutOfMemoryError("no memory for a copy")
        return copy(self, start, end)

    monkeypatch.setattr(GrowingCache, "copy_block", copied)
    done = parts.prefiller.prefill(ids, tenant="a", room=4, use_cache=True)
    assert parts.prefiller.finish(done) == 0
    stats = parts.cache.stats()
    assert (stats.blocks, stats.leased_bytes, stats.failed_blocks > 0) == (0, 0, True)
    parts.cache.check()
    failing[0] = False
    again = parts.prefiller.prefill(ids, tenant="a", room=4, use_cache=True)
    assert torch.equal(again.logits, done.logits)
    assert parts.prefiller.finish(again) > 0
