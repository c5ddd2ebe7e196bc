"""How often what a request may read has been cleared: what was found or computed before is not kept afterwards."""

from __future__ import annotations

from collections import Counter

from kvcache.nodes import Choice
from kvcache.scopes import PUBLIC, Owner, Owners

__all__ = ["Clearings"]


class Clearings:
    """Counts for each owner, so that one tenant's clearing undoes no other's work. Not safe for threads by itself."""

    def __init__(self) -> None:
        self._everyone = 0
        self._of: Counter[Owner] = Counter()

    def add(self, choice: Choice) -> None:
        """These are cleared now."""
        if choice.public:
            self._of[PUBLIC] += 1
        elif choice.tenant is None:
            self._everyone += 1
        else:
            self._of[Owner(choice.tenant, choice.user)] += 1

    def of(self, owners: Owners) -> int:
        """A number that grows whenever something is cleared that these owners may read, and only then."""
        return self._everyone + sum(self._of[owner] for owner in owners if owner in self._of)
