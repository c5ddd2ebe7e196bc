"""Settings become a cache: keys follow the lexicons, wrong lexicons are named, the default store makes its folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from semantic_cache import SemanticCache, Settings
from semantic_cache.errors import QuestionError, SettingsError
from semantic_cache.matching.shipped import verifier_version
from storage import Store

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


def test_a_calibration_that_cannot_be_read_takes_nothing_down_and_is_named_everywhere(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'faq.db'}"
    with Store.open(url) as store:
        store.calibrations.save("cuts", "no cut table")
    with SemanticCache.open(Settings(store=url, show_progress=False)) as cache:
        cache.add("How do I reset the password of my account?", "Choose 'Forgot password'.")
        hit = cache.lookup("How can I reset the password for my account?")
        assert hit.hit
        assert any("number 1 of the store cannot be read" in problem for problem in hit.trace.degraded)
        miss = cache.lookup("How do I close my account?")
        assert "calibration" not in getattr(miss, "reason", "a hit")
        assert "number 1 of the store cannot be read" in cache.explain("How do I close my account?").policy
        assert "number 1 of the store cannot be read" in str(cache.status())


_TABLE = {"cuts": [0.75], "sets": [{"name": "mine", "language": "en", "served": [5000], "wrong": [0]}]}


@pytest.mark.parametrize("verifier", [{}, {"verifier": "0" * 12}])
def test_cuts_of_another_verifier_are_not_used(tmp_path: Path, verifier: dict[str, str]) -> None:
    url, cuts = f"sqlite:///{tmp_path / 'faq.db'}", tmp_path / "cuts.json"
    cuts.write_text(json.dumps({**_TABLE, **verifier}))
    with pytest.raises(SettingsError, match=r"cuts='.*cuts\.json' counts .* another version.*samewise tune --write"):
        SemanticCache.open(Settings(store=url, cuts=cuts))
    with Store.open(url) as store:
        store.calibrations.save("cuts", cuts.read_text())
    with SemanticCache.open(Settings(store=url, show_progress=False)) as cache:
        said = str(cache.status())
        assert "number 1 of the store counts the probabilities of another version" in said
        assert "by what is shipped" in said
        assert "0.750" not in said


def test_cuts_of_the_settings_go_before_those_of_the_store(tmp_path: Path) -> None:
    url, cuts = f"sqlite:///{tmp_path / 'faq.db'}", tmp_path / "cuts.json"
    table = {**_TABLE, "verifier": verifier_version()}
    cuts.write_text(json.dumps(table))
    with Store.open(url) as store:
        store.calibrations.save("cuts", json.dumps({**table, "cuts": [0.5]}))
    for settings, probability in ((Settings(store=url), "0.500"), (Settings(store=url, cuts=cuts), "0.750")):
        with SemanticCache.open(settings) as cache:
            assert f"probability ≥ {probability}" in str(cache.status())
