"""Two questions that nobody has answered yet are judged as a stored and an asked one are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pytest

from normalize import Normalizer
from semantic_cache.alike import Alike, Asking, likeliest
from semantic_cache.matching import Judge, Served, Threshold

NORMALIZER = Normalizer()


def asking(text: str, angle: float = 0.0, *, tenant: str = "acme", embedder: str = "words") -> Asking:
    vector = np.array([np.cos(angle), np.sin(angle)], np.float32)
    return Asking("scope", tenant, NORMALIZER(text), vector, embedder)


@dataclass
class TenantPolicy:
    """Serves one tenant alone, and keeps what it was asked."""

    tenant: str
    verifies: bool = False
    asked: list[tuple[float, str, tuple[str, ...]]] = field(default_factory=list)

    def decide(
        self, similarity: float, probability: float | None, *, tenant: str = "", tags: Collection[str] = ()
    ) -> Served:
        self.asked.append((similarity, tenant, tuple(tags)))
        return Served(tenant == self.tenant, "by tenant")


@pytest.mark.parametrize(
    ("text", "angle", "same"),
    [("any place to swim", 0.1, True), ("any place to swim", 1.0, False), ("the pool of 7 guests", 0.1, False)],
    ids=["near", "too far for the policy", "refused by a guard"],
)
def test_guards_and_policy_decide(text: str, angle: float, same: bool) -> None:
    alike = Alike(lambda: Judge(Threshold(0.85)))
    assert alike(asking("Where is the pool?"), asking(text, angle)) is same


def test_the_policy_hears_cosine_and_tenant_and_no_tags() -> None:
    policy = TenantPolicy("acme")
    alike = Alike(lambda: Judge(policy))
    assert alike(asking("any place to swim", 0.5), asking("Where is the pool?"))
    ((similarity, *rest),) = policy.asked
    assert similarity == pytest.approx(np.cos(0.5), abs=1e-6)
    assert rest == ["acme", ()]
    other = asking("Where is the pool?", tenant="globex")
    assert not alike(asking("any place to swim", tenant="globex"), other)


def test_in_a_language_that_is_not_known_nothing_is_the_same() -> None:
    question = asking("any place to swim")
    assert Alike(lambda: Judge(Threshold(-1.0), frozenset(["en"])))(question, asking("Where is the pool?"))
    assert not Alike(lambda: Judge(Threshold(-1.0), frozenset(["ko"])))(question, asking("Where is the pool?"))


def test_what_has_no_vector_is_the_same_as_nothing() -> None:
    alike = Alike(lambda: Judge(Threshold(-1.0)))
    bare = Asking("scope", "acme", NORMALIZER("any place to swim"))
    assert not alike(bare, asking("Where is the pool?"))
    assert not alike(asking("Where is the pool?"), bare)


def test_the_likeliest_are_the_nearest_four_of_the_same_embedder() -> None:
    angles = [0.5, 0.1, 1.2, 0.3, 0.0, 0.2, 0.4]
    others = [asking("Where is the pool?", angle) for angle in angles]
    assert likeliest(asking("any place to swim"), others) == [4, 1, 5, 3]
    assert likeliest(asking("any place to swim"), others[2:3]) == []
    assert likeliest(asking("any place to swim", embedder="another"), others) == []
    assert likeliest(Asking("scope", "acme", NORMALIZER("any place to swim")), others) == []
