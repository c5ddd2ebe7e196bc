"""Answers are read like prompts once they are out, in quiet moments, and the next turn finds them bit for bit."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from kvcache import KVCacheConfig, LocalModel
from kvcache.prompt import Prompt

_ASKED = [{"role": "system", "content": "House rules."}, {"role": "user", "content": "May I?"}]


def _model(folder: Path, **config: object) -> LocalModel:
    model = LocalModel.load(folder, cache=KVCacheConfig(max_bytes=1 << 20, block_tokens=16, **config))  # type: ignore[arg-type]
    if model.parts.answers is not None:
        model.parts.answers.quiet_seconds = 0.001
    return model


@pytest.fixture
def model(tiny_folder: Path) -> Iterator[LocalModel]:
    """The random model, which reads answers at once; afterwards nothing may be leased and the books must balance."""
    model = _model(tiny_folder)
    yield model
    model.close()
    assert model.cache.stats().leased_bytes == 0
    model.cache.check()


def _next_turn(asked: list[dict[str, str]], text: str) -> list[dict[str, str]]:
    return [*asked, {"role": "assistant", "content": text}, {"role": "user", "content": "And my dog?"}]


def test_the_next_turn_reads_the_answer_too_and_gets_the_bits_of_a_miss(model: LocalModel) -> None:
    answer = model.generate(_ASKED, max_tokens=40)
    assert model.settle(60)
    talk = _next_turn(_ASKED, answer.text)
    cold = model.next_logits(talk, cache=False)
    known = len(model.parts.encoder.encode(talk[:3], for_answer=False))
    after = model.generate(talk, max_tokens=1)
    assert after.usage.cached_tokens == known > answer.usage.prompt_tokens
    assert torch.equal(model.next_logits(talk), cold)
    assert after.miss is not None
    assert (after.miss.position, after.miss.segment) == (known, "user 2")


def test_of_token_ids_whole_blocks_of_the_answer_are_found(model: LocalModel) -> None:
    prompt = [*range(40)]
    answer = model.generate(prompt, max_tokens=30)
    assert model.settle(60)
    longer = [*prompt, *answer.token_ids, 7, 7]
    cold = model.next_logits(longer, cache=False)
    read = model.generate(longer, max_tokens=1).usage.cached_tokens
    assert read == (40 + len(answer.token_ids)) // 16 * 16 > 40
    assert torch.equal(model.next_logits(longer), cold)


def test_an_answer_is_read_for_whom_it_was_given_and_nobody_else(model: LocalModel) -> None:
    answer = model.generate(_ASKED, max_tokens=40, tenant="a", user="ann")
    assert model.settle(60)
    talk = _next_turn(_ASKED, answer.text)
    read = {
        (tenant, user): model.explain(talk, tenant, user=user).position  # type: ignore[union-attr]
        for tenant, user in (("a", "ann"), ("a", "bob"), ("b", None))
    }
    assert read["a", "ann"] > answer.usage.prompt_tokens
    assert read["a", "bob"] == read["b", None] == 0


def test_what_is_cleared_does_not_come_back(model: LocalModel) -> None:
    assert model.parts.answers is not None
    model.parts.answers.quiet_seconds = 0.5
    model.generate(_ASKED, max_tokens=20)
    model.cache.clear()
    assert model.settle(60)
    assert model.cache.stats().blocks == 0


def test_while_a_request_computes_no_answer_is_read(model: LocalModel) -> None:
    activity, began, may_end = model.parts.engine.activity, threading.Event(), threading.Event()

    def compute() -> None:
        with activity.one_pass():
            began.set()
            may_end.wait(60)

    request = threading.Thread(target=compute)
    request.start()
    began.wait(60)
    assert model.generate(_ASKED, max_tokens=20).text
    kept = model.cache.stats().blocks
    assert kept
    assert not model.settle(0.2)
    assert model.cache.stats().blocks == kept
    may_end.set()
    request.join(60)
    assert model.settle(60)
    assert model.cache.stats().blocks > kept


def test_a_closed_model_takes_no_more_answers(tiny_folder: Path) -> None:
    model = _model(tiny_folder)
    model.close()
    model.generate(_ASKED, max_tokens=20)
    blocks = model.cache.stats().blocks
    assert model.settle(60)
    assert model.cache.stats().blocks == blocks
    model.close()


@pytest.mark.parametrize("config", [{"read_answers": False}, {"lifetime": "anthropic"}, {"max_bytes": 0}])
def test_where_it_is_off_nothing_is_read(tiny_folder: Path, config: dict[str, object]) -> None:
    model = LocalModel.load(tiny_folder, cache=KVCacheConfig(**{"max_bytes": 1 << 20, "block_tokens": 16, **config}))  # type: ignore[arg-type]
    model.generate(_ASKED, max_tokens=20)
    assert model.parts.answers is None
    assert model.settle(0)
    model.close()


@pytest.mark.parametrize("prompt", [_ASKED, [*range(40)]])
def test_what_is_asked_without_the_cache_leaves_nothing(model: LocalModel, prompt: Prompt) -> None:
    model.generate(prompt, max_tokens=20, cache=False)
    assert model.settle(60)
    assert model.cache.stats().blocks == 0


def test_a_list_that_its_caller_changes_is_read_as_it_was(model: LocalModel) -> None:
    assert model.parts.answers is not None
    model.parts.answers.quiet_seconds = 0.3
    talk = list(_ASKED)
    answer = model.generate(talk, max_tokens=20)
    talk.clear()
    assert model.settle(60)
    assert (
        model.generate(_next_turn(_ASKED, answer.text), max_tokens=1).usage.cached_tokens > answer.usage.prompt_tokens
    )


def test_one_that_cannot_be_read_leaves_the_next_its_turn(model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    assert model.parts.answers is not None
    with monkeypatch.context() as broken:
        broken.setattr(type(model.parts.answers), "_continued", lambda *_: 1 / 0)
        model.generate(_ASKED, max_tokens=20)
        assert model.settle(60)
    answer = model.generate(_ASKED, max_tokens=20)
    assert model.settle(60)
    assert (
        model.generate(_next_turn(_ASKED, answer.text), max_tokens=1).usage.cached_tokens > answer.usage.prompt_tokens
    )


def test_reading_answers_is_no_traffic(model: LocalModel) -> None:
    model.generate(_ASKED, max_tokens=40)
    before = model.cache.stats()
    assert model.settle(60)
    after = model.cache.stats()
    assert after.blocks > before.blocks
    assert (after.lookups, after.hits, after.read_tokens) == (before.lookups, before.hits, before.read_tokens)


def test_a_process_may_end_while_an_answer_is_read(tiny_folder: Path) -> None:
    script = (
        "import sys, time\n"
        "from kvcache import KVCacheConfig, LocalModel\n"
        "from kvcache.engine import Engine\n"
        "model = LocalModel.load(sys.argv[1], cache=KVCacheConfig(max_bytes=1 << 20, block_tokens=16))\n"
        "model.parts.answers.quiet_seconds = 1e-6\n"
        "model.generate([*range(40)], max_tokens=200)\n"
        "forward = Engine.forward\n"
        "Engine.forward = lambda *these: (print('reads', flush=True), time.sleep(0.3), forward(*these))[-1]\n"
        "model.generate([*range(60)], max_tokens=100)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tiny_folder)], capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stderr
