"""The real model: a hit answers exactly as a miss, whoever asks, however it is cut."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from kvcache import ConfigError, ContextOverflowError, KVCacheError, LocalModel, SamplingError
from kvcache.engine import Engine

Messages = list[dict[str, str]]
_RULES = {"role": "system", "content": "You answer briefly. " + "The shop opens at nine and closes at six. " * 14}
_QUESTIONS = ["When does the shop open?", "And when does it close?", "한국어로 답해 주세요: 몇 시에 닫나요?"]


@pytest.fixture(scope="module")
def bf16_model(language_model: Path) -> LocalModel:
    return LocalModel.load(language_model, dtype="bfloat16")


def _ask(question: str) -> Messages:
    return [_RULES, {"role": "user", "content": question}]


def _assert_a_hit_changes_nothing(model: LocalModel, prompt: Messages | list[int], at_least: int) -> None:
    plain = model.generate(prompt, max_tokens=4, cache=False)
    # Another max_tokens gives the buffer another shape: the bits must not depend on it.
    hit = model.generate(prompt, max_tokens=9)
    assert hit.usage.cached_tokens >= at_least
    assert hit.token_ids[:4] == plain.token_ids
    assert hit.exact
    assert torch.equal(model.next_logits(prompt), model.next_logits(prompt, cache=False))


def test_questions_after_a_shared_system_prompt_answer_as_without_a_cache(real_model: LocalModel) -> None:
    kept = real_model.warm([_RULES])
    assert kept == real_model.count_tokens([_RULES]) - len(real_model._parts.encoder.opening)
    assert kept % 128
    for question in _QUESTIONS:
        _assert_a_hit_changes_nothing(real_model, _ask(question), at_least=kept)


def test_a_conversation_that_grows_answers_as_without_a_cache(real_model: LocalModel) -> None:
    messages = _ask(_QUESTIONS[0])
    for question in ("And on Sunday?", "Thanks. Where is it?"):
        asked = real_model.generate(messages, max_tokens=6)
        messages += [{"role": "assistant", "content": asked.text}, {"role": "user", "content": question}]
        next_turn = real_model.generate(messages, max_tokens=4)
        # All of the last turn but its answer, whose decoded states have other bits than read ones.
        assert next_turn.usage.cached_tokens == asked.usage.prompt_tokens
        _assert_a_hit_changes_nothing(real_model, messages, at_least=next_turn.usage.prompt_tokens)


def test_an_answer_that_was_warmed_leaves_only_the_next_question_to_read(real_model: LocalModel) -> None:
    messages = _ask(_QUESTIONS[0])
    messages.append({"role": "assistant", "content": real_model.generate(messages, max_tokens=6).text})
    kept = real_model.warm(messages)
    messages.append({"role": "user", "content": "And on Sunday?"})
    hit, plain = (real_model.generate(messages, max_tokens=4, cache=use) for use in (True, False))
    assert hit.usage.cached_tokens == kept
    assert hit.token_ids == plain.token_ids


@pytest.mark.parametrize("length", [127, 128, 129, 256])
def test_lengths_around_whole_blocks_answer_as_without_a_cache(real_model: LocalModel, length: int) -> None:
    ids = [(7 * index * index + 11) % 40000 + 20 for index in range(length)]
    real_model.generate(ids, max_tokens=1)
    _assert_a_hit_changes_nothing(real_model, ids, at_least=length)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_tails_of_any_length_and_any_question_after_them_give_the_bits_of_a_cold_run(
    request: pytest.FixtureRequest, dtype: str
) -> None:
    model: LocalModel = request.getfixturevalue("loaded_model" if dtype == "float32" else "bf16_model")
    model.cache.clear()
    draw = random.Random(5)
    tails, whole = (6, 127) if dtype == "float32" else (2, 0)  # many processors have no fast bfloat16
    for tail in draw.sample(range(1, 128), tails):
        system = [1, *(draw.randrange(20, 40000) for _ in range(draw.choice((0, whole)) + tail - 1))]
        question = [1, *(draw.randrange(20, 40000) for _ in range(draw.randrange(1, 30)))]
        assert model.warm(system) == len(system)
        hit = model.next_logits([*system, *question])
        assert model.cache.stats().read_tokens >= len(system)
        assert torch.equal(hit, model.next_logits([*system, *question], cache=False))
        assert torch.equal(hit, model.next_logits([*system, *question]))


def test_in_bfloat16_a_hit_answers_as_a_miss(bf16_model: LocalModel) -> None:
    ids = list(range(300, 440))
    bf16_model.generate([*ids[:128], 1], max_tokens=1)
    plain, hit = (bf16_model.generate(ids, max_tokens=4, cache=use_cache) for use_cache in (False, True))
    assert hit.usage.cached_tokens == 128
    assert hit.token_ids == plain.token_ids
    assert torch.equal(bf16_model.next_logits(ids), bf16_model.next_logits(ids, cache=False))
    assert bf16_model.cache.stats().block_bytes == 128 * 23_040


def test_a_whole_prompt_asked_again_needs_no_pass_for_its_first_token(
    real_model: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = real_model.generate(_ask(_QUESTIONS[0]), max_tokens=1)
    monkeypatch.setattr(Engine, "forward", None)
    again = real_model.generate(_ask(_QUESTIONS[0]), max_tokens=1)
    assert again.usage.cached_tokens == again.usage.prompt_tokens
    assert again.token_ids == first.token_ids


def test_decoded_states_have_other_bits_than_read_ones(real_model: LocalModel) -> None:
    """Why answers are read again: were this to fail, they could be kept as they were decoded."""
    engine, ids = real_model._parts.engine, [(7 * index) % 40000 + 20 for index in range(60)]
    read, decoded = (engine.new_cache(60) for _ in range(2))
    engine.forward(ids, read)
    engine.forward(ids[:40], decoded)
    for token in ids[40:]:
        engine.forward([token], decoded)
    states = zip(read.copy_block(40, 60), decoded.copy_block(40, 60), strict=True)
    assert not all(torch.equal(r, d) for pair in states for r, d in zip(*pair, strict=True))


def test_the_first_answer_is_that_of_transformers_own_generate(real_model: LocalModel, language_model: Path) -> None:
    network: PreTrainedModel = AutoModelForCausalLM.from_pretrained(language_model, dtype=torch.float32)
    network.eval()  # type: ignore[no-untyped-call]
    ids = list(range(300, 340))
    with torch.inference_mode():
        theirs = network.generate(torch.tensor([ids]), max_new_tokens=12, do_sample=False)  # type: ignore[operator]
        logits = network(torch.tensor([ids])).logits[0, -1]
    assert list(real_model.generate(ids, max_tokens=12).token_ids) == theirs[0, len(ids) :].tolist()
    torch.testing.assert_close(real_model.next_logits(ids), logits, rtol=0, atol=1e-3)


def test_usage_says_what_was_read_and_written(real_model: LocalModel) -> None:
    prompt = _ask(_QUESTIONS[0])
    tokens = real_model.count_tokens(prompt)
    cold, warm = (real_model.generate(prompt, max_tokens=2) for _ in range(2))
    assert (cold.usage.prompt_tokens, cold.usage.cached_tokens, cold.usage.written_tokens) == (tokens, 0, tokens)
    assert (warm.usage.cached_tokens, warm.usage.written_tokens) == (tokens, 0)
    assert cold.miss is not None
    assert cold.miss.cause in ("new", "cleared")  # other tests had the model before, and cleared it
    assert (cold.miss.lost_tokens, warm.miss) == (tokens, None)
    assert cold.first_token_seconds > 0


def test_an_answer_ends_at_the_end_of_its_turn(real_model: LocalModel) -> None:
    answer = real_model.generate(_ask(_QUESTIONS[0]), max_tokens=60)
    assert answer.finish_reason == "stop"
    assert "<|im_end|>" not in answer.text
    assert answer.usage.completion_tokens == len(answer.token_ids) < 60
    cut = real_model.generate(_ask(_QUESTIONS[0]), max_tokens=len(answer.token_ids))
    assert (cut.finish_reason, cut.text) == ("length", answer.text)


def test_a_streams_pieces_joined_are_its_text(real_model: LocalModel) -> None:
    stream = real_model.stream(_ask("Write 🎉 한국어 three times."), max_tokens=24, temperature=1.5, seed=5)
    with pytest.raises(KVCacheError, match="not finished"):
        _ = stream.generation
    pieces = list(stream)
    assert "".join(pieces) == stream.generation.text
    assert all(pieces)
    assert list(stream) == []
    assert stream.generation.text


def test_sampling_never_changes_what_is_kept(real_model: LocalModel) -> None:
    real_model.generate(_ask(_QUESTIONS[0]), max_tokens=1)
    drawn = [
        real_model.generate(_ask(_QUESTIONS[0]), max_tokens=4, temperature=1.0, top_p=0.9, seed=9, cache=use_cache)
        for use_cache in (True, False)
    ]
    assert drawn[0].usage.cached_tokens > 0
    assert drawn[0].token_ids == drawn[1].token_ids


def test_tenants_never_share_and_clearing_one_leaves_the_other(real_model: LocalModel) -> None:
    kept = real_model.warm([_RULES], tenant="a")
    assert real_model.generate(_ask(_QUESTIONS[0]), max_tokens=1, tenant="b").usage.cached_tokens == 0
    assert real_model.cache.clear("a") == kept
    assert real_model.generate(_ask(_QUESTIONS[0]), max_tokens=1, tenant="a").usage.cached_tokens == 0
    assert real_model.generate(_ask(_QUESTIONS[0]), max_tokens=1, tenant="b").miss is None


def test_a_request_that_cannot_be_served_is_refused_before_anything_runs(tiny_model: LocalModel) -> None:
    with pytest.raises(ContextOverflowError, match=r"500 tokens.*max_tokens is 13.*512.*to 12"):
        tiny_model.stream([1] * 500, max_tokens=13)
    with pytest.raises(SamplingError, match="max_tokens is 0"):
        tiny_model.stream([1], max_tokens=0)
    with pytest.raises(ConfigError, match="tenant is ''"):
        tiny_model.stream([1], tenant="")
    assert tiny_model.cache.stats().lookups == 0
    assert tiny_model.max_tokens == 512
    assert tiny_model.generate([1] * 500, max_tokens=12).usage.prompt_tokens == 500
