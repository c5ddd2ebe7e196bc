"""Every guard's refusal at once is what each guard says by itself, and what the features hold."""

from __future__ import annotations

from itertools import product

from normalize import Normalizer
from semantic_cache.matching import GUARDS, Compared
from semantic_cache.matching.features import FEATURES, Alignment, features
from semantic_cache.matching.guards import refusals

_NORMALIZE = Normalizer()
_QUESTIONS = (
    "How do I cancel my order?",
    "How do I cancel your order?",
    "How do I not cancel my order?",
    "Why do I cancel my order?",
    "Can I cancel only 3 orders before Friday?",
    "Can I cancel at least 5 orders after Monday?",
    "Is COVID-19 worse than flu today?",
    "Is flu worse than COVID-19 tomorrow?",
    "Trains from Seoul to Busan",
    "Trains from Busan to Seoul",
    "Not with a card but in cash?",
    "Not in cash but with a card?",
    "How do I open Netflix?",
    "How do I close Netflix?",
    "What is `sed -i`?",
    "What is `sed -n`?",
    "What does https://example.org/b hold?",
    "Fly with a dog",
    "Fly without a dog",
    "Is tea better than coffee?",
    "Is coffee better than tea?",
    "What does https://example.com/a hold?",
    "환불은 언제 되나요?",
    "환불은 왜 안 되나요?",
    "서울에서 부산까지 기차",
    "부산에서 서울까지 기차",
    "Como pagar sem cartão em 3 vezes?",
    "Как отменить 2 заказа?",
)


def _compared(text: str) -> Compared:
    seen = _NORMALIZE(text)
    return Compared(seen.facts, seen.key, seen.language, seen.text)


def test_each_refusal_is_that_of_its_guard() -> None:
    sides = [_compared(text) for text in _QUESTIONS]
    met: set[str] = set()
    for asked, stored in product(sides, sides):
        alone = [guard.reason(asked, stored) is not None for guard in GUARDS]
        assert refusals(asked, stored) == alone, (asked.text, stored.text)
        met |= {guard.name for guard, refuses in zip(GUARDS, alone, strict=True) if refuses}
    assert met == {guard.name for guard in GUARDS}


def test_the_features_hold_every_refusal_under_its_guards_name() -> None:
    asked, stored = _compared("Trains from Seoul to Busan"), _compared("Trains from Busan to Seoul")
    numbers = features(asked, stored, 0.9, Alignment(0.5, 0.2)).tolist()
    held = {name.removeprefix("guard_"): value for name, value in zip(FEATURES, numbers, strict=True)}
    assert {guard.name: held[guard.name] for guard in GUARDS} == {
        guard.name: float(guard.reason(asked, stored) is not None) for guard in GUARDS
    }
    assert held["directions"] == held["wording"] == 1.0
    assert held["numbers"] == 0.0
