"""What is kept of an answer beside its words: documents, bot, tags and the time it took."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from fakes import Bench, EchoGenerator, MakeBench

from semantic_cache import Lifetime, Settings
from semantic_cache.documents import Document
from semantic_cache.errors import QuestionError
from semantic_cache.generator import Completion, Prompt
from storage import DocumentRef, Entry

_DOCUMENTS = (Document("handbook.md", "The pool.", "d1"), Document("menu.md", "The soup.", "d2"))


def entry(bench: Bench, entry_id: int | None) -> Entry:
    found = bench.store.get(entry_id or 0)
    assert found is not None
    return found


def test_answers_name_the_documents_they_rest_on(make_bench: MakeBench) -> None:
    bench = make_bench(documents=_DOCUMENTS)
    both = (DocumentRef("handbook.md", "d1"), DocumentRef("menu.md", "d2"))
    assert entry(bench, bench.cache.ask("Where is the pool?").entry_id).documents == both
    assert bench.cache.add("Who may swim?", "Guests.").documents == both
    named = bench.cache.add("What is for lunch?", "Soup.", documents={"menu.md", "allergens.pdf"})
    assert named.documents == (DocumentRef("allergens.pdf"), DocumentRef("menu.md", "d2"))


def test_the_bot_is_one_for_all_tenants_and_editions_and_another_for_another_prompt(make_bench: MakeBench) -> None:
    bench = make_bench(documents=_DOCUMENTS)
    newer = make_bench(documents=(Document("handbook.md", "Newer.", "d9"), _DOCUMENTS[1]))
    rude = make_bench(
        settings=Settings(store="sqlite://", system="Be rude.", show_progress=False), documents=_DOCUMENTS
    )
    fewer = make_bench(documents=_DOCUMENTS[:1])
    mine = entry(bench, bench.cache.ask("Where is the pool?").entry_id).bot
    assert mine == entry(bench, bench.cache.ask("Where is the pool?", tenant="acme").entry_id).bot
    assert mine == bench.cache.add("Who may swim?", "Guests.").bot
    assert mine == newer.cache.add("Who may swim?", "Guests.").bot
    assert len({mine, rude.cache.add("Who may swim?", "Guests.").bot, fewer.cache.add("Who may?", "All.").bot}) == 3


def test_tags_go_to_a_generated_answer_and_do_not_change_what_is_found(make_bench: MakeBench) -> None:
    bench = make_bench()
    first = bench.cache.ask("Where is the pool?", tags=["news", " news ", "freshness=daily"])
    assert entry(bench, first.entry_id).tags == {"news", "freshness=daily"}
    again = bench.cache.ask("Where is the pool?", tags=["other"])
    assert (again.source, again.entry_id) == ("exact", first.entry_id)
    assert entry(bench, first.entry_id).tags == {"news", "freshness=daily"}


@pytest.mark.parametrize("tags", ["news", [""], [3], ["a\0b"], ["x" * 201], [str(number) for number in range(51)]])
def test_tags_that_are_no_names_are_refused(make_bench: MakeBench, tags: list[str]) -> None:
    bench = make_bench()
    with pytest.raises(QuestionError, match="tag"):
        bench.cache.ask("Where is the pool?", tags=tags)
    with pytest.raises(QuestionError, match="tag"):
        bench.cache.add("Where is the pool?", "On the roof.", tags=tags)
    assert bench.cache.usage().entries == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"documents": "handbook.md"}, "documents='handbook.md'"),
        ({"documents": [""]}, "printable name"),
        ({"documents": ["a\nb"]}, "printable name"),
        ({"lifetime": 3600}, "lifetime=3600"),
    ],
)
def test_what_cannot_go_with_an_answer_is_refused(make_bench: MakeBench, given: dict[str, object], said: str) -> None:
    bench = make_bench()
    with pytest.raises(QuestionError, match=said):
        bench.cache.add("Where is the pool?", "On the roof.", **given)  # type: ignore[arg-type]
    assert bench.cache.usage().entries == 0


class Slow(EchoGenerator):
    """Moves a clock on instead of working."""

    def __init__(self, clock: list[float]) -> None:
        super().__init__()
        self._moved = clock

    def generate(self, prompt: Prompt) -> Iterator[str | Completion]:
        for piece in super().generate(prompt):
            self._moved[0] += 2.0
            yield piece


def test_the_time_of_a_generation_is_kept_without_the_readers(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("semantic_cache.flow.perf_counter", lambda: clock[0])
    bench = make_bench(generator=Slow(clock))
    stream = bench.cache.stream("Where is the pool?")
    for _ in stream:
        clock[0] += 500.0  # a slow reader
    assert entry(bench, stream.answer.entry_id).generation_ms == 6000.0
    assert next(one for one in stream.answer.trace.timings if one.step == "generate").milliseconds == 6000.0


def test_an_entry_is_not_served_from_the_end_of_its_life_on(make_bench: MakeBench) -> None:
    bench = make_bench(settings=Settings(store="sqlite://", threshold=-1.0, sweep_seconds=0, show_progress=False))
    bench.cache.add("Where is the pool?", "On the roof.", lifetime=Lifetime(0.05))
    time.sleep(0.1)
    for question in ("Where is the pool?", "where is the POOL", "any place to swim"):
        assert not bench.cache.lookup(question).hit
