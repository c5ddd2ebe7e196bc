"""A store that was opened before a fork: two processes on one connection would read each other's answers."""

from __future__ import annotations

import os
from collections.abc import Callable

from rows import exact_hash, new, unit

from storage import Store, StoreClosedError


def _in_child(work: Callable[[], bool]) -> bool:
    """Whether that was true in a forked process."""
    child = os.fork()
    if child == 0:
        found = 1
        try:
            found = 0 if work() else 1
        finally:
            os._exit(found)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _refuses(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except StoreClosedError as error:
        return "before a fork" in str(error)
    return False


def test_the_child_is_refused_and_the_parent_goes_on(shared_url: str) -> None:
    with Store.open(shared_url) as store:
        kept = store.add(new("a", vector=1))
        asks: tuple[Callable[[], object], ...] = (
            lambda: store.exact("s", exact_hash("a")),
            lambda: store.nearest("s", unit(1), 1, "e"),
            lambda: store.add(new("b", vector=2)),
            store.stats,
        )
        assert _in_child(lambda: all(_refuses(ask) for ask in asks))
        for _ in range(3):
            assert store.exact("s", exact_hash("a")) == kept
        store.add(new("c", vector=3))
        assert [one.entry.question for one in store.nearest("s", unit(3), 1, "e")] == ["c"]
        assert store.check() == ()


def test_the_child_opens_its_own(shared_url: str) -> None:
    with Store.open(shared_url) as store:
        store.add(new("a", vector=1))

        def ask() -> bool:
            with Store.open(shared_url) as own:
                own.add(new("b", vector=2))
                return own.exact("s", exact_hash("a")) is not None

        assert _in_child(ask)
        assert store.exact("s", exact_hash("b")) is not None
