"""Clearing undoes the work of those that are meant, and of nobody else."""

from __future__ import annotations

import pytest

from kvcache import LocalModel
from kvcache.clearings import Clearings
from kvcache.engine import Engine
from kvcache.layer import GrowingCache
from kvcache.nodes import Choice
from kvcache.scopes import PUBLIC, owners

_A, _B, _ANN, _BOB = owners("a"), owners("b"), owners("a", "ann"), owners("a", "bob")


@pytest.mark.parametrize(
    ("choice", "meant"),
    [
        (Choice(), {_A, _B, _ANN, _BOB, (PUBLIC,)}),
        (Choice(public=True), {_A, _B, _ANN, _BOB, (PUBLIC,)}),
        (Choice(tenant="a"), {_A, _ANN, _BOB}),
        (Choice(tenant="a", user="ann"), {_ANN}),
        (Choice(tenant="c"), set()),
        (Choice(prefix=(1, 2)), {_A, _B, _ANN, _BOB, (PUBLIC,)}),
    ],
)
def test_the_number_grows_for_those_that_may_read_what_is_cleared(choice: Choice, meant: set[object]) -> None:
    clearings = Clearings()
    before = {each: clearings.of(each) for each in (_A, _B, _ANN, _BOB, (PUBLIC,))}
    clearings.add(choice)
    assert {each for each, count in before.items() if clearings.of(each) > count} == meant


def test_a_prompt_that_is_being_read_is_kept_though_another_tenant_clears(
    tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = Engine.forward

    def clearing(self: Engine, token_ids: list[int], cache: GrowingCache) -> object:
        tiny_model.cache.clear(tenant="b")
        return forward(self, token_ids, cache)

    monkeypatch.setattr(Engine, "forward", clearing)
    tiny_model.generate([*range(60)], max_tokens=1, tenant="a")
    assert tiny_model.generate([*range(60)], max_tokens=1, tenant="a").usage.cached_tokens == 60


def test_after_clearing_nothing_of_a_given_up_request_stays_in_memory(tiny_model: LocalModel) -> None:
    stream = tiny_model.stream([*range(60)], max_tokens=20)
    next(stream)
    stream.close()
    assert tiny_model.parts.prefiller._abandoned
    tiny_model.cache.clear()
    assert not tiny_model.parts.prefiller._abandoned
