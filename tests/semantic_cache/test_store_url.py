"""A URL is shown without its password, wherever it is shown."""

from __future__ import annotations

import pytest

from semantic_cache import Settings
from semantic_cache.errors import SettingsError
from semantic_cache.store_url import is_postgres, shown_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@db/faq", "postgresql://me:***@db/faq"),
        ("postgresql+psycopg://me:secret@db:5432/faq", "postgresql+psycopg://me:***@db:5432/faq"),
        ("postgresql://me:sec@ret/secret@db/faq", "postgresql://me:***@db/faq"),
        ("postgresql://:secret@db/faq", "postgresql://:***@db/faq"),
        ("postgresql://db/faq?user=me&password=secret&x=1", "postgresql://db/faq?user=me&password=***&x=1"),
        ("mysql://me:secret@db/faq", "mysql://me:***@db/faq"),
        ("me:secret@db/faq", "me:***@db/faq"),
        ("postgresql://me@db:5432/faq", "postgresql://me@db:5432/faq"),
        ("sqlite:////data/a:b@c/faq.db", "sqlite:////data/a:b@c/faq.db"),
    ],
)
def test_a_password_is_not_shown_and_all_else_is(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize("url", ["postgresql://me:secret@db/faq", "postgresql://db/faq?password=secret"])
def test_settings_never_show_the_password(url: str) -> None:
    shown = repr(Settings(store=url))
    assert "secret" not in shown
    assert "***" in shown
    assert "tenant_budget=" in shown


def test_a_url_that_is_refused_does_not_show_its_password() -> None:
    with pytest.raises(SettingsError, match=r"me:\*\*\*@db") as caught:
        Settings(store="me:secret@db/faq")
    assert "secret" not in str(caught.value)
    with pytest.raises(SettingsError, match="searches in PostgreSQL") as caught:
        Settings(store="mysql://me:secret@db/faq", index="pgvector")
    assert "secret" not in str(caught.value)


def test_only_a_url_of_postgresql_is_one() -> None:
    assert is_postgres("postgresql://db/faq")
    assert is_postgres("postgresql+psycopg://db/faq")
    assert not is_postgres("sqlite:///postgresql://db")
