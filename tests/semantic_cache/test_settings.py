"""Settings are checked once, and each refusal names the value, the limit and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from semantic_cache import Eviction, Lifetime, Settings
from semantic_cache.errors import SettingsError
from semantic_cache.store_url import default_store


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"model": "gpt-imaginary"}, "gpt-imaginary"),
        ({"model": ""}, "model=''"),
        ({"embedder": "no-such-embedder"}, "no-such-embedder"),
        ({"threshold": 1.5}, "outside -1 to 1"),
        ({"threshold": float("nan")}, "not a number"),
        ({"neighbours": 0}, "outside 1 to 100"),
        ({"lexical_candidates": -1}, "outside 0 to 100"),
        ({"lexical_candidates": 101}, "outside 0 to 100"),
        ({"max_tokens": 0}, "max_tokens=0"),
        ({"max_tokens": True}, "not a number"),
        ({"max_question_chars": 0}, "outside 1 to"),
        ({"temperature": -1.0}, "outside 0 to 2"),
        ({"top_p": 0.0}, "top_p=0.0"),
        ({"dtype": "int3"}, "float32, bfloat16"),
        ({"store": "faq.db"}, "sqlite:///faq.db"),
        ({"index": "pgvector"}, "searches in PostgreSQL"),
        ({"store": "postgresql://db/faq", "index": "hnsw"}, "auto, pgvector"),
        ({"store_wait_seconds": 0}, "store_wait_seconds=0"),
        ({"sweep_seconds": -1}, "outside 0 to 86400"),
        ({"lifetime": 3600}, r"lifetime=3600 is no Lifetime: write Lifetime\(ttl_seconds=3600\)"),
        ({"lifetimes": {"freshness=daily": Lifetime(1)}}, "'tag:NAME'"),
        ({"lifetimes": {"tag:": Lifetime(1)}}, "'tag:NAME'"),
        ({"lifetimes": {"tag:news": 60}}, r"lifetimes\['tag:news'\]=60"),
        ({"budgets": {"tag:news": 0.01}}, r"budgets\['tag:news'\]=0.01"),
        ({"store_budget": 100}, "store_budget=100"),
        ({"tenant_budget": None}, "tenant_budget=None"),
        ({"tenant_budgets": {"acme": 5}}, r"tenant_budgets\['acme'\]=5"),
        ({"eviction": "fifo"}, "value, lru, lfu"),
        ({"warm": 1}, "warm=1 is no bool"),
        ({"warm": True, "base_url": "http://127.0.0.1:1/v1"}, "leave one of them out"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Settings(**given)


def test_an_unknown_setting_is_an_error() -> None:
    with pytest.raises(TypeError):
        Settings(treshold=0.9)  # type: ignore[call-arg]


def test_an_engine_may_call_its_model_anything() -> None:
    assert Settings(model="anything", base_url="http://127.0.0.1:1/v1").model == "anything"


def test_a_folder_is_a_model(tmp_path: Path) -> None:
    assert Settings(model=str(tmp_path)).model == str(tmp_path)


def test_the_engines_key_is_not_shown() -> None:
    assert "secret" not in repr(Settings(model="m", base_url="http://127.0.0.1:1/v1", api_key="secret"))


def test_the_default_store_lies_in_the_home_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAMEWISE_HOME", str(tmp_path))
    assert default_store() == Settings().store == f"sqlite:///{tmp_path / 'samewise.db'}"


def test_a_policy_of_eviction_may_be_given_by_its_name() -> None:
    assert Settings(eviction="lru").eviction is Eviction.LRU  # type: ignore[arg-type]
