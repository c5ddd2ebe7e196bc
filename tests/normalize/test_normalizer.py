"""The normalizer as a whole: the seam that the other packages use."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize import LimitError, NormalizeError, Normalizer, Question, TextTooLongError

NORMALIZER = Normalizer()
PIECES = [
    *[
        "how do I",
        "please",
        "hi",
        "thanks",
        ",",
        ".",
        "?",
        "!",
        "can you tell me",
        "what is",
        "is",
        "$5",
        "50 %",
        "five",
    ],
    *[
        "-3",
        "c++",
        ".net",
        "`x`",
        '"q"',
        "'",
        "안녕하세요",
        "알려주세요",
        "좀",
        "하려면 어떻게 해야 하나요",
        "레시피를",
        "있나요",
    ],
    *[
        "야",
        "줘",
        "은",
        "как",
        "пожалуйста",
        "подскажите",
        "ё",
        "hola",
        "¿cómo",
        "puedo",
        "por favor",
        "você",
        "\n",
        "  a",
    ],
    *[
        "como faço para",
        "{",
        "~",
        "twenty",
        "two",
        "thousand",
        "만원",
        "1,000",
        "US",
        "it",
        "²",
        "½",
        "ㅋㅋ",
        "\u200d",
        "İ",
    ],
    *["ß", "👍", "don't", "e.g.", "a@b.co", "두", "개", "5억", "하는 법", "몇", "안되", "수있", "ㅏ"],
]


def test_it_says_text_key_language_facts_and_steps() -> None:
    question = NORMALIZER("Hi!  Could you please tell me how to send $5 to “Bob” without a fee?")
    assert question.text == 'Hi! Could you please tell me how to send $5 to "Bob" without a fee?'
    assert question.key == 'how to send $5 to "Bob" without fee'
    assert question.language == "en"
    assert question.facts.numbers == ("$5",)
    assert question.facts.negations == ("without",)
    assert question.facts.quoted == ("Bob",)
    assert [step.rule.split(":")[0] for step in question.steps] == [
        "text.clean",
        "en.filler",
        "en.greeting",
        "en.frame",
        "en.article",
    ]


def test_a_step_names_the_lexicon_entry_that_made_it() -> None:
    rules = [step.rule for step in NORMALIZER("파스타 레시피 가르쳐줘").steps]
    assert "ko.synonym: 가르쳐줘 → 알려줘" in rules


def test_the_hash_covers_version_and_key() -> None:
    question = NORMALIZER("How do I pay?")
    assert question.key_hash == hashlib.sha256(f"{Normalizer.VERSION}\nhow to pay".encode()).hexdigest()


@pytest.mark.parametrize(
    "text", ["please", "안녕하세요!", "спасибо", "Gracias.", "obrigado", "Hi, thanks", "혹시", "좀"]
)
def test_a_text_that_is_all_politeness_keeps_its_words(text: str) -> None:
    assert NORMALIZER(text).key


def test_greetings_do_not_merge_with_one_another() -> None:
    keys = {NORMALIZER(text).key for text in ("hi", "hello", "thanks", "please", "안녕하세요", "감사합니다")}
    assert len(keys) == 6


def test_code_keeps_case_and_indentation() -> None:
    assert NORMALIZER("def f(A):\n    return A").key == "def f(A):\n    return A"


def test_upper_case_words_of_the_lexicon_stay_apart_unless_everything_is_upper_case() -> None:
    assert NORMALIZER("How big is the US?").key == "how big is the US"
    assert NORMALIZER("HOW BIG IS THE US?").key == NORMALIZER("how big is the us?").key


def test_the_limit_is_a_setting() -> None:
    assert Normalizer(max_chars=3)("abc").key == "abc"
    with pytest.raises(TextTooLongError, match=r"4 characters .* limit is 3"):
        Normalizer(max_chars=3)("abcd")


@pytest.mark.parametrize("limit", [0, -1, True, 2.5, "9"])
def test_a_limit_that_makes_no_sense_is_refused(limit: object) -> None:
    with pytest.raises(LimitError, match="max_chars"):
        Normalizer(max_chars=limit)  # type: ignore[arg-type]


def test_many_threads_get_the_answers_that_one_gets() -> None:
    texts = [f"how do I pay {n} dollars?" for n in range(50)] + [f"파스타 {n}개 레시피 알려주세요" for n in range(50)]
    alone = [Normalizer()(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(NORMALIZER, texts)) == alone


def _normalized(text: str) -> Question | None:
    try:
        return NORMALIZER(text)
    except NormalizeError:
        return None


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join)))
def test_any_text_gives_a_key_that_its_clean_text_gives_again_or_a_named_error(text: str) -> None:
    question = _normalized(text)
    if question is not None:
        assert question.key.strip()
        assert NORMALIZER(question.text).key == question.key
        assert NORMALIZER(question.text).text == question.text


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_glued_pieces_give_a_stable_key_too(text: str) -> None:
    question = _normalized(text)
    if question is not None:
        assert question.key.strip()
        assert NORMALIZER(question.text).key == question.key


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_two_numbers_never_share_a_key(one: int, other: int) -> None:
    pair = NORMALIZER(f"How do I send {one} dollars?"), NORMALIZER(f"How do I send {other} dollars?")
    assert (pair[0].key == pair[1].key) == (one == other)


@settings(deadline=None)
@given(st.sampled_from(["\ud800", "\udfff", "\0"]), st.text(max_size=10))
def test_characters_that_cannot_be_stored_are_refused(bad: str, text: str) -> None:
    with pytest.raises(NormalizeError, match=r"position \d+"):
        NORMALIZER("a" + text.replace("\0", "") + bad)
