"""Who reads and writes whose blocks, and names that nobody can forge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache import ConfigError
from kvcache.scopes import PUBLIC, Owner, check_choice, owners

_NAMES = st.text(min_size=1, max_size=6)
_OWNERS = st.one_of(st.just(PUBLIC), st.builds(Owner, _NAMES, st.one_of(st.none(), _NAMES)))


def test_a_request_reads_from_public_down_to_its_own_and_writes_the_narrowest() -> None:
    assert owners("a") == (PUBLIC, Owner("a"))
    assert owners("a", "ann") == (PUBLIC, Owner("a"), Owner("a", "ann"))
    assert owners("a", scope="public") == (PUBLIC,)


def test_a_tenant_that_is_named_public_is_not_the_public_scope() -> None:
    assert owners("public")[-1] != PUBLIC
    assert Owner("public").name != PUBLIC.name


@given(_OWNERS, _OWNERS)
def test_no_two_owners_have_one_name_and_a_users_begins_with_its_tenants(first: Owner, second: Owner) -> None:
    assert (first.name == second.name) == (first == second)
    of_tenant = second.tenant is not None and first == Owner(second.tenant) and second.user is not None
    assert second.name.startswith(f"{first.name}/") == of_tenant


@pytest.mark.parametrize(
    ("tenant", "user", "scope", "words"),
    [
        ("", None, "tenant", "tenant is ''"),
        (None, None, "tenant", "tenant is None"),
        ("a", "", "tenant", "user is ''"),
        ("a", 5, "tenant", "user is 5"),
        ("a", None, "all", "scope is 'all'"),
        ("a", "ann", "public", "user is 'ann'"),
    ],
)
def test_what_names_nobody_is_refused(tenant: object, user: object, scope: object, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        owners(tenant, user, scope)  # type: ignore[arg-type]


def test_a_choice_that_says_two_things_is_refused() -> None:
    with pytest.raises(ConfigError, match="user is 'ann' without a tenant"):
        check_choice(None, "ann", public=False)
    with pytest.raises(ConfigError, match="tenant is 'a' and public is True"):
        check_choice("a", None, public=True)
