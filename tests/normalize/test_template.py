"""Templates, declared and found: the question is taken out, what surrounds it is kept apart as a hash."""

import threading

import pytest

from normalize.errors import LimitError, TemplateError
from normalize.template import Template
from normalize.template_detector import TemplateDetector, find_frame

RULES = "".join(f"Rule {n}: answer politely, briefly, and from the handbook of chapter {n} only.\n" for n in range(30))
QUESTIONS = [
    "Where is the pool?",
    "How do I pay?",
    "Who may swim at night?",
    "When does the bar open?",
    "Is breakfast included?",
    "What does parking cost?",
    "Are dogs allowed?",
    "Can I check out late?",
    "Do you have a gym?",
    "Which floor is the spa on?",
]


def wrapped(question: str, rules: str = RULES) -> str:
    return f"{rules}Question: {question}\nAnswer in one sentence."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no slot here", "has no slot"),
        ("", "has no slot"),
        ("{{question}}", "has no slot"),
        ("{question}", "slot alone"),
        ("  {question}\n", "slot alone"),
        ("Q: {a}{question}", "no text stands between"),
        ("Q: {a} {question}", "no text stands between"),
        ("Q: {a} and {b}", "none is {question}"),
        ("Q: {question} or {question}", "stands 2 times"),
        ("Q: {question", "lone '{' at position 3"),
        ("Q: {question} }", "lone '}'"),
        ("Q: {} {question}", "lone '{'"),
    ],
)
def test_a_bad_template_is_refused_with_the_way_out(text: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        Template(text)


def test_a_prompt_is_taken_apart() -> None:
    template = Template(wrapped("{question}"))
    one, two = template.match(wrapped("Where is the pool?")), template.match(wrapped("How do I pay?"))
    assert one is not None
    assert two is not None
    assert (one.question, two.question) == ("Where is the pool?", "How do I pay?")
    assert one.constant == two.constant
    assert len(one.constant) == 64


def test_another_constant_part_has_another_hash_or_no_match() -> None:
    first, second = Template("Be kind. {question}"), Template("Be rude. {question}")
    one, two = first.match("Be kind. Why?"), second.match("Be rude. Why?")
    assert one is not None
    assert two is not None
    assert one.constant != two.constant
    assert first.match("Be rude. Why?") is None


def test_where_the_question_stands_is_part_of_the_constant() -> None:
    before, after = Template("{question}Go"), Template("Go{question}")
    one, two = before.match("Why?Go"), after.match("GoWhy?")
    assert one is not None
    assert two is not None
    assert one.constant != two.constant


def test_the_values_of_other_slots_are_constant() -> None:
    template = Template("Use <{facts}> for: {question}")
    one, two = template.match("Use <a> for: Why?"), template.match("Use <b> for: Why?")
    assert one is not None
    assert two is not None
    assert one.question == two.question == "Why?"
    assert one.constant != two.constant


@pytest.mark.parametrize(
    "prompt",
    [
        "Why?",
        "Use <> for: Why?",
        "Use <a> for: ",
        "Use <a> for: b> for: Why?",
        "Use <a> for:",
        "",
        "x Use <a> for: Why?",
    ],
)
def test_a_prompt_made_otherwise_or_in_two_ways_does_not_match(prompt: str) -> None:
    assert Template("Use <{facts}> for: {question}").match(prompt) is None


def test_ends_that_overlap_do_not_match() -> None:
    assert Template("ab{question}ba").match("aba") is None


def test_braces_and_line_ends_are_compared_as_they_are_meant() -> None:
    found = Template('{{"q": "{question}"}}\nDone.').match('{"q": "Why?"}\r\nDone.\n')
    assert found is not None
    assert found.question == "Why?"


def test_a_long_shared_frame_is_found_after_enough_different_prompts() -> None:
    detector = TemplateDetector()
    prompts = [wrapped(question) for question in QUESTIONS]
    found = [detector.see(prompt) for prompt in prompts]
    assert found[:7] == [None] * 7
    assert [match.question for match in found[7:] if match is not None] == QUESTIONS[7:]


def test_a_prompt_seen_again_and_again_is_no_evidence() -> None:
    detector = TemplateDetector()
    assert all(detector.see(wrapped("Where is the pool?")) is None for _ in range(50))


def test_ordinary_questions_never_make_a_template() -> None:
    detector = TemplateDetector()
    assert all(detector.see(f"How do I reset my password for account {n}?") is None for n in range(100))


def test_a_short_frame_is_none_however_little_stands_in_it() -> None:
    prompts = [f"Dear team, please answer this question of mine as soon as you can.\nWhere is {n}?" for n in range(20)]
    assert find_frame(prompts) is None
    assert find_frame(prompts, min_chars=20) is not None


def test_long_prompts_that_share_less_than_half_make_no_template() -> None:
    shared = "Please read this text and tell me in one sentence what it says about the matter.\n" * 3
    prompts = [shared + f"{n} " + f"word{n} " * 200 for n in range(20)]
    assert find_frame(prompts) is None


def test_words_that_questions_happen_to_share_stay_with_them() -> None:
    frame = find_frame([wrapped(f"How do I {what}?") for what in ("pay", "leave", "swim")])
    assert frame is not None
    found = frame.match(wrapped("How do I pay?"))
    assert found is not None
    assert found.question == "How do I pay?"


def test_a_frame_that_was_found_stays_while_others_ask() -> None:
    detector = TemplateDetector()
    for question in QUESTIONS:
        detector.see(wrapped(question))
    for n in range(20):
        assert detector.see(f"Something else, number {n}?") is None
    found = detector.see(wrapped("Where is the pool?"))
    assert found is not None
    # Prompts that share even more do not move the border, so keys stay.
    for n in range(20):
        again = detector.see(wrapped(f"Chapter one. What is in part {n}?"))
        assert again is not None
        assert again.constant == found.constant
        assert again.question == f"Chapter one. What is in part {n}?"


def test_a_frame_nobody_uses_any_more_is_given_up() -> None:
    detector = TemplateDetector(memory=8)
    for question in QUESTIONS:
        detector.see(wrapped(question))
    for n in range(8):
        detector.see(f"Something else, number {n}?")
    assert detector.see(wrapped("Where is the pool?")) is None


def test_two_frames_never_share_a_hash() -> None:
    found = []
    for rules in (RULES, RULES + "Be brief.\n"):
        detector = TemplateDetector()
        found += [detector.see(wrapped(question, rules)) for question in QUESTIONS][-1:]
    one, two = found
    assert one is not None
    assert two is not None
    assert one.question == two.question
    assert one.constant != two.constant


def test_a_prompt_beyond_the_limit_is_not_kept() -> None:
    detector = TemplateDetector()
    assert all(detector.see("x" * 32_001 + str(n)) is None for n in range(20))


@pytest.mark.parametrize("limits", [{"min_prompts": 1}, {"min_chars": 0}, {"memory": 3}])
def test_limits_without_sense_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(LimitError):
        TemplateDetector(**limits)


def test_many_threads_may_ask_one_detector() -> None:
    detector, start, wrong = TemplateDetector(), threading.Barrier(4), list[str]()

    def ask(name: int) -> None:
        start.wait()
        for n in range(50):
            question = f"What is in part {n} of {name}?"
            match = detector.see(wrapped(question))
            if match is not None and match.question != question:
                wrong.append(match.question)

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
