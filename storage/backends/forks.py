"""Connections and locks that a process was born with."""

from __future__ import annotations

import os
import weakref
from typing import Protocol

__all__ = ["AfterFork", "tell_children"]


class AfterFork(Protocol):
    """What has to know that it is in another process now."""

    def after_fork(self) -> None:
        """Called in the child, before anything else is."""
        ...


def tell_children(one: AfterFork) -> None:
    """Have it told in every process that is forked from this one, for as long as it is there.

    Two processes that speak through one socket read each other's rows, and SQLite's locks are the process's own.
    """
    known = weakref.ref(one)

    def tell() -> None:
        there = known()
        if there is not None:
            there.after_fork()

    os.register_at_fork(after_in_child=tell)
