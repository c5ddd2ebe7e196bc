"""Why something was computed, as a request and an operator are told it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kvcache import KVCacheConfig, Lifetime, LocalModel, Miss
from kvcache.misses import Tombstones, common_tokens
from kvcache.scopes import Owner, owners

_SYSTEM = {"role": "system", "content": "You know the shop. It opens at nine and closes at six."}
_IDS = st.lists(st.integers(0, 3), max_size=8).map(tuple)


def _ask(text: str, *before: str) -> list[dict[str, str]]:
    turns = [{"role": role, "content": said} for said, role in zip(before, ("user", "assistant") * 9, strict=False)]
    return [_SYSTEM, *turns, {"role": "user", "content": text}]


def _miss(model: LocalModel, prompt: list[dict[str, str]], tenant: str = "a") -> Miss:
    miss = model.generate(prompt, max_tokens=1, tenant=tenant).miss
    assert miss is not None
    return miss


def test_the_first_text_that_differs_is_named_with_its_turn(tiny_model: LocalModel) -> None:
    _miss(tiny_model, _ask("When does it open?", "Hello", "Hi"))
    miss = _miss(tiny_model, _ask("When will it open?", "Hello", "Hi"))
    assert (miss.cause, miss.segment) == ("new", "user 2")
    assert miss.text.startswith("will it")
    assert miss.lost_seconds > 0
    miss = _miss(tiny_model, _ask("When does it open?", "Hello", "Ho"))
    assert (miss.segment, miss.text[:2]) == ("assistant 1", "o<")
    other = [{"role": "system", "content": "You own the shop."}, *_ask("Well?")[1:]]
    miss = _miss(tiny_model, other)
    assert (miss.segment, miss.text[:3]) == ("system", "own")


def test_tokens_lost_are_all_those_that_were_computed(tiny_model: LocalModel) -> None:
    prompt = _ask("When does it open?")
    cold = tiny_model.generate(prompt, max_tokens=1)
    assert cold.miss is not None
    assert cold.miss.lost_tokens == cold.usage.prompt_tokens
    warm = tiny_model.generate(_ask("Where?"), max_tokens=1)
    assert warm.miss is not None
    assert warm.miss.lost_tokens == warm.usage.prompt_tokens - warm.usage.cached_tokens


def test_ids_without_turns_have_one_segment(tiny_model: LocalModel) -> None:
    miss = tiny_model.generate([32] * 20, max_tokens=1).miss
    assert miss is not None
    assert (miss.segment, miss.position, miss.text) == ("prompt", 0, "A" * 12)


def test_what_a_tenant_may_not_read_is_told_to_operators_only(tiny_model: LocalModel) -> None:
    prompt = _ask("When does it open?")
    tiny_model.generate(prompt, max_tokens=1, tenant="a", user="ann")
    assert tiny_model.explain(prompt, "a", user="ann") is None
    for tenant, user in (("b", None), ("a", "bob"), ("a", None)):
        for operator, cause in ((False, "new"), (True, "other_tenant")):
            miss = tiny_model.explain(prompt, tenant, user=user, operator=operator)
            assert miss is not None
            assert (miss.cause, miss.position, miss.lost_seconds) == (cause, 0, 0)
    assert tiny_model.explain(_ask("Never asked"), "b", operator=True).cause == "other_tenant"  # type: ignore[union-attr]
    assert tiny_model.explain([9] * 40, "b", operator=True).cause == "new"  # type: ignore[union-attr]


def test_a_prompt_kept_inside_a_longer_one_says_that_its_end_was_read_again(tiny_model: LocalModel) -> None:
    tiny_model.warm([7] * 48)
    miss = tiny_model.generate([7] * 32, max_tokens=1).miss
    assert miss is not None
    assert (miss.cause, miss.position, miss.lost_tokens) == ("inner_end", 16, 16)


def test_under_a_minimum_a_short_prompt_says_so(tiny_folder: object) -> None:
    config = KVCacheConfig(max_bytes=1 << 20, block_tokens=16, lifetime=Lifetime(min_tokens=64, step=32))
    model = LocalModel.load(str(tiny_folder), cache=config)
    for _ in range(2):
        short = model.generate([5] * 63, max_tokens=1)
        assert short.miss is not None
        assert (short.miss.cause, short.usage.cached_tokens, short.usage.written_tokens) == ("below_minimum", 0, 0)
    model.generate([5] * 112, max_tokens=1)
    assert model.generate([*[5] * 112, 6], max_tokens=1).usage.cached_tokens == 96
    assert model.warm([5] * 63) == 0


@given(block=_IDS, others=st.lists(_IDS, max_size=4))
def test_the_closest_of_many_prompts_decides_where_they_differ(
    block: tuple[int, ...], others: list[tuple[int, ...]]
) -> None:
    expected = max(
        (
            length
            for length in range(9)
            for other in others
            if block[:length] == other[:length] and length <= min(len(block), len(other))
        ),
        default=0,
    )
    assert common_tokens(block, others) == expected


def test_only_the_latest_graves_are_remembered_and_those_of_ones_own() -> None:
    graves = Tombstones(most=2)
    for number in range(3):
        graves.add(Owner("a"), number, "evicted")
    assert [graves.find(owners("a"), number) for number in range(3)] == [None, "evicted", "evicted"]
    assert graves.find(owners("b"), 2) is None
    graves.remove(Owner("a"), 2)
    assert graves.find(owners("a"), 2) is None
