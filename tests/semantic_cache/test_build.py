"""Settings become a cache: keys follow the lexicons, wrong lexicons are named, the default store makes its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from semantic_cache import SemanticCache, Settings
from semantic_cache.errors import QuestionError, SettingsError

_LEXICON = "language: en\nabbreviations:\n  swimming pool: [swimpool]\n"


def test_a_lexicon_of_ones_own_renews_the_keys_of_what_is_stored(tmp_path: Path) -> None:
    url, lexicon = f"sqlite:///{tmp_path / 'faq.db'}", tmp_path / "hotel.yaml"
    lexicon.write_text(_LEXICON, "utf-8")
    with SemanticCache.open(Settings(store=url, show_progress=False)) as cache:
        cache.add("Where is the swimpool?", "On the roof.")
        before = cache.lookup("Where is the swimming pool?")
        assert not before.hit or before.source == "semantic"
    with SemanticCache.open(Settings(store=url, lexicons=(lexicon,), show_progress=False)) as cache:
        verdict = cache.lookup("Where is the swimming pool?")
        assert verdict.hit
        assert verdict.source == "normalized"
    with SemanticCache.open(Settings(store=url, show_progress=False)) as cache:
        assert cache.lookup("Where is the swimpool").hit


def test_a_wrong_lexicon_is_named(tmp_path: Path) -> None:
    lexicon = tmp_path / "hotel.yaml"
    lexicon.write_text("language: en\nsynonims:\n  a: [b]\n", "utf-8")
    with pytest.raises(SettingsError, match=r"hotel\.yaml"):
        SemanticCache.open(Settings(store="sqlite://", lexicons=(lexicon,)))
    with pytest.raises(SettingsError, match=r"nowhere\.yaml"):
        SemanticCache.open(Settings(store="sqlite://", lexicons=(tmp_path / "nowhere.yaml",)))


def test_a_longer_question_that_is_stored_stays_when_keys_are_renewed(tmp_path: Path) -> None:
    url, lexicon = f"sqlite:///{tmp_path / 'faq.db'}", tmp_path / "hotel.yaml"
    lexicon.write_text(_LEXICON, "utf-8")
    with SemanticCache.open(Settings(store=url, show_progress=False)) as cache:
        cache.add("Where is the swimpool of the hotel?", "On the roof.")
    settings = Settings(store=url, lexicons=(lexicon,), max_question_chars=10, show_progress=False)
    with SemanticCache.open(settings) as cache:
        assert cache.stats().entries == 1


def test_the_longest_question_is_a_setting() -> None:
    with SemanticCache.open(Settings(store="sqlite://", max_question_chars=20)) as cache:
        assert not cache.lookup("x" * 20).hit
        with pytest.raises(QuestionError, match=r"21 characters, more than Settings\.max_question_chars"):
            cache.lookup("x" * 21)


def test_the_default_store_makes_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEWISE_HOME", str(tmp_path / "new" / "home"))
    with SemanticCache.open() as cache:
        assert cache.stats().entries == 0
    assert (tmp_path / "new" / "home" / "samewise.db").is_file()
