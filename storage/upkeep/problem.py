"""What can be wrong with a store, and what is to be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Kind", "Problem"]


class Kind(StrEnum):
    """What does not hold."""

    PAGES = "pages"
    INDEX_PAGES = "index_pages"
    ORPHAN = "orphan"
    SCOPE = "scope"
    ALIAS = "alias"
    PAIR = "pair"
    UNIT = "unit"
    WIDTH = "width"
    FACTS = "facts"
    TAGS = "tags"
    DOCUMENTS = "documents"
    TOOL_CALLS = "tool_calls"
    TERMS = "terms"
    LABELS = "labels"
    BYTES = "bytes"
    LIFE = "life"
    REVISION = "revision"
    DELETED = "deleted"
    USAGE = "usage"


_REMEDIES = {
    Kind.PAGES: "restore a backup, or salvage what can still be read",
    Kind.INDEX_PAGES: "repair makes the indexes of the file anew",
    Kind.ORPHAN: "repair removes these rows",
    Kind.SCOPE: "repair moves a blocked pair to the entry's scope, and removes an alias: it is never served by it",
    Kind.ALIAS: "repair removes the vectors of its confirmed questions, and they are made anew",
    Kind.PAIR: "repair removes both, and the vector is made anew",
    Kind.UNIT: "repair removes the vector, and it is made anew",
    Kind.WIDTH: "repair removes the vector, and it is made anew",
    Kind.FACTS: "repair empties them, and they are made anew with the key",
    Kind.TAGS: "repair takes them from the entry's labels",
    Kind.DOCUMENTS: "repair takes their names from the entry's labels; the editions are lost",
    Kind.TOOL_CALLS: "they cannot be made from anything else: delete the entry, and it is answered anew",
    Kind.TERMS: "repair makes them anew from the question",
    Kind.LABELS: "repair makes them anew from tags and documents",
    Kind.BYTES: "repair weighs the entry anew",
    Kind.LIFE: "repair sets the life to the shorter of what its columns say",
    Kind.REVISION: "repair counts anew",
    Kind.DELETED: "repair strikes it from the log of deletions",
    Kind.USAGE: "repair counts anew",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """An invariant that does not hold: of the entry `entry_id`, or of the store where that is None."""

    kind: Kind
    entry_id: int | None
    text: str

    @property
    def remedy(self) -> str:
        """The way out."""
        return _REMEDIES[self.kind]

    def __str__(self) -> str:
        return self.text if self.entry_id is None else f"entry {self.entry_id}: {self.text}"
