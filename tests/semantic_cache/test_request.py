"""What comes with a question is checked: tenant, history, answers, tags."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import MakeBench

from semantic_cache.errors import QuestionError
from semantic_cache.request import SamplingOptions, make_request


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (["hello"], r"history\[0\] is a str"),
        ([{"role": "tool", "content": "x"}], "role 'tool'"),
        ([{"role": "user", "content": "hi"}, {"role": "user", "content": 3}], r"history\[1\] has content of type int"),
        ([{"role": "user", "content": "hi", "name": "Kim"}], "name"),
        ([{"role": "user", "content": "a\0b"}], "NUL"),
        ([{"role": "user", "content": "x" * 1_000_001}], "1000001 characters"),
    ],
)
def test_a_wrong_history_is_refused_by_its_place(make_bench: MakeBench, history: Any, said: str) -> None:
    with pytest.raises(QuestionError, match=said):
        make_bench().cache.lookup("Where is the pool?", history=history)


@pytest.mark.parametrize("tenant", ["", "x" * 201, "a\nb", None, 3])
def test_a_wrong_tenant_is_refused(make_bench: MakeBench, tenant: Any) -> None:
    with pytest.raises(QuestionError, match="tenant="):
        make_bench().cache.lookup("Where is the pool?", tenant=tenant)


@pytest.mark.parametrize("user", ["", "x" * 201, "a\nb", "\ud800", 3])
def test_a_wrong_user_is_refused(make_bench: MakeBench, user: Any) -> None:
    with pytest.raises(QuestionError, match="user="):
        make_bench().cache.ask("Where is the pool?", user=user)


@pytest.mark.parametrize("answer", ["", "  ", "a\0b", "\udc00", "x" * 1_000_001, None])
def test_a_wrong_answer_is_refused(make_bench: MakeBench, answer: Any) -> None:
    with pytest.raises(QuestionError, match="answer"):
        make_bench().cache.add("Where is the pool?", answer)


@pytest.mark.parametrize("tags", ["billing", [""], [3]])
def test_wrong_tags_are_refused(make_bench: MakeBench, tags: Any) -> None:
    with pytest.raises(QuestionError, match="tags="):
        make_bench().cache.add("Where is the pool?", "On the roof.", tags=tags)


def test_a_question_that_is_no_text_is_refused(make_bench: MakeBench) -> None:
    with pytest.raises(QuestionError, match="int, not a str"):
        make_bench().cache.ask(3)  # type: ignore[arg-type]


def test_blanks_around_a_question_do_not_matter(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add("Where is the pool?", "On the roof.")
    assert bench.cache.ask("  Where is the pool?\n").source == "exact"


def test_an_empty_reply_in_the_history_is_taken(make_bench: MakeBench) -> None:
    history = [{"role": "user", "content": "Is there a pool?"}, {"role": "assistant", "content": ""}]
    assert not make_bench().cache.lookup("Where is it?", history=history).hit


@pytest.mark.parametrize("history", [5, "hello", {"role": "user"}, b"x"])
def test_a_history_that_is_no_list_is_refused_and_none_is_none(history: object) -> None:
    with pytest.raises(QuestionError, match="no list of messages"):
        make_request("Where?", sampling=SamplingOptions(1, 0.0), history=history)  # type: ignore[arg-type]
    assert make_request("Where?", sampling=SamplingOptions(1, 0.0), history=None).history == ()  # type: ignore[arg-type]
