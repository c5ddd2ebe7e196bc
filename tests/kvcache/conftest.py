"""The real model, loaded once, and small random ones that are made in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from byte_tokenizer import byte_tokenizer
from transformers import LlamaConfig, LlamaForCausalLM

from kvcache import KVCacheConfig, LocalModel


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """torch on one thread: several slow each other down beyond measure where other work runs beside the tests."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def loaded_model(language_model: Path) -> LocalModel:
    """The bundled model in float32. Nothing runs in the background, so that what is kept can be counted."""
    return LocalModel.load(language_model, cache=KVCacheConfig(read_answers=False))


@pytest.fixture
def real_model(loaded_model: LocalModel) -> Iterator[LocalModel]:
    """The bundled model with an empty cache; afterwards nothing may be leased and the books must balance."""
    loaded_model.cache.clear()
    yield loaded_model
    assert loaded_model.cache.stats().leased_bytes == 0
    loaded_model.cache.check()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer Llama over bytes, with a ChatML template and a window of 512 tokens."""
    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = byte_tokenizer()
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        eos_token_id=tokenizer.eos_token_id,
        initializer_range=0.5,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_model(tiny_folder: Path) -> Iterator[LocalModel]:
    """The random model with blocks of 16 tokens, and nothing in the background.

    Afterwards nothing may be leased and the books must balance.
    """
    model = LocalModel.load(tiny_folder, cache=KVCacheConfig(max_bytes=1 << 20, block_tokens=16, read_answers=False))
    yield model
    assert model.cache.stats().leased_bytes == 0
    model.cache.check()
