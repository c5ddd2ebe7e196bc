"""The way of a question, over fakes: which tier answers, what is kept, what happens when a part fails."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes import EchoGenerator, MakeBench, WordEmbedder

from semantic_cache import Settings
from semantic_cache.documents import Document
from semantic_cache.errors import GenerationError, QuestionError, StoreError
from semantic_cache.prefix_miss import PrefixMiss
from storage import StorageError


def test_a_new_question_goes_to_the_model_and_its_repeat_comes_from_the_store(make_bench: MakeBench) -> None:
    bench = make_bench()
    first = bench.cache.ask("Where is the pool?")
    again = bench.cache.ask("Where is the pool?")
    assert (first.source, first.text, first.usage.prompt_tokens) == ("model", "You asked: Where is the pool?", 20)
    assert (again.source, again.text, again.entry_id) == ("exact", first.text, first.entry_id)
    assert (again.matched, again.probability, again.usage.prompt_tokens) == ("Where is the pool?", 1.0, 0)
    assert len(bench.generator.prompts) == 1


def test_another_wording_with_the_same_key_is_answered_without_embedding(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add("맛있는 파스타 레시피 알려줘", "마늘을 볶으세요.")
    embedded = len(bench.embedder.calls)
    answer = bench.cache.ask("파스타 레시피 좀 알려주세요")
    assert (answer.source, answer.text) == ("normalized", "마늘을 볶으세요.")
    assert len(bench.embedder.calls) == embedded


def test_a_near_question_is_served_from_the_threshold_on_and_not_below(make_bench: MakeBench) -> None:
    question, near = "how is the green winter jacket washed", "cleaning tips for winter jacket wanted"
    similarity = float(WordEmbedder().encode([question])[0] @ WordEmbedder().encode([near])[0])
    for threshold, source in ((similarity - 0.01, "semantic"), (similarity + 0.01, "model")):
        bench = make_bench(settings=Settings(store="sqlite://", threshold=threshold))
        bench.cache.add(question, "By hand.")
        assert bench.cache.ask(near).source == source


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("how long is the warranty of the big red model 3 please say", "how long is the warranty of the big red model 7 please say"),
        ("which of the soups on the big menu do contain milk or cream", "which of the soups on the big menu do not contain milk or cream"),
        ("how do i switch the loud alarm of my phone on before work", "how do i switch the loud alarm of my phone on after work"),
    ],
)  # fmt: skip
def test_a_guard_refuses_what_is_near_but_about_something_else(make_bench: MakeBench, stored: str, asked: str) -> None:
    bench = make_bench(settings=Settings(store="sqlite://", threshold=0.0))
    bench.cache.add(stored, "An answer.")
    verdict = bench.cache.lookup(asked)
    assert not verdict.hit
    assert verdict.trace.candidates[0].veto is not None
    assert verdict.reason == verdict.trace.candidates[0].veto


def test_an_embedding_is_computed_once_a_question(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.ask("Where is the pool?")
    assert bench.embedder.calls == ["Where is the pool?"]


def test_tenants_never_see_each_others_entries_on_any_tier(make_bench: MakeBench) -> None:
    bench = make_bench(settings=Settings(store="sqlite://", threshold=-1.0))
    bench.cache.add("Where is the pool?", "On the roof.", tenant="acme")
    for question in ("Where is the pool?", "where is the POOL", "any place to swim"):
        assert not bench.cache.lookup(question, tenant="globex").hit
        assert bench.cache.lookup(question, tenant="acme").hit
    assert bench.cache.ask("Where is the pool?", tenant="globex").source == "model"
    assert bench.cache.ask("Where is the pool?", tenant="acme").text == "On the roof."


def test_the_same_words_after_another_conversation_are_another_question(make_bench: MakeBench) -> None:
    bench = make_bench()
    visa = [{"role": "user", "content": "Do I need a visa for Japan?"}, {"role": "assistant", "content": "No."}]
    pool = [{"role": "user", "content": "Is there a pool?"}, {"role": "assistant", "content": "Yes."}]
    bench.cache.add("How much is it?", "Nothing.", history=visa)
    assert bench.cache.lookup("How much is it?", history=visa).hit
    assert not bench.cache.lookup("How much is it?", history=pool).hit
    assert not bench.cache.lookup("How much is it?").hit


def test_chatter_before_a_question_does_not_change_it(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add("Where is the pool?", "On the roof.")
    chatter = [{"role": "user", "content": "Hello!"}, {"role": "assistant", "content": "Hi, how can I help?"}]
    assert bench.cache.lookup("Where is the pool?", history=chatter).hit


def test_a_system_prompt_in_the_history_keeps_answers_apart(make_bench: MakeBench) -> None:
    bench = make_bench()
    pirate = [{"role": "system", "content": "You are a pirate."}]
    bench.cache.ask("Where is the pool?", history=pirate)
    assert not bench.cache.lookup("Where is the pool?").hit
    assert bench.cache.lookup("Where is the pool?", history=pirate).hit


def test_generated_answers_are_kept_apart_by_what_changes_them_and_written_ones_are_not(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'faq.db'}"
    old, new = (Document("handbook.md", text, digest) for text, digest in (("Old.", "1"), ("New.", "2")))
    first = make_bench(url, documents=(old,))
    first.cache.ask("Where is the pool?")
    first.cache.add("Who may swim?", "Guests.")
    assert first.cache.lookup("Where is the pool?").hit
    others = [
        make_bench(url, documents=(new,)),
        make_bench(url, documents=(old,), generator=EchoGenerator(name="another model")),
        make_bench(settings=Settings(store=url, temperature=0.7), documents=(old,)),
    ]
    for other in others:
        assert not other.cache.lookup("Where is the pool?").hit
        assert other.cache.lookup("Who may swim?").hit
    assert (
        not make_bench(settings=Settings(store=url, system="Be rude."), documents=(old,))
        .cache.lookup("Who may swim?")
        .hit
    )


def test_what_a_person_wrote_goes_before_what_the_model_said(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.ask("Where is the pool?")
    bench.cache.add("Where is the pool?", "On the roof.")
    assert bench.cache.ask("Where is the pool?").text == "On the roof."
    bench.cache.add("Where is the pool?", "In the cellar now.")
    assert bench.cache.ask("Where is the pool?").text == "In the cellar now."


def test_a_question_about_a_moment_is_answered_but_not_kept(make_bench: MakeBench) -> None:
    bench = make_bench()
    answer = bench.cache.ask("Is the pool open today?")
    assert answer.entry_id is None
    assert "moment" in (answer.trace.not_stored or "")
    assert bench.cache.ask("Is the pool open today?").source == "model"


def test_lookup_neither_generates_nor_stores(make_bench: MakeBench) -> None:
    bench = make_bench()
    assert not bench.cache.lookup("Where is the pool?").hit
    assert bench.generator.prompts == []
    assert bench.cache.stats().entries == 0


def test_why_the_prompt_missed_is_on_the_models_answer_and_on_no_stored_one(make_bench: MakeBench) -> None:
    miss = PrefixMiss("new", "user 1", 12, 8, 3.0, "Where is")
    bench = make_bench(generator=EchoGenerator(prefix=miss))
    assert bench.cache.ask("Where is the pool?").trace.prefix == miss
    assert bench.cache.ask("Where is the pool?").trace.prefix is None


def test_a_user_reaches_the_model_by_every_way_and_stored_answers_stay_the_tenants(make_bench: MakeBench) -> None:
    bench = make_bench()

    async def ask() -> None:
        await bench.cache.aask("Where is the sauna?", user="ann")
        assert [piece async for piece in bench.cache.astream("Where is the garden?", user="ann")]

    bench.cache.ask("Where is the pool?", user="ann")
    bench.cache.stream("Where is the parking?", user="ann").drain()
    asyncio.run(ask())
    assert [prompt.user for prompt in bench.generator.prompts] == ["ann"] * 4
    assert bench.cache.ask("Where is the pool?", user="bob").source == "exact"
    bench.cache.ask("Where is the elevator?")
    assert bench.generator.prompts[-1].user is None


def test_a_deleted_entry_is_served_on_no_tier(make_bench: MakeBench) -> None:
    bench = make_bench(settings=Settings(store="sqlite://", threshold=-1.0))
    entry = bench.cache.add("Where is the pool?", "On the roof.")
    assert bench.cache.lookup("any place to swim").hit
    assert bench.cache.delete(entry.id)
    assert not any(
        bench.cache.lookup(text).hit for text in ("Where is the pool?", "where is the pool", "any place to swim")
    )
    assert not bench.cache.delete(entry.id)


class TestFailures:
    def test_when_the_store_fails_the_model_answers_and_the_answer_says_so(
        self, make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench = make_bench()

        def fail(*_: object, **__: object) -> None:
            raise StorageError("the disk is gone")

        for name in ("exact", "by_key", "nearest", "add", "without_vector"):
            monkeypatch.setattr(bench.store, name, fail)
        answer = bench.cache.ask("Where is the pool?")
        assert (answer.source, answer.entry_id) == ("model", None)
        assert any("the disk is gone" in problem for problem in answer.trace.degraded)
        assert answer.trace.not_stored == "the store failed"

    def test_an_answer_to_what_could_not_be_looked_up_is_not_kept(
        self, make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench = make_bench()
        bench.cache.add("Where is the pool?", "On the roof.")

        def fail(*_: object, **__: object) -> None:
            raise StorageError("the server restarts")

        with monkeypatch.context() as patched:
            for name in ("by_key", "nearest", "lexical"):
                patched.setattr(bench.store, name, fail)
            answer = bench.cache.ask("where is the POOL")
        assert (answer.source, answer.entry_id, answer.trace.not_stored) == ("model", None, "the store failed")
        assert bench.cache.ask("where is the POOL").text == "On the roof."

    def test_when_the_embedder_fails_the_first_two_tiers_and_the_model_still_answer(
        self, make_bench: MakeBench
    ) -> None:
        bench = make_bench(embedder=WordEmbedder(broken=True))
        answer = bench.cache.ask("Where is the pool?")
        assert answer.source == "model"
        assert any("the embedder is broken" in problem for problem in answer.trace.degraded)
        assert bench.cache.ask("where is the pool").source == "normalized"

    def test_when_the_model_fails_the_error_says_so_and_nothing_is_kept(self, make_bench: MakeBench) -> None:
        bench = make_bench(generator=EchoGenerator(broken=True))
        with pytest.raises(GenerationError, match="the model is broken"):
            bench.cache.ask("Where is the pool?")
        assert bench.cache.stats().entries == 0
        bench.generator.broken = False
        assert bench.cache.ask("Where is the pool?").source == "model"

    def test_an_added_answer_that_cannot_be_stored_is_an_error(
        self, make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench = make_bench()

        def fail(*_: object) -> None:
            raise StorageError("read-only")

        monkeypatch.setattr(bench.store, "add", fail)
        with pytest.raises(StoreError, match="read-only"):
            bench.cache.add("Where is the pool?", "On the roof.")

    @pytest.mark.parametrize("text", ["", "  \n\t ", "?!", "a\0b", "\ud800", "x" * 1_000_000])
    def test_a_text_that_is_no_question_is_refused_by_name(self, make_bench: MakeBench, text: str) -> None:
        bench = make_bench()
        bench.cache.add("Where is the pool?", "On the roof.")
        for call in (bench.cache.ask, bench.cache.lookup, bench.cache.explain):
            with pytest.raises(QuestionError):
                call(text)
        with pytest.raises(QuestionError):
            bench.cache.add(text, "An answer.")
        assert bench.cache.stats().entries == 1


class TestOneGenerationAKey:
    def test_many_who_ask_the_same_at_once_share_one_generation(self, make_bench: MakeBench, tmp_path: Path) -> None:
        hold = threading.Event()
        bench = make_bench(f"sqlite:///{tmp_path / 'faq.db'}", generator=EchoGenerator(hold=hold))
        wordings = ["Where is the pool?", "where is the pool", "WHERE IS THE POOL!"]
        with ThreadPoolExecutor(8) as threads:
            pending = [threads.submit(bench.cache.ask, wordings[number % 3]) for number in range(8)]
            hold.set()
            answers = [one.result(20) for one in pending]
        assert len(bench.generator.prompts) == 1
        assert len({answer.text for answer in answers}) == 1
        assert sum(answer.source == "model" for answer in answers) == 1

    def test_an_abandoned_stream_lets_the_next_one_lead(self, make_bench: MakeBench) -> None:
        bench = make_bench()
        stream = bench.cache.stream("Where is the pool?")
        next(stream)
        stream.close()
        assert bench.cache.stats().entries == 0
        assert bench.cache.ask("Where is the pool?").source == "model"

    def test_different_questions_do_not_wait_for_each_other(self, make_bench: MakeBench) -> None:
        bench = make_bench()
        stream = bench.cache.stream("Where is the pool?")
        next(stream)  # leads, and is not read on
        assert bench.cache.ask("Where is the sauna?").source == "model"
        assert stream.drain().source == "model"
