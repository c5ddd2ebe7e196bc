"""Whose kept prefixes are read, and whose are written: public, of a tenant, of one user of a tenant.

    public    a ─ b                     what the operator declared; every request reads it, none writes it
                  └─ tenant   c ─ d     what the tenant's requests computed after it; no other tenant reads it
                              └─ user   e        what one user's requests computed; no other user reads it

An owner comes from the caller of LocalModel, which knows who asks. Nothing in a prompt can name or change it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple
from urllib.parse import quote

from kvcache.errors import ConfigError

__all__ = ["PUBLIC", "Owner", "Owners", "Scope", "check_choice", "owners"]

#: Who a declared prefix is for: everyone, or the tenant (or its user) that is named beside it.
Scope = Literal["public", "tenant"]


class Owner(NamedTuple):
    """Who wrote a block. A tuple, because it is hashed at every step of every lookup.

    Args:
        tenant: A name, or None for what is public. A tenant that is named "public" is a tenant like any other.
        user: One of the tenant's users, or None for what all of them read.
    """

    tenant: str | None
    user: str | None = None

    @property
    def name(self) -> str:
        """One string for it, which no other owner has; a user's begins with its tenant's and a slash."""
        if self.tenant is None:
            return "public"
        tenant = f"tenant/{quote(self.tenant, safe='')}"
        return tenant if self.user is None else f"{tenant}/{quote(self.user, safe='')}"


PUBLIC = Owner(None)

#: Whose blocks a request reads, the widest first. It writes as the last.
Owners = tuple[Owner, ...]


def owners(tenant: str, user: str | None = None, scope: Scope = "tenant") -> Owners:
    """Whose blocks a request of this tenant and user reads; the last is whose it writes.

    Raises:
        ConfigError: A name is empty or no string, the scope is unknown, or a user is given for what all may read.
    """
    if scope not in ("public", "tenant"):
        raise ConfigError(f"scope is {scope!r}; it must be 'public' or 'tenant'.")
    _check_name("tenant", tenant)
    if user is not None:
        _check_name("user", user)
    if scope == "public":
        if user is not None:
            raise ConfigError(f"user is {user!r} in the public scope, which all users read; leave the user out.")
        return (PUBLIC,)
    own = (PUBLIC, Owner(tenant))
    return own if user is None else (*own, Owner(tenant, user))


def check_choice(tenant: str | None, user: str | None, *, public: bool) -> None:
    """Raises ConfigError when these do not say together whose blocks are meant."""
    if public and (tenant is not None or user is not None):
        raise ConfigError(f"tenant is {tenant!r} and public is True; give one of them.")
    if user is not None and tenant is None:
        raise ConfigError(f"user is {user!r} without a tenant; say whose user it is.")
    for what, name in (("tenant", tenant), ("user", user)):
        if name is not None:
            _check_name(what, name)


def _check_name(what: str, name: object) -> None:
    if not isinstance(name, str) or not name:
        raise ConfigError(f"{what} is {name!r}; give a name that is not empty.")
    if not name.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in name):
        raise ConfigError(f"{what} is {name!r}, which holds half a character; remove it.")
