"""After a change of normalization, what was confirmed or blocked holds for the new keys."""

from __future__ import annotations

from rows import new

from normalize import Normalizer
from semantic_cache.learning import renew_pairs
from storage import Feedback, Pair, Store

_NORMALIZER = Normalizer()


def _old(store: Store, question: str, *, alias: bool, key: str = "old") -> int:
    entry = store.add(new(f"the entry of {question}"))
    store.feedback.record(
        Feedback(
            tenant="t", scope="s", entry_id=entry.id, exact_hash=f"exact {question}", key_hash=f"{key} {question}",
            correct=alias, source="user", question=question, normalizer_version="0",
        ),
        "alias" if alias else "block",
    )  # fmt: skip
    return entry.id


def test_an_alias_and_a_block_are_found_by_their_new_keys() -> None:
    with Store.open("sqlite://") as store:
        confirmed, blocked = _old(store, "Where is the pool?", alias=True), _old(store, "Is there a bar?", alias=False)
        assert renew_pairs(store, _NORMALIZER, "9") == 2
        found = store.feedback.by_alias(("s", "-"), _NORMALIZER("where is the POOL").key_hash)
        assert found is not None
        assert found.id == confirmed
        assert store.feedback.blocked([blocked], _NORMALIZER("is there a BAR").key_hash, "") == {blocked}
        assert renew_pairs(store, _NORMALIZER, "9") == 0


def test_as_many_as_are_wanted_are_renewed_at_once() -> None:
    with Store.open("sqlite://") as store:
        for number in range(7):
            _old(store, f"Where is pool {number}?", alias=number % 2 == 0)
        assert renew_pairs(store, _NORMALIZER, "9", at_once=5) == 5
        assert len(store.feedback.outdated("9", 10)) == 2
        assert renew_pairs(store, _NORMALIZER, "9") == 2


def test_two_aliases_that_share_a_key_now_become_one() -> None:
    with Store.open("sqlite://") as store:
        ids = {_old(store, text, alias=True) for text in ("Where is the pool?", "where is the POOL")}
        renew_pairs(store, _NORMALIZER, "9")
        found = store.feedback.by_alias(("s", "-"), _NORMALIZER("where is the pool").key_hash)
        assert found is not None
        assert found.id in ids
        assert store.feedback.outdated("9", 10) == ()
        assert sum(len(store.feedback.aliases(one)) for one in ids) == 1


def test_a_question_that_is_refused_now_keeps_its_key() -> None:
    with Store.open("sqlite://") as store:
        blocked = _old(store, "?!", alias=False)
        assert store.feedback.outdated("9", 1) == (Pair(False, blocked, "?!", "exact ?!", "old ?!"),)
        assert renew_pairs(store, _NORMALIZER, "9") == 1
        assert store.feedback.blocked([blocked], "old ?!", "") == {blocked}
