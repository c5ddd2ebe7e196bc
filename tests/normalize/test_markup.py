"""Markup, faces and decoration: gone from the key where they say nothing, kept where they are what is asked about."""

import pytest

from normalize import Normalizer
from normalize.markup import without_markup

NORMALIZER = Normalizer()


@pytest.mark.parametrize(
    ("pasted", "plain"),
    [
        ("Can I pay &amp; collect?", "Can I pay & collect?"),
        ("How&nbsp;do I pay?", "How do I pay?"),
        ("<p>How do I <b>pay</b>?</p>", "How do I pay?"),
        ("How do I pay?<br/>", "How do I pay?"),
        ("**How** do I *really* pay?", "How do I really pay?"),
        ("# How do I pay?", "How do I pay?"),
        ("> How do I pay?", "How do I pay?"),
        ("- How do I pay?", "How do I pay?"),
        ("How do I pay? 🙏", "How do I pay?"),
        ("How do I pay 😊😊", "How do I pay"),
        ("🙏 How do I pay?", "How do I pay?"),
        ("How do I pay? haha", "How do I pay?"),
        ("How do I pay :-)", "How do I pay"),
        ("How do I <b>cancel</b> my order?", "How do I cancel my order?"),
        ("How do I pay?\n\n---\n", "How do I pay?"),
        ("Plan | Price\n--- | ---\nBasic | five", "Plan | Price\nBasic | five"),
        ("이름이 뭐야? (´･ω･`)?", "이름이 뭐야?"),
        ("이름이 뭐야? (⊙_⊙)？", "이름이 뭐야?"),
        ("가격이 얼마예요ㅎㅎ", "가격이 얼마예요"),
        ("환불 되나요ㅠㅠ", "환불 되나요"),
        ("환불 되나요?? ㅋㅋㅋ", "환불 되나요?"),
        ("ㅋㅋㅋ 환불되나요", "환불되나요"),
        ("환불되나요^^", "환불되나요"),
        ("환불되나요? ㅠ", "환불되나요?"),
        ("как оплатить хаха", "как оплатить"),
        ("как оплатить)))", "как оплатить"),
        ("como pago kkkk", "como pago"),
        ("cómo pago jajaja", "cómo pago"),
    ],
)
def test_what_comes_with_a_text_does_not_change_its_key(pasted: str, plain: str) -> None:
    assert NORMALIZER(pasted).key == NORMALIZER(plain).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What does 😀 mean?", "What does 😢 mean?"),
        ("What is 😀?", "What is 😢?"),
        ("😀", "😢"),
        ("What is a < b?", "What is a > b?"),
        ("What is 2 * 3 * 4?", "What is 2 3 4?"),
        ("What does `<b>` do?", "What does `<i>` do?"),
        ("What is &?", "What is &amp;amp;x?"),
        ("ㅋㅋ 뜻이 뭐야?", "ㅎㅎ 뜻이 뭐야?"),
        ("What is f(x)?", "What is f?"),
        ("What does (>=) mean?", "What does (<=) mean?"),
        ("Is my_var the same?", "Is myvar the same?"),
        ("Оплата (картой)", "Оплата (наличными)"),
        ("결제 (카드)", "결제 (현금)"),
        ("Is it (€€)?", "Is it (££)?"),
        ("What is (5–6)?", "What is (7–8)?"),
        ("[docs](https://a.com/x)", "[docs](https://a.com/y)"),
        ("What does <b> do?", "What does <i> do?"),
        ("How do I use <br>?", "How do I use <hr>?"),
        ("What does <b>text</b> do?", "What does <i>text</i> do?"),
        ("What is <section> vs <article>?", "What is <main> vs <article>?"),
        ("What is &lt;b&gt;?", "What is &lt;i&gt;?"),
        ("What does &nbsp; mean?", "What does &emsp; mean?"),
        ("What is __init__?", "What is init?"),
        ("How do I find *log* files?", "How do I find log files?"),
        ("# define", "define"),
        ("- 5 + 3", "5 + 3"),
        ("> 5 apples", "5 apples"),
        ("I want ~~tea~~ coffee", "I want tea coffee"),
        ("visa for 🇺🇸?", "visa for 🇨🇦?"),
        ("where can I buy 🍕?", "where can I buy 🍔?"),
        ("where can I buy ❤ boxes", "where can I buy boxes"),
        ("who uses 😀", "who uses 😢"),
        ("who invented 😀", "who invented 😢"),
        ("is this rude 😀", "is this rude 😢"),
        ("what costs (without shipping)", "what costs (without shipping"),
        ("when do I type 😀", "when do I type 😢"),
        ("what does it mean? 😀", "what does it mean? 😢"),
        ("😀 meaning in texts", "😢 meaning in texts"),
        ("what does (T_T) mean", "what does (^_^) mean"),
        ("what does :) mean", "what does :( mean"),
        ("how do I play lol", "how do I play"),
        ("history of the kkk", "history of the"),
        ("that film (T-shirt)", "that film (trousers)"),
        ("(a) or (b)", "(a) or b"),
        ("что значит ))))", "что значит"),
        ("왜 ㅋㅋ", "왜 ㅠㅠ"),
        ("무슨 뜻이야 ㅋㅋ", "무슨 뜻이야 ㅎㅎ"),
    ],
)
def test_signs_that_are_asked_about_stay(one: str, other: str) -> None:
    assert NORMALIZER(one).key != NORMALIZER(other).key


def test_what_is_dropped_for_the_key_stays_in_the_text() -> None:
    question = NORMALIZER("How do I pay this 😊")
    assert question.text.endswith("😊")
    question = NORMALIZER("How do I pay 😊")
    assert question.text.endswith("😊")
    assert "text.decoration" in [step.rule for step in question.steps]


def test_a_closing_bracket_stays() -> None:
    assert NORMALIZER("Is it safe (or not)?").key.endswith("( or not )")


def test_a_link_keeps_its_words_and_its_address() -> None:
    assert without_markup("see [the docs](https://a.com/B)") == "see the docs https://a.com/B"


def test_code_keeps_its_signs() -> None:
    assert without_markup("what does `**kwargs` and `&amp;` do") == "what does `**kwargs` and `&amp;` do"
    text = "def f(a):\n    # heading\n    return a * b * c"
    assert NORMALIZER(text).text == text


@pytest.mark.parametrize("text", ["", "*", "**", "****", "<", "<>", "&", "&;", "[]()", "(((", "~~~~", "# ", "> ", "- "])
def test_signs_alone_do_no_harm(text: str) -> None:
    assert isinstance(without_markup(text), str)
