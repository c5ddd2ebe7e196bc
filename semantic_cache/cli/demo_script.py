"""The questions of `samewise demo`, and what must become of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["SCRIPT", "DemoQuestion", "Kind"]

Kind = Literal["repeat", "paraphrase", "near miss", "new", "asked again"]


@dataclass(frozen=True, slots=True)
class DemoQuestion:
    """One question. `matched` is the stored question that must answer it, None where no stored answer may."""

    kind: Kind
    text: str
    matched: str | None = None


_PASTA = "맛있는 파스타 레시피 알려줘"
_PASSWORD = "How do I reset my password?"
_DOCUMENT = "What is ownership in Rust?"

SCRIPT: tuple[DemoQuestion, ...] = (
    DemoQuestion("repeat", _PASSWORD, _PASSWORD),
    DemoQuestion("paraphrase", "hi, can you please tell me how to reset my password", _PASSWORD),
    DemoQuestion("repeat", _PASTA, _PASTA),
    DemoQuestion("paraphrase", "파스타 레시피 좀 알려주세요", _PASTA),
    DemoQuestion("paraphrase", "일요일에 배송 되나요?", "일요일에도 배송되나요?"),
    DemoQuestion("paraphrase", "When will points expire?", "When do points expire?"),
    DemoQuestion("new", _DOCUMENT),
    DemoQuestion("near miss", "파스타 맛집 알려줘"),
    DemoQuestion("near miss", "김치찌개 레시피 알려줘"),
    DemoQuestion("near miss", "What is the difference between the 3-day and the 5-day meal plan?"),
    DemoQuestion("near miss", "Which of your sauces do not contain nuts?"),
    DemoQuestion("asked again", "what is ownership in rust", _DOCUMENT),
)
