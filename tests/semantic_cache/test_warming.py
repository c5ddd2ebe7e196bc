"""A model made ready in the background: loaded, the operator's text read, no failure that reaches anybody."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_families import save_family

from kvcache import LocalModel
from semantic_cache import SemanticCache, Settings
from semantic_cache.build import build
from semantic_cache.errors import GenerationError
from semantic_cache.generator import Completion, Prompt
from semantic_cache.local_generator import LocalGenerator
from semantic_cache.request import SamplingOptions
from semantic_cache.warming import Warming

_TEXT = "You are the desk of a hotel by the lake. " * 8
_ASK = Prompt(_TEXT, (), "Where is the pool?", "a", SamplingOptions(1, 0.0), _TEXT)


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer Llama over bytes with a window of 512 tokens."""
    return save_family("llama", tmp_path_factory.mktemp("llama"))


@pytest.fixture
def generator(small_model: Path) -> Iterator[LocalGenerator]:
    made = _generator(small_model)
    yield made
    made.close()


def _generator(model: Path) -> LocalGenerator:
    return LocalGenerator(str(model), dtype="float32", kv_max_bytes=1 << 26, show_progress=False)


def _warmed(warming: Warming) -> None:
    warming.start()
    warming.wait()
    warming.close()


def test_the_first_question_of_any_tenant_finds_the_operators_text_read(
    generator: LocalGenerator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        _warmed(Warming(generator.load, _TEXT))
    *_, completion = generator.generate(_ASK)
    assert isinstance(completion, Completion)
    assert completion.usage.cached_tokens > len(_TEXT)
    assert completion.usage.written_tokens < 128
    assert "tokens of the system prompt and documents are kept" in caplog.text
    assert len(caplog.records) > 1
    assert "hotel" not in caplog.text


def test_a_model_that_cannot_be_loaded_is_told_in_the_log_and_met_by_the_first_question(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(store="sqlite://", model=str(tmp_path), warm=True, show_progress=False)
    with SemanticCache.open(settings) as cache:
        with pytest.raises(GenerationError, match="cannot be loaded"):
            cache.ask("Where is the pool?")
        cache.add("Where is the sauna?", "In the cellar.")
        assert cache.ask("Where is the sauna?").text == "In the cellar."
    assert "was not made ready" in caplog.text


def test_a_text_that_does_not_fit_the_model_is_told_in_the_log(
    generator: LocalGenerator, caplog: pytest.LogCaptureFixture
) -> None:
    _warmed(Warming(generator.load, _TEXT * 3))
    assert "512" in caplog.text
    assert "hotel" not in caplog.text


def test_closing_a_cache_while_its_model_loads_reads_nothing(generator: LocalGenerator, small_model: Path) -> None:
    model, go = generator.load(), threading.Event()

    def load() -> LocalModel:
        assert go.wait(20)
        return model

    warming = Warming(load, _TEXT, patience_seconds=0.0)
    settings = Settings(store="sqlite://", model=str(small_model), show_progress=False)
    SemanticCache(settings, replace(build(settings), warming=warming)).close()
    go.set()
    warming.wait()
    assert model.cache.stats().blocks == 0


def test_one_that_never_began_can_be_closed(generator: LocalGenerator) -> None:
    warming = Warming(generator.load, _TEXT)
    warming.close()
    warming.wait()


def test_only_a_local_model_is_made_ready_and_only_where_that_is_wanted(small_model: Path) -> None:
    local = Settings(store="sqlite://", model=str(small_model), show_progress=False)
    engine = Settings(store="sqlite://", model="m", base_url="http://127.0.0.1:9/v1", show_progress=False)
    for settings in (local, engine):
        parts = build(settings)
        assert parts.warming is None
        parts.store.close()


def test_an_opened_cache_has_read_its_system_prompt_before_the_first_question(small_model: Path) -> None:
    settings = Settings(
        store="sqlite://", model=str(small_model), system=_TEXT, warm=True, max_tokens=1, show_progress=False
    )
    parts = build(settings)
    assert parts.warming is not None
    with SemanticCache(settings, parts) as cache:
        parts.warming.wait()
        answer = cache.ask("Where is the pool?")
    assert answer.usage.cached_tokens > len(_TEXT)


def test_a_process_may_end_while_its_model_is_made_ready(small_model: Path) -> None:
    script = (
        "import sys\n"
        "from semantic_cache import SemanticCache, Settings\n"
        "from kvcache.engine import Engine\n"
        "import time\n"
        "forward = Engine.forward\n"
        "Engine.forward = lambda *these: (time.sleep(0.02), forward(*these))[-1]\n"
        "system = 'You are the desk of a hotel by the lake. ' * 8\n"
        "settings = Settings(store='sqlite://', model=sys.argv[1], system=system, warm=True, show_progress=False)\n"
        "cache = SemanticCache.open(settings)\n"
        "time.sleep(float(sys.argv[2]))\n"
    )
    for seconds in ("0", "0.3"):
        ended = subprocess.run(
            [sys.executable, "-c", script, str(small_model), seconds],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
