"""Words of the stored questions: a slip in one of them still finds the entry, and nothing else does."""

from __future__ import annotations

from fakes import MakeBench
from rows import new

from semantic_cache.vocabulary import Vocabulary
from storage import StorageError, Store


def test_words_come_with_the_questions_and_stay_in_their_scope() -> None:
    store = Store.open("sqlite://")
    vocabulary = Vocabulary(store)
    assert vocabulary.words("s") == frozenset()
    store.add_many([new("Where is Frobnicator 3 sold?", vector=None)])
    assert {"frobnicator", "where", "sold"} <= vocabulary.words("s")
    store.add_many([new("Is Samewise fast?", vector=None)])
    assert "samewise" in vocabulary.words("s")
    assert vocabulary.words("another") == frozenset()


def test_a_slip_in_a_stored_name_is_put_right(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add("How do I install Samewise?", "With make demo.")
    embedded = len(bench.embedder.calls)
    answer = bench.cache.ask("How do I install samewsie?")
    assert (answer.source, answer.text, answer.matched) == (
        "normalized",
        "With make demo.",
        "How do I install Samewise?",
    )
    assert len(bench.embedder.calls) == embedded


def test_a_word_that_exists_is_never_taken_for_a_stored_name(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add("How do I install Mapel?", "Download it.")
    verdict = bench.cache.lookup("How do I install maple?")
    assert not (verdict.hit and verdict.source == "normalized")


def test_another_tenants_words_do_not_help(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add("How do I install Samewise?", "With make demo.", tenant="a")
    assert not bench.cache.lookup("How do I install samewsie?", tenant="b").hit


def test_the_explanation_says_what_was_put_right(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add("How do I install Samewise?", "With make demo.")
    assert "store.typo: samewsie → samewise" in str(bench.cache.explain("How do I install samewsie?"))


def test_a_store_that_fails_meanwhile_takes_nothing_down(make_bench: MakeBench, monkeypatch: object) -> None:
    bench = make_bench()

    def fail(*_: object) -> object:
        raise StorageError("the disk is gone")

    bench.store.questions = fail  # type: ignore[method-assign, assignment]
    answer = bench.cache.ask("How do I install samewsie?")
    assert answer.source == "model"
    assert "store: the disk is gone" in answer.trace.degraded
