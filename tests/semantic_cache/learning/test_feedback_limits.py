"""What one judgement must not do: teach a near miss, free a blocked pair, or leave a wrong answer elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import Bench, MakeBench

from semantic_cache import Settings

_STORED = "how is the green winter jacket washed"
_NEAR = "cleaning tips for winter jacket wanted"


def _lenient(make_bench: MakeBench, **given: Any) -> Bench:
    """A cache that serves everything near, so that only feedback can stop it."""
    return make_bench(settings=Settings(store="sqlite://", threshold=0.0, show_progress=False, **given))


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Can I cancel within 7 days?", "Can I cancel within 30 days?"),
        ("How do I open an account?", "How do I close an account?"),
        ("Is it safe to swim here?", "Is it safe not to swim here?"),
        ("Is coffee without sugar healthy?", "Is drinking coffee with sugar good for me?"),
        ("How do I install Python 3?", "What is the way to set up Python on a computer?"),
    ],
)
def test_a_near_miss_does_not_become_an_alias_by_a_click(make_bench: MakeBench, stored: str, asked: str) -> None:
    bench = make_bench()
    entry = bench.cache.add(stored, "Yes.")
    report = bench.cache.feedback(entry.id, correct=True, question=asked)
    assert not report.alias_added
    assert report.not_an_alias
    assert not bench.cache.lookup(asked).hit


def test_what_was_asked_in_a_conversation_does_not_become_an_alias(make_bench: MakeBench) -> None:
    bench = make_bench()
    entry = bench.cache.add("How much is a night at the hotel?", "80 euros.")
    history = [("user", "Tell me about the hotel."), ("assistant", "It has a pool.")]
    asked = "And how much is it there?"
    report = bench.cache.feedback(
        entry.id, correct=True, question=asked, history=[{"role": role, "content": text} for role, text in history]
    )
    assert not report.alias_added
    assert not bench.cache.lookup(asked).hit


def test_another_answer_of_the_entry_does_not_free_a_blocked_pair(make_bench: MakeBench) -> None:
    bench = _lenient(make_bench)
    bench.cache.add(_STORED, "By hand.")
    bench.cache.feedback(bench.cache.ask(_NEAR), correct=False)
    bench.cache.add(_STORED, "By hand!")
    assert not bench.cache.lookup(_NEAR).hit
    assert bench.cache.lookup(_STORED).hit


def test_who_got_the_former_answer_by_meaning_does_not_get_the_new_one(make_bench: MakeBench) -> None:
    bench = _lenient(make_bench)
    bench.cache.add(_STORED, "By hand.")
    former = bench.cache.ask(_NEAR)
    bench.cache.add(_STORED, "By hand, cold.")
    report = bench.cache.feedback(former, correct=False)
    assert (report.former, report.blocked) == (True, True)
    assert not bench.cache.lookup(_NEAR).hit
    assert bench.cache.ask(_STORED).text == "By hand, cold."


def test_the_same_wrong_words_do_not_come_from_another_entry(make_bench: MakeBench) -> None:
    bench = _lenient(make_bench)
    bench.cache.add(_STORED, "By hand.")
    bench.cache.add("how is the blue winter jacket washed", "By hand.")
    answer = bench.cache.ask(_NEAR)
    assert answer.text == "By hand."
    bench.cache.feedback(answer, correct=False)
    assert not bench.cache.lookup(_NEAR).hit


def test_a_blocked_question_is_not_served_with_its_slip_put_right(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add("How do I restart kubernetes?", "With kubectl.")
    answer = bench.cache.ask("How do I restart kubernetse?")
    assert answer.text == "With kubectl."
    bench.cache.feedback(answer, correct=False)
    for asked in ("How do I restart kubernetse?", "how do i restart KUBERNETSE", "Please, how do I restart kubernetse"):
        assert not bench.cache.lookup(asked).hit


def test_events_hold_no_words_of_a_question_in_the_reason_of_a_guard(make_bench: MakeBench) -> None:
    bench = _lenient(make_bench)
    bench.cache.add('Who is "blue sky"?', "A horse.")
    assert not bench.cache.lookup('Who is "Hildegard Zimmer"?').hit
    bench.cache.ask('Who is "Hildegard Zimmer"?')
    bench.store.feedback.events.flush()
    with bench.store._database.read() as connection:
        rows = [str(row) for row in connection.exec_driver_sql("SELECT * FROM samewise_events")]
    assert any("quotes differ" in row for row in rows)
    assert not any("Hildegard" in row or "blue sky" in row for row in rows)
