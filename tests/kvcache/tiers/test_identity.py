"""Names of blocks: everything that makes a block another one is in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kvcache.tiers.identity import NAME_LENGTH, owner_name, path_names

_paths = st.lists(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=5).map(tuple), min_size=1, max_size=4)


@given(_paths, _paths)
def test_two_paths_share_the_names_of_the_blocks_they_share_and_no_others(
    one: list[tuple[int, ...]], other: list[tuple[int, ...]]
) -> None:
    ours, theirs = path_names("model", "owner", one), path_names("model", "owner", other)
    for depth in range(1, min(len(one), len(other)) + 1):
        assert (ours[depth - 1] == theirs[depth - 1]) == (one[:depth] == other[:depth])


def test_the_same_tokens_have_another_name_for_another_owner_model_or_cut() -> None:
    path = [(1, 2), (3,)]
    names = {
        path_names("m", "o", path)[-1],
        path_names("m", "p", path)[-1],
        path_names("n", "o", path)[-1],
        path_names("m", "o", [(1,), (2, 3)])[-1],
        path_names("m", "o", [(1, 2, 3)])[-1],
        path_names("mo", "", path)[-1],
    }
    assert len(names) == 6


def test_names_are_hexadecimal_and_of_one_length_and_say_nothing_of_the_owner() -> None:
    names = [*path_names("m", owner_name("acme"), [(1,), (2,)]), owner_name("acme")]
    assert {len(name) for name in names} == {NAME_LENGTH}
    assert all(int(name, 16) >= 0 for name in names)
    assert owner_name("acme") != owner_name("acme ")


def test_only_owners_that_lie_in_another_have_names_that_begin_with_its_name() -> None:
    acme = owner_name("tenant/acme")
    assert owner_name("tenant/acme/eva").startswith(acme)
    assert not owner_name("tenant/acmes").startswith(acme)
    assert not owner_name("acme/eva").startswith(acme)
    assert owner_name("tenant/acme/eva") != owner_name("tenant/acme/tom")
