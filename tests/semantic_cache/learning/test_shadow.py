"""Checks of hits: drawn by chance, in the background, and never in anyone's way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fakes import Bench, EchoGenerator, MakeBench, WordEmbedder

from normalize import Normalizer
from semantic_cache import Settings
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.generator import Completion, Prompt
from semantic_cache.learning import AnswersAgree, Scale, Shadow, ShadowCounts
from storage import Evidence, StorageError

_FIRST = "how is the green winter jacket washed"
_NEAR = "cleaning tips for winter jacket wanted"


@dataclass
class Says(EchoGenerator):
    """Says the same to everything, until told otherwise."""

    text: str = "By hand, at 30 degrees."

    def generate(self, prompt: Prompt) -> Iterator[str | Completion]:
        for piece in super().generate(prompt):
            yield Completion(self.text, "stop", piece.usage, 1.0) if isinstance(piece, Completion) else self.text


def _bench(make_bench: MakeBench, generator: EchoGenerator, share: float = 1.0, **given: object) -> Bench:
    settings = Settings(store="sqlite://", threshold=0.0, shadow_share=share, show_progress=False, **given)  # type: ignore[arg-type]
    return make_bench(settings=settings, generator=generator)


def _shadow(bench: Bench) -> Shadow:
    return bench.cache._parts.learning._shadow


def test_an_answer_that_agrees_counts_for_the_entry_and_one_that_does_not_against_it(make_bench: MakeBench) -> None:
    bench = _bench(make_bench, generator := Says())
    entry_id = bench.cache.ask(_FIRST).entry_id
    assert entry_id is not None
    assert bench.cache.ask(_NEAR).source == "semantic"
    _shadow(bench).wait()
    assert bench.store.evidence([entry_id]) == {entry_id: Evidence(1, 0)}
    generator.text = "By hand, at 40 degrees."
    assert bench.cache.ask("cleaning of winter jacket wanted").source == "semantic"
    _shadow(bench).wait()
    assert bench.store.evidence([entry_id]) == {entry_id: Evidence(1, 1)}
    status = bench.cache.status()
    assert status.shadow == ShadowCounts(agreed=1, differed=1)
    assert (status.checked.of, status.checked.wrong) == (2, 1)


def test_a_check_neither_blocks_nor_confirms_and_keeps_no_words(make_bench: MakeBench) -> None:
    bench = _bench(make_bench, generator := Says())
    bench.cache.ask(_FIRST)
    generator.text = "No."
    for _ in range(2):
        assert bench.cache.ask(_NEAR).source == "semantic"
        _shadow(bench).wait()
    assert {(one.question, one.source, one.served) for one in bench.store.feedback.recent(9)} == {
        (None, "shadow", "semantic")
    }


def test_words_are_kept_where_questions_are_logged(make_bench: MakeBench) -> None:
    bench = _bench(make_bench, Says(), log_questions=True)
    bench.cache.ask(_FIRST)
    bench.cache.ask(_NEAR)
    _shadow(bench).wait()
    assert [one.question for one in bench.store.feedback.recent(9)] == [_NEAR]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_what_a_person_wrote_and_what_is_not_by_meaning_is_not_checked(make_bench: MakeBench, share: float) -> None:
    bench = _bench(make_bench, generator := Says(), share)
    bench.cache.add(_FIRST, "By hand.")
    bench.cache.ask(_NEAR)
    bench.cache.ask(_FIRST)
    bench.cache.ask(_FIRST.upper())
    _shadow(bench).wait()
    assert generator.prompts == []


def test_chance_draws_the_share(make_bench: MakeBench) -> None:
    numbers = iter([0.09, 0.1, 0.0, 0.99])
    bench = _bench(make_bench, Says())
    bench.cache.ask(_FIRST)
    drawn = Shadow(bench.generator, AnswersAgree(bench.cache._parts.embedder, Normalizer()), 0.1, lambda: next(numbers))
    bench.cache._parts.learning._shadow = drawn
    for number in range(4):
        bench.cache.ask(f"{_NEAR} {'please ' * number}")
    drawn.wait()
    drawn.close()
    assert len(bench.generator.prompts) == 1 + 2


def test_the_model_is_asked_what_the_user_asked(make_bench: MakeBench) -> None:
    bench = _bench(make_bench, Says())
    bench.cache.ask(_FIRST)
    bench.cache.ask(_NEAR)
    _shadow(bench).wait()
    assert [prompt.question for prompt in bench.generator.prompts] == [_FIRST, _NEAR]


def test_nobody_waits_for_a_check_and_too_many_are_dropped(make_bench: MakeBench) -> None:
    bench = _bench(make_bench, generator := Says())
    bench.cache.ask(_FIRST)
    generator.hold = threading.Event()
    for _ in range(40):
        assert bench.cache.ask(_NEAR).source == "semantic"
    assert 40 - 33 <= _shadow(bench).counts.dropped <= 40 - 32
    generator.hold.set()
    _shadow(bench).wait()
    counts = _shadow(bench).counts
    assert counts.agreed + counts.dropped == 40


@pytest.mark.parametrize("broken", ["generator", "store", "embedder"])
def test_a_check_that_fails_is_counted_and_logged_without_a_word_of_the_question(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    bench = _bench(make_bench, generator := Says())
    bench.cache.ask(_FIRST)

    def fail(*_: object) -> None:
        raise StorageError(f"no room for {_NEAR}")

    if broken == "generator":
        generator.broken = True
    elif broken == "store":
        monkeypatch.setattr(bench.store.feedback, "record", fail)
    else:
        # After the lookup: the check alone meets the broken one.
        monkeypatch.setattr(bench.cache._parts.learning._shadow._comparison, "_embedder", EmbedderInUse(_broken))
        generator.text = "By hand, and carefully, at 30 degrees."
    with caplog.at_level(logging.DEBUG):
        assert bench.cache.ask(_NEAR).source == "semantic"
        _shadow(bench).wait()
    assert _shadow(bench).counts == ShadowCounts(failed=1)
    assert "could not be checked" in caplog.text
    assert "winter" not in caplog.text


def _broken() -> WordEmbedder:
    return WordEmbedder(broken=True)


def test_closing_ends_a_check_that_waits_for_the_model(make_bench: MakeBench) -> None:
    bench = _bench(make_bench, generator := Says())
    bench.cache.ask(_FIRST)
    generator.pause = threading.Event()
    bench.cache.ask(_NEAR)
    bench.cache.ask(_NEAR)
    closing = threading.Thread(target=bench.cache.close)
    closing.start()
    generator.pause.set()
    closing.join(20)
    assert not closing.is_alive()
    assert generator.closed
    assert not _shadow(bench).offer(None)  # type: ignore[arg-type]


class TestAnswersAgree:
    @pytest.mark.parametrize(
        ("stored", "fresh", "agree"),
        [
            ("On the roof.", " On the roof. ", True),
            ("It takes three days.", "It takes 3 days.", True),
            ("It takes 3 days.", "It takes 5 days.", False),
            ("It takes 3 days.", "It takes days.", False),
            ("The pool is on the roof.", "Breakfast starts when you like.", False),
            ("On the roof.", "", None),
            ("On the roof.", "word " * 300, None),
        ],
    )
    def test_numbers_and_meaning_must_agree(self, stored: str, fresh: str, agree: bool | None) -> None:
        comparison = AnswersAgree(EmbedderInUse(WordEmbedder), Normalizer(), Scale(0.3, 0.5))
        assert comparison.agree(stored, fresh) is agree

    @pytest.mark.parametrize(
        ("differ", "agree", "said"), [(-0.02, -0.01, True), (-0.01, 0.01, None), (0.01, 0.02, False)]
    )
    def test_the_scale_says_what_a_cosine_means(self, differ: float, agree: float, said: bool | None) -> None:
        answers = "The big pool is on the roof.", "The big bar is on the roof."
        one, other = WordEmbedder().encode(answers)
        cosine = float(one @ other)
        comparison = AnswersAgree(EmbedderInUse(WordEmbedder), Normalizer(), Scale(cosine + differ, cosine + agree))
        assert comparison.agree(*answers) is said

    @pytest.mark.parametrize(("name", "said"), [("multilingual-e5-small-q4", False), ("words", True)])
    def test_without_a_scale_the_embedders_own_is_taken(self, name: str, said: bool) -> None:
        answers = "The pool is on the roof.", "The bar is on the roof."
        one, other = WordEmbedder().encode(answers)
        assert 0.75 < one @ other < 0.9
        assert AnswersAgree(EmbedderInUse(lambda: WordEmbedder(name)), Normalizer()).agree(*answers) is said

    @pytest.mark.parametrize(("differ", "agree"), [(0.9, 0.8), (-1.1, 0.0), (0.0, 1.1)])
    def test_a_scale_that_is_none_is_refused(self, differ: float, agree: float) -> None:
        with pytest.raises(ValueError, match="differ"):
            Scale(differ, agree)
