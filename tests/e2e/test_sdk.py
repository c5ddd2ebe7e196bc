"""The SDK as a program uses it: real models, a file, a document, several openings."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from semantic_cache import SemanticCache, Settings
from semantic_cache.errors import DocumentError, GenerationError, SamewiseError, StoreError

_HANDBOOK = "The swimming pool of the hotel is on the ninth floor and opens at seven. " * 12


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("sdk")
    (folder / "handbook.md").write_text(_HANDBOOK, "utf-8")
    return Settings(
        store=f"sqlite:///{folder / 'faq.db'}",
        system="You are the desk of a hotel.",
        documents=(folder / "handbook.md",),
        max_tokens=16,
        show_progress=False,
    )


@pytest.fixture(scope="module")
def cache(settings: Settings) -> Iterator[SemanticCache]:
    with SemanticCache.open(settings) as opened:
        yield opened


def test_a_new_question_is_generated_once_and_then_stored(cache: SemanticCache) -> None:
    stream = cache.stream("On which floor is the swimming pool?")
    text = "".join(stream)
    first = stream.answer
    assert text == first.text
    assert (first.source, first.matched) == ("model", None)
    assert first.usage.prompt_tokens > 128
    assert 1 <= first.usage.completion_tokens <= 16
    again = cache.ask("on which floor is the swimming pool")
    assert (again.source, again.text, again.entry_id) == ("normalized", text, first.entry_id)


def test_the_documents_attention_states_are_reused_by_the_next_question(cache: SemanticCache) -> None:
    cache.ask("When does the swimming pool open?")
    usage = cache.ask("Who may use the sauna?").usage
    assert usage.cached_tokens >= 128
    assert usage.cached_tokens < usage.prompt_tokens


def test_tenants_share_the_documents_attention_states_and_nothing_else(cache: SemanticCache) -> None:
    secret = [{"role": "user", "content": "My room is 1207 and I am Ada Lovelace. " * 20}]
    cache.ask("Where is my key?", tenant="acme", history=secret)
    first = cache.ask("Where may I park?", tenant="globex")
    assert first.usage.cached_tokens >= 128
    assert (
        cache.ask("Where is my key?", tenant="globex", history=secret).usage.cached_tokens == first.usage.cached_tokens
    )
    assert first.trace.prefix is not None
    assert (first.trace.prefix.cause, first.trace.prefix.segment) == ("new", "user 1")


def test_an_answer_survives_the_process(settings: Settings, cache: SemanticCache) -> None:
    kept = cache.ask("Is breakfast included?")
    script = (
        "from pathlib import Path\n"
        "from semantic_cache import SemanticCache, Settings\n"
        f"settings = Settings(store={settings.store!r}, system={settings.system!r}, max_tokens=16,\n"
        f"    documents=(Path({str(settings.documents[0])!r}),), show_progress=False)\n"
        "with SemanticCache.open(settings) as cache:\n"
        "    answer = cache.ask('Is breakfast included?')\n"
        "    print(answer.source, answer.entry_id)\n"
        "import sys\n"
        "print('torch' in sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert result.stdout.split() == ["exact", str(kept.entry_id), "False"], result.stderr


def test_a_paraphrase_is_served_by_meaning(cache: SemanticCache) -> None:
    cache.add("How do I reset the password of my account?", "Choose 'Forgot password'.")
    answer = cache.ask("How can I reset the password for my account?")
    assert answer.source in ("normalized", "semantic")
    assert answer.text == "Choose 'Forgot password'."
    assert answer.probability is not None
    assert answer.probability > 0.5


def test_explain_shows_steps_candidates_and_decision(cache: SemanticCache) -> None:
    cache.add("Can I pay with 3 cards?", "Yes.")
    explanation = cache.explain("hi, can I please pay with 2 cards")
    text = str(explanation)
    assert explanation.question.steps
    assert "numbers differ" in text
    assert "decision   miss" in text
    assert explanation.verdict.trace.candidates


def test_the_second_embedding_model_works_behind_the_same_seam(tmp_path: Path) -> None:
    settings = Settings(store=f"sqlite:///{tmp_path / 'a.db'}", embedder="all-MiniLM-L6-v2", show_progress=False)
    with SemanticCache.open(settings) as cache:
        cache.add("How do I reset the password of my account?", "Choose 'Forgot password'.")
        verdict = cache.lookup("How can I reset the password for my account?")
        assert verdict.hit
        assert not cache.lookup("How do I close my account?").hit


class TestBadInput:
    def test_a_missing_document(self, tmp_path: Path) -> None:
        with pytest.raises(DocumentError, match=r"missing\.md"):
            SemanticCache.open(Settings(store="sqlite://", documents=(tmp_path / "missing.md",)))

    def test_a_store_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        for place in (tmp_path / "file" / "faq.db", tmp_path / "no" / "such" / "folder" / "faq.db", tmp_path):
            with pytest.raises(StoreError, match=str(place)):
                SemanticCache.open(Settings(store=f"sqlite:///{place}"))

    def test_a_corrupt_store_is_left_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "faq.db"
        path.write_bytes(b"this is no database, it is a diary" * 200)
        before = path.read_bytes()
        with pytest.raises(StoreError, match=r"faq\.db"):
            SemanticCache.open(Settings(store=f"sqlite:///{path}"))
        assert path.read_bytes() == before

    def test_another_kind_of_store(self) -> None:
        with pytest.raises(StoreError, match="mysql"):
            SemanticCache.open(Settings(store="mysql://localhost/faq"))

    def test_an_unknown_model_fails_by_name_and_what_is_stored_is_still_served(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        settings = Settings(store="sqlite://", model=str(tmp_path / "empty"), show_progress=False)
        with SemanticCache.open(settings) as cache:
            cache.add("Where is the pool?", "On the roof.")
            with pytest.raises(GenerationError, match="empty"):
                cache.ask("Where is the sauna?")
            assert cache.ask("Where is the pool?").source == "exact"

    def test_an_engine_that_does_not_answer_is_named(self) -> None:
        settings = Settings(store="sqlite://", model="m", base_url="http://127.0.0.1:9/v1", show_progress=False)
        with SemanticCache.open(settings) as cache, pytest.raises(GenerationError, match=r"127\.0\.0\.1:9"):
            cache.ask("Where is the pool?")

    def test_a_document_that_does_not_fit_the_model(self, tmp_path: Path) -> None:
        (tmp_path / "long.md").write_text("many different words " * 5000, "utf-8")
        settings = Settings(store="sqlite://", documents=(tmp_path / "long.md",), show_progress=False)
        with SemanticCache.open(settings) as cache, pytest.raises(SamewiseError, match="8192"):
            cache.ask("Where is the pool?")
