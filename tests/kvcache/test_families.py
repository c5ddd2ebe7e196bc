"""Each family of networks: hits give the bits of misses, and misses what transformers gives without any cache of ours."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_families import FORGETFUL, HIDDEN, HYBRID, KEYS_AND_VALUES, WINDOW, save_family
from transformers import AutoModelForCausalLM

from kvcache import KVCacheConfig, LocalModel, UnsupportedModelError
from kvcache.prompt import Prompt

_FAMILIES = (*KEYS_AND_VALUES, *HYBRID)
_DTYPES = ("float32", "bfloat16")
_BLOCK = 16

Folder = Callable[[str], Path]
Model = Callable[[str, str], LocalModel]


@pytest.fixture(scope="session")
def family_folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The folder of a family's random model, made at the first call."""
    made: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in made:
            made[name] = save_family(name, tmp_path_factory.mktemp(name))
        return made[name]

    return folder


@pytest.fixture
def family_model(family_folder: Folder) -> Iterator[Model]:
    """A family's model with blocks of 16 tokens; afterwards nothing may be leased and the books must balance."""
    loaded = list[LocalModel]()

    def load(name: str, dtype: str) -> LocalModel:
        config = KVCacheConfig(max_bytes=4 << 20, block_tokens=_BLOCK)
        loaded.append(LocalModel.load(family_folder(name), dtype=dtype, cache=config))
        return loaded[-1]

    yield load
    for model in loaded:
        assert model.cache.stats().leased_bytes == 0
        model.cache.check()


def _ids(seed: int, length: int) -> tuple[int, ...]:
    draw = random.Random(seed)
    return tuple(draw.randrange(256) for _ in range(length))


def _cached_tokens(model: LocalModel, prompt: Prompt) -> int:
    """Ask with and without the cache; logits and greedy tokens must be the same. Returns what the hit read."""
    cold, warm = (model.next_logits(prompt, cache=use) for use in (False, True))
    assert torch.equal(warm, cold)
    plain, hit = (model.generate(prompt, max_tokens=6, cache=use) for use in (False, True))
    assert hit.token_ids == plain.token_ids
    assert hit.exact
    return hit.usage.cached_tokens


@pytest.mark.parametrize("dtype", _DTYPES)
@pytest.mark.parametrize("name", _FAMILIES)
def test_a_prompt_asked_again_gives_the_bits_of_a_miss(family_model: Model, name: str, dtype: str) -> None:
    model = family_model(name, dtype)
    for length in (1, _BLOCK, 3 * WINDOW):
        ids = _ids(length, length)
        assert _cached_tokens(model, ids) == length
        assert _cached_tokens(model, _ids(7, 60)) == 60  # writes over the buffer that the first one left
        assert _cached_tokens(model, ids) == length


@pytest.mark.parametrize("dtype", _DTYPES)
@pytest.mark.parametrize("name", _FAMILIES)
def test_any_part_of_a_kept_prompt_gives_the_bits_of_a_miss(family_model: Model, name: str, dtype: str) -> None:
    model, ids = family_model(name, dtype), _ids(1, 6 * _BLOCK)
    for kept in (5, 1, 3):
        for rest in (1, 40):
            model.cache.clear()
            model.generate(ids, max_tokens=3)
            prompt = (*ids[: kept * _BLOCK], *_ids(rest, rest))
            warm = model.next_logits(prompt)
            assert torch.equal(warm, model.next_logits(prompt, cache=False))
    assert model.cache.stats().read_tokens == 2 * _BLOCK * (5 + 1 + 3)


@pytest.mark.parametrize("dtype", _DTYPES)
@pytest.mark.parametrize("name", _FAMILIES)
def test_talks_that_grow_side_by_side_give_the_bits_of_misses(family_model: Model, name: str, dtype: str) -> None:
    model = family_model(name, dtype)
    rules = {"role": "system", "content": "Answer in few words, and only from what is written here."}
    talks = [[rules, {"role": "user", "content": f"What about {subject}?"}] for subject in ("tea", "the weather")]
    before = [0, 0]
    for turn in range(3):
        for number, talk in enumerate(talks):
            read = _cached_tokens(model, talk)
            assert read > before[number]
            before[number] = read
            answer = f"It is so{' indeed' * (turn + number)}."
            talk += [{"role": "assistant", "content": answer}, {"role": "user", "content": "And then?"}]


@pytest.mark.parametrize("name", _FAMILIES)
def test_without_the_cache_the_logits_are_those_of_one_pass_of_transformers(
    family_model: Model, family_folder: Folder, name: str
) -> None:
    model, ids = family_model(name, "float32"), _ids(3, 4 * WINDOW + 3)
    network: Any = AutoModelForCausalLM.from_pretrained(family_folder(name))
    with torch.inference_mode():
        plain = network(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1]
    torch.testing.assert_close(model.next_logits(ids, cache=False), plain, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", _FAMILIES)
def test_answers_are_those_of_transformers_own_generate(family_model: Model, family_folder: Folder, name: str) -> None:
    model, ids = family_model(name, "float32"), _ids(4, 2 * WINDOW)
    network: Any = AutoModelForCausalLM.from_pretrained(family_folder(name))
    prompt = torch.tensor([ids])
    with torch.inference_mode():
        plain = network.generate(
            prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=8, do_sample=False, pad_token_id=0
        )
    assert _tokens(plain[0, len(ids) :].tolist()) == model.generate(ids, max_tokens=8).token_ids


def _tokens(generated: Sequence[int]) -> tuple[int, ...]:
    """Those before the end of the answer."""
    return tuple(generated[: generated.index(257)] if 257 in generated else generated)


@pytest.mark.parametrize("name", list(HYBRID))
def test_states_that_cannot_be_cut_count_against_the_budget(family_model: Model, name: str) -> None:
    model = family_model(name, "float32")
    model.generate(_ids(5, 4 * _BLOCK), max_tokens=2)
    stats = model.cache.stats()
    assert stats.blocks == 4
    logits = 4 * 260
    assert stats.cached_bytes == 4 * stats.block_bytes + logits


@pytest.mark.parametrize("name", list(FORGETFUL))
def test_a_network_that_forgets_its_state_between_passes_is_refused(family_folder: Folder, name: str) -> None:
    with pytest.raises(UnsupportedModelError, match="forgets its recurrent state"):
        LocalModel.load(family_folder(name))


@pytest.mark.parametrize("name", list(HIDDEN))
def test_a_network_with_a_state_outside_its_cache_is_refused(family_folder: Folder, name: str) -> None:
    with pytest.raises(UnsupportedModelError, match="outside its cache"):
        LocalModel.load(family_folder(name))
