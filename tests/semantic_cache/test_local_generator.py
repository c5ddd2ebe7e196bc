"""The local model behind the seam: one load, errors that say which part failed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import kvcache
from kvcache import LocalModel
from normalize import Message
from semantic_cache.errors import GenerationError
from semantic_cache.generator import Completion, Prompt
from semantic_cache.local_generator import LocalGenerator
from semantic_cache.request import SamplingOptions

_PROMPT = Prompt(
    "Answer briefly.",
    (Message("user", "Hi"), Message("assistant", "Hello")),
    "Name a fruit.",
    "t",
    SamplingOptions(4, 0.0),
)


def _generator(model: str) -> LocalGenerator:
    return LocalGenerator(model, dtype="float32", kv_max_bytes=1 << 28, show_progress=False)


def test_pieces_make_up_the_completion_and_the_model_is_loaded_once(language_model: Path) -> None:
    generator = _generator(str(language_model))
    *pieces, completion = generator.generate(_PROMPT)
    assert isinstance(completion, Completion)
    assert "".join(str(piece) for piece in pieces) == completion.text
    assert 0 < completion.usage.completion_tokens <= 4
    assert completion.first_token_ms > 0
    assert generator.load() is generator.load()
    generator.close()
    generator.close()


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match=str(tmp_path)):
        list(_generator(str(tmp_path)).generate(_PROMPT))


def test_what_torch_says_when_it_fails_is_passed_on(language_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = _generator(str(language_model))

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("not enough memory")

    monkeypatch.setattr(kvcache.LocalModel, "stream", fail)
    with pytest.raises(GenerationError, match="not enough memory"):
        list(generator.generate(_PROMPT))


def test_closing_waits_for_no_load_and_what_was_loaded_then_is_let_go_of(
    language_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator, loads, may_end = _generator(str(language_model)), threading.Event(), threading.Event()
    load = LocalModel.load
    closed: list[LocalModel] = []

    def slow(*args: Any, **kwargs: Any) -> LocalModel:
        loads.set()
        assert may_end.wait(60)
        return load(*args, **kwargs)

    def noted(self: LocalModel) -> None:
        closed.append(self)

    monkeypatch.setattr(LocalModel, "load", slow)
    monkeypatch.setattr(LocalModel, "close", noted)
    with ThreadPoolExecutor(1) as threads:
        loading = threads.submit(generator.load)
        assert loads.wait(60)
        generator.close()
        assert not loading.done()
        may_end.set()
        with pytest.raises(GenerationError, match="let go of while it was being loaded"):
            loading.result()
    assert len(closed) == 1
