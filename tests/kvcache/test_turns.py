"""Turn by turn gives the ids of the whole text, on the real tokenizer; what is remembered is not tokenized again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AddedToken, AutoTokenizer, PreTrainedTokenizerBase

from kvcache.turns import TurnTokenizer, _stands_alone

_PIECES = [
    "<|im_start|>",
    "<|im_end|>",
    "<|im_",
    "\n",
    " ",
    "  ",
    "user\n",
    "The sea.",
    "바다",
    "é",
    "😀",
    "<",
    "|>",
    "\t",
]


@pytest.fixture(scope="module")
def tokenizer(language_model: Path) -> PreTrainedTokenizerBase:
    loaded: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(language_model, local_files_only=True)
    return loaded


@pytest.fixture(scope="module")
def turns(tokenizer: PreTrainedTokenizerBase) -> TurnTokenizer:
    return TurnTokenizer(tokenizer, tokenizer.convert_tokens_to_ids("<|im_start|>"))  # type: ignore[arg-type]


@settings(max_examples=300)
@given(text=st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=4)), max_size=20).map("".join))
def test_turns_tokenized_apart_have_the_ids_of_the_whole_text(
    tokenizer: PreTrainedTokenizerBase, turns: TurnTokenizer, text: str
) -> None:
    assert list(turns.ids(text, "a")) == tokenizer(text, add_special_tokens=False)["input_ids"]


def test_a_turn_seen_before_is_not_tokenized_again_but_for_another_tenant(
    tokenizer: PreTrainedTokenizerBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    opener = tokenizer.convert_tokens_to_ids("<|im_start|>")
    real = TurnTokenizer._tokenize
    monkeypatch.setattr(TurnTokenizer, "_tokenize", lambda self, *key: seen.append(key[1]) or real(self, *key))  # type: ignore[func-returns-value]
    turns = TurnTokenizer(tokenizer, opener)  # type: ignore[arg-type]
    first = "<|im_start|>system\nA<|im_end|>\n"
    for tenant, text in (("a", first), ("a", first + "<|im_start|>user\nB"), ("b", first)):
        turns.ids(text, tenant)
    assert seen == [first, "<|im_start|>user\nB", first]


_OPENER = AddedToken("<s>", special=True, normalized=False)


@pytest.mark.parametrize(
    ("opener", "others", "alone"),
    [
        (_OPENER, ["<t>", "</s>"], True),
        (_OPENER, ["x<s>y"], False),
        (_OPENER, ["\n<"], False),
        (_OPENER, ["\n<s"], False),
        (AddedToken("<s>", special=True, normalized=False, lstrip=True), [], False),
        (AddedToken("<s>", special=True, normalized=True), [], False),
        (AddedToken("<s>", special=False, normalized=False), [], False),
    ],
)
def test_a_token_that_something_before_it_can_swallow_does_not_cut(
    opener: AddedToken, others: list[str], alone: bool
) -> None:
    assert _stands_alone(opener, [opener, *(AddedToken(other, special=True) for other in others)]) is alone


def test_without_an_opener_the_text_is_tokenized_whole(tokenizer: PreTrainedTokenizerBase) -> None:
    text = "Hello<|im_start|> you"
    assert list(TurnTokenizer(tokenizer, None).ids(text, "a")) == tokenizer(text, add_special_tokens=False)["input_ids"]
