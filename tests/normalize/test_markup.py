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
        ("~~How~~ do I pay?", "How do I pay?"),
        ("How do I pay? 🙏", "How do I pay?"),
        ("How do I pay 😊😊", "How do I pay"),
        ("🙏 How do I pay?", "How do I pay?"),
        ("How do I pay? haha", "How do I pay?"),
        ("How do I pay lol", "How do I pay"),
        ("이름이 뭐야? (´･ω･`)?", "이름이 뭐야?"),
        ("이름이 뭐야? (⊙_⊙)？", "이름이 뭐야?"),
        ("가격이 얼마예요ㅎㅎ", "가격이 얼마예요"),
        ("환불 되나요ㅠㅠ", "환불 되나요"),
        ("환불 되나요?? ㅋㅋㅋ", "환불 되나요?"),
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
    ],
)
def test_signs_that_are_asked_about_stay(one: str, other: str) -> None:
    assert NORMALIZER(one).key != NORMALIZER(other).key


def test_a_link_keeps_its_words_and_its_address() -> None:
    assert without_markup("see [the docs](https://a.com/B)") == "see the docs https://a.com/B"


def test_code_keeps_its_signs() -> None:
    assert without_markup("what does `**kwargs` and `&amp;` do") == "what does `**kwargs` and `&amp;` do"
    text = "def f(a):\n    # heading\n    return a * b * c"
    assert NORMALIZER(text).text == text


@pytest.mark.parametrize("text", ["", "*", "**", "****", "<", "<>", "&", "&;", "[]()", "(((", "~~~~", "# ", "> ", "- "])
def test_signs_alone_do_no_harm(text: str) -> None:
    assert isinstance(without_markup(text), str)
