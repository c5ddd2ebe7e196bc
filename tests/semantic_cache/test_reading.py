"""How a request is read before it is looked up: in its conversation, and out of its template."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from fakes import MakeBench

from normalize import Message, Normalizer
from normalize.conversation import Conversation
from normalize.template import Template
from semantic_cache.errors import EmbeddingError, QuestionError, SettingsError
from semantic_cache.reading import SURELY_ALONE, Reader
from semantic_cache.request import Request, SamplingOptions, make_request
from semantic_cache.settings import Settings

RULES = "".join(f"Rule {n}: answer politely, briefly, and from the handbook of chapter {n} only.\n" for n in range(30))
TEMPLATE = RULES + "Question: {question}\nAnswer in one sentence."


def wrapped(question: str) -> str:
    return TEMPLATE.replace("{question}", question)


def said(*texts: str) -> list[dict[str, str]]:
    return [
        turn for text in texts for turn in ({"role": "user", "content": text}, {"role": "assistant", "content": "Yes."})
    ]


def with_template(**more: object) -> Settings:
    return Settings(store="sqlite://", show_progress=False, template=TEMPLATE, **more)  # type: ignore[arg-type]


def test_a_question_that_stands_alone_is_answered_from_the_entry_without_a_conversation(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add("What are your opening hours?", "Nine to five.")
    answer = bench.cache.ask("What are your opening hours?", history=said("How do vaccines work?"))
    assert (answer.source, answer.text) == ("exact", "Nine to five.")


def test_a_question_that_depends_is_not(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add("What are your opening hours?", "Nine to five.")
    bench.cache.add("How much is it?", "Nothing.")
    assert not bench.cache.lookup("What are your opening hours?", history=said("I live in Norway.")).hit
    assert not bench.cache.lookup("How much is it?", history=said("How do vaccines work?")).hit


def test_a_completed_follow_up_is_stored_and_found_as_the_whole_question(make_bench: MakeBench) -> None:
    bench = make_bench()
    history = said("What is the price of the Basic plan?")
    bench.cache.ask("and the Pro plan?", history=history)
    assert bench.cache.lookup("what is the price of the Pro plan").hit
    assert not bench.cache.lookup("and the Pro plan?").hit
    assert not bench.cache.lookup("and the Pro plan?", history=said("Who made the Basic plan?")).hit
    assert bench.embedder.calls[0] == "What is the price of the Pro plan?"


def test_the_model_reads_the_whole_conversation_as_it_was_typed(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.ask("and the Pro plan?", history=said("What is the price of the Basic plan?"))
    (prompt,) = bench.generator.prompts
    assert prompt.question == "and the Pro plan?"
    assert [turn.content for turn in prompt.history] == ["What is the price of the Basic plan?", "Yes."]


def test_an_explanation_says_which_rule_read_the_conversation(make_bench: MakeBench) -> None:
    bench = make_bench()
    found = bench.cache.explain("and the Pro plan?", history=said("What is the price of the Basic plan?"))
    assert "en.follow_ups: and: the Basic plan → the Pro plan" in str(found)
    assert found.context == ""
    depends = bench.cache.explain("How much is it?", history=said("How do vaccines work?"))
    assert "en.pointers: it" in str(depends)
    assert len(depends.context) == 64


def test_a_last_turn_that_is_no_question_is_refused_in_a_conversation_too(make_bench: MakeBench) -> None:
    bench = make_bench()
    for text in ("...", "\0a"):
        with pytest.raises(QuestionError):
            bench.cache.ask(text, history=said("How do vaccines work?"))


def test_two_questions_inside_one_long_template_are_told_apart(make_bench: MakeBench) -> None:
    bench = make_bench(settings=with_template())
    assert len(TEMPLATE) > 2000
    bench.cache.ask(wrapped("Where is the pool?"))
    assert not bench.cache.lookup(wrapped("How do I pay by card?")).hit
    assert bench.embedder.calls == ["Where is the pool?", "How do I pay by card?"]


def test_the_same_question_in_the_same_template_hits_by_its_key(make_bench: MakeBench) -> None:
    bench = make_bench(settings=with_template())
    bench.cache.ask(wrapped("Where is the pool?"))
    answer = bench.cache.ask(wrapped("Hi! Could you tell me where the pool is?"))
    assert answer.source == "normalized"


def test_a_question_outside_the_template_has_another_scope(make_bench: MakeBench) -> None:
    bench = make_bench(settings=with_template())
    bench.cache.ask(wrapped("Where is the pool?"))
    assert not bench.cache.lookup("Where is the pool?").hit
    assert not bench.cache.lookup(wrapped("Where is the pool?").replace("one sentence", "two sentences")).hit


def test_an_answer_written_for_the_template_is_served_inside_it_only(make_bench: MakeBench) -> None:
    bench = make_bench(settings=with_template())
    bench.cache.add(wrapped("Where is the pool?"), "On the roof.")
    assert bench.cache.lookup(wrapped("where is the POOL")).hit
    assert not bench.cache.lookup("Where is the pool?").hit


def test_the_model_reads_the_whole_prompt(make_bench: MakeBench) -> None:
    bench = make_bench(settings=with_template())
    bench.cache.ask(wrapped("Where is the pool?"))
    assert bench.generator.prompts[0].question == wrapped("Where is the pool?")


def test_caches_with_other_templates_never_share_an_answer(make_bench: MakeBench, tmp_path: object) -> None:
    store = f"sqlite:///{tmp_path}/faq.db"
    kind = make_bench(settings=Settings(store=store, show_progress=False, template="Be kind. {question}"))
    rude = make_bench(settings=Settings(store=store, show_progress=False, template="Be rude. {question}"))
    kind.cache.ask("Be kind. Where is the pool?")
    assert kind.cache.lookup("Be kind. Where is the pool?").hit
    assert not rude.cache.lookup("Be rude. Where is the pool?").hit


def test_an_imported_row_is_never_taken_out_of_a_template(make_bench: MakeBench, tmp_path: object) -> None:
    bench = make_bench(settings=Settings(store="sqlite://", show_progress=False, template="Be rude. {question}"))
    path = f"{tmp_path}/faq.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write("question,answer\nBe rude. Where is the pool?,Find it.\n")
    bench.cache.import_faq(path)
    assert not bench.cache.lookup("Where is the pool?").hit


def test_a_wrong_template_is_refused_when_the_settings_are_made() -> None:
    with pytest.raises(SettingsError, match="has no slot"):
        Settings(template="no slot")


def test_templates_are_not_looked_for_unless_that_is_asked_for(make_bench: MakeBench) -> None:
    questions = [f"Where is part {n} of the pool?" for n in range(12)]
    off = make_bench()
    on = make_bench(settings=Settings(store="sqlite://", show_progress=False, detect_templates=True))
    for question in questions:
        off.cache.ask(wrapped(question))
        on.cache.ask(wrapped(question))
    assert on.embedder.calls[-1] == questions[-1]
    assert questions[-1] not in off.embedder.calls


def test_a_detected_template_belongs_to_one_tenant_and_system_prompt(make_bench: MakeBench) -> None:
    bench = make_bench(settings=Settings(store="sqlite://", show_progress=False, detect_templates=True))
    for n in range(12):
        bench.cache.ask(wrapped(f"Where is part {n} of the pool?"))
    other = wrapped("Where is the bar?")
    assert bench.cache.explain(other, tenant="globex").question.text != "Where is the bar?"
    assert bench.cache.explain(other).question.text == "Where is the bar?"


class FixedTurns:
    """Says one probability, or fails."""

    def __init__(self, said: float | Exception | None) -> None:
        self._said = said

    def stands_alone(self, history: Sequence[Message], last: str) -> float | None:
        assert [one.role for one in history] == ["user", "assistant"]
        assert last == QUESTION
        if isinstance(self._said, Exception):
            raise self._said
        return self._said


QUESTION = "Why do cats purr?"
SAMPLING = SamplingOptions(max_tokens=16, temperature=0.0, top_p=1.0)


def judged(said_by: float | Exception | None, question: str = QUESTION) -> Request:
    """The question as it is looked up."""
    request = make_request(question, sampling=SAMPLING, history=said("Recommend a film."))
    return Reader(Conversation(Normalizer()), turns=lambda: FixedTurns(said_by))(request)


def test_what_no_rule_takes_out_is_judged_by_its_meaning() -> None:
    alone = judged(SURELY_ALONE)
    assert (alone.context, alone.alone, alone.problem) == ("", True, "")
    assert "stands alone (0.95" in alone.steps[-1].rule
    kept = judged(SURELY_ALONE - 0.01)
    assert (len(kept.context), kept.alone) == (64, False)
    assert "may depend (0.94" in kept.steps[-1].rule


def test_what_cannot_be_judged_stays_in_its_conversation_and_says_why() -> None:
    for found, why, problem in (
        (None, "too long", ""),
        (EmbeddingError("no encoder"), "not judged", "conversation: no encoder"),
    ):
        kept = judged(found)
        assert (len(kept.context), kept.alone, kept.problem) == (64, False, problem)
        assert why in kept.steps[-1].rule


def test_a_follow_up_is_not_judged_whatever_the_model_would_say() -> None:
    assert len(judged(1.0, "and why do dogs?").context) == 64
    assert len(judged(1.0, "그럼 고양이는 왜 그래?").context) == 64


def test_a_language_that_no_rule_knows_is_not_judged() -> None:
    assert len(judged(1.0, "Warum schnurren Katzen eigentlich so laut?").context) == 64


def test_a_question_that_a_rule_takes_out_is_not_judged() -> None:
    def never() -> FixedTurns:
        raise AssertionError("a rule had decided")

    reader = Reader(Conversation(Normalizer()), turns=never)
    request = make_request("What are your opening hours?", sampling=SAMPLING, history=said("How do vaccines work?"))
    assert reader(request).context == ""


def test_a_declared_template_is_taken_from_the_turns_before_too() -> None:
    heard = []

    class Hearing:
        def stands_alone(self, history: Sequence[Message], last: str) -> float | None:
            heard.extend([*(one.content for one in history), last])
            return None

    reader = Reader(Conversation(Normalizer()), Template(TEMPLATE), turns=Hearing)
    reader(make_request(wrapped(QUESTION), sampling=SAMPLING, history=said(wrapped("Recommend a film."))))
    assert heard == ["Recommend a film.", "Yes.", QUESTION]


def test_small_talk_before_a_question_changes_nothing_and_a_wish_does(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.ask(QUESTION, history=said("lol you are funny"))
    assert bench.cache.ask(QUESTION, history=said("What is 15 % of 80?")).source == "exact"
    assert bench.cache.ask(QUESTION).source == "exact"
    assert not bench.cache.lookup(QUESTION, history=said("Answer in French from now on, please.")).hit
    assert "stands alone (" in str(bench.cache.explain(QUESTION, history=said("lol you are funny")))


def test_what_others_may_be_served_is_answered_without_the_conversation(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.ask(QUESTION, history=said("lol you are funny"))
    bench.cache.ask("and why do dogs?", history=said("lol you are funny"))
    alone, kept = bench.generator.prompts
    assert (alone.question, alone.history) == (QUESTION, ())
    assert [turn.content for turn in kept.history] == ["lol you are funny", "Yes."]


def test_a_model_that_fails_takes_no_question_down_and_is_said(make_bench: MakeBench) -> None:
    bench = make_bench()

    def failing() -> FixedTurns:
        raise EmbeddingError("no encoder")

    bench.cache._parts.reader._turns = failing
    answer = bench.cache.ask(QUESTION, history=said("lol you are funny"))
    assert answer.source == "model"
    assert answer.trace.degraded == ("conversation: no encoder",)
