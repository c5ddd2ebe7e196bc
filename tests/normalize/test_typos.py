"""Typos: a slip of the finger is put right; a name, a code, a number or a word that exists never is."""

import pytest

from normalize import Normalizer
from normalize.typos import respell

NORMALIZER = Normalizer()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Where is my delviery?", "Where is my delivery?"),
        ("I want a refudn", "I want a refund"),
        ("how do I konw it", "how do I know it"),
        ("Is the infromation right?", "Is the information right?"),
        ("hwo do I pay", "how do I pay"),
        ("Cómo cancelo mi pedidio", "Cómo cancelo mi pedido"),
        ("como cancelar meu peddio", "como cancelar meu pedido"),
        ("как отменить подпиксу", "как отменить подписку"),
        ("I recieved a wrong parcel", "I received a wrong parcel"),
        ("how do I chnage my adress", "how do I change my address"),
        ("where can oyu send it", "where can you send it"),
        ("we lost th eorder", "we lost the order"),
        ("what can I do if shel oves me", "what can I do if she loves me"),
        ("is it difficult to change passwordt o login", "is it difficult to change password to login"),
        ("is pyschology a science", "is psychology a science"),
    ],
)
def test_a_slip_is_put_right(typed: str, meant: str) -> None:
    assert NORMALIZER(typed).key == NORMALIZER(meant).key


NAMES = """
    Messi messi reiki kubernetes Samewise demandware redis scanf ollama jest vite Drell xkcd qwrty1 s24 nextjs whatsapp
    netflix huawei gearbest
"""


@pytest.mark.parametrize("word", NAMES.split())
def test_names_and_codes_stay(word: str) -> None:
    question = NORMALIZER(f"what is {word} for")
    assert word.lower() in question.key.split()
    assert not any("typo" in step.rule for step in question.steps)


def test_a_capital_inside_a_sentence_is_a_name_whatever_it_is_near_to() -> None:
    assert "delviery" in NORMALIZER("Where is the office of Delviery?").key


@pytest.mark.parametrize("text", ["how to become a cna", "to and fro", "which vue js version", "AER is what"])
def test_short_words_that_exist_stay(text: str) -> None:
    assert not any("typo" in step.rule for step in NORMALIZER(text).steps)


def test_what_is_asked_to_be_explained_is_taken_at_its_word() -> None:
    assert "packege" in NORMALIZER("what is a packege").key
    assert NORMALIZER("who sent my packege").key == NORMALIZER("who sent my package").key


def test_a_word_that_two_slips_could_have_made_stays() -> None:
    assert "hould" in NORMALIZER("what hould I do").key


def test_a_correction_is_a_step() -> None:
    assert "en.typo: delviery → delivery" in [step.rule for step in NORMALIZER("where is my delviery").steps]


def test_words_that_are_asked_about_stay_as_they_are() -> None:
    assert NORMALIZER("how do you spell delviery").key != NORMALIZER("how do you spell delivery").key


def test_words_of_the_store_are_found_again() -> None:
    stored = ["samewise", "frobnicator", "invoice"]
    assert respell(["open", "samewsie", "now"], stored, "en") == ["open", "samewise", "now"]
    assert respell(["frobnnicator"], stored, "en") == ["frobnicator"]


def test_names_that_differ_in_a_letter_are_two_products() -> None:
    assert respell(["zorbita"], ["zorbeta"], "en") == ["zorbita"]
    assert respell(["zorbita"], ["zorbit"], "en") == ["zorbita"]
    assert respell(["zroba"], ["zorba"], "en") == ["zroba"]


def test_words_that_exist_or_fit_two_stored_words_are_not_respelt() -> None:
    assert respell(["delivery", "invoices"], ["delivary", "invoice"], "en") == ["delivery", "invoices"]
    assert respell(["zorbta"], ["zorbtas", "zorbita"], "en") == ["zorbta"]
    assert respell(["zx1", "ab", "7"], ["zx2", "abc"], "en") == ["zx1", "ab", "7"]
