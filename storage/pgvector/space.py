"""What the vectors of one index have in common, and the statements over them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from storage.rows import ENTRY_COLUMNS

__all__ = ["Space"]

_WIDEST = 4000
"""The most dimensions that pgvector's index takes; wider vectors are compared one by one."""


@dataclass(frozen=True, slots=True)
class Space:
    """Vectors of one embedder and width. They are in one index, whatever their scope."""

    embedder: str
    dimensions: int

    @property
    def name(self) -> str:
        """The name of the index."""
        named = f"{self.dimensions} {self.embedder}".encode("utf-8", "surrogatepass")
        return f"samewise_vectors_{hashlib.blake2b(named, digest_size=8).hexdigest()}"

    @property
    def condition(self) -> str:
        """Which rows are in it. Literals, because the server takes a partial index for those alone."""
        return f"space = '{self.name}'"

    @property
    def index(self) -> str | None:
        """The statement that makes the index; None where a vector is too wide for one.

        It holds halves of numbers: half the memory, and two thirds of the time to add to it. They say which vectors are
        the nearest; how near, the whole ones say.
        """
        if self.dimensions > _WIDEST:
            return None
        return (
            f"CREATE INDEX IF NOT EXISTS {self.name} ON samewise_vectors "
            f"USING hnsw (({self._half}) halfvec_cosine_ops) WHERE {self.condition}"
        )

    @property
    def nearest(self) -> str:
        """Entries and cosines of the nearest of a scope, through the index: %(vector)s, %(scope)s, %(k)s."""
        if self.index is None:
            return self.exact
        asked = f"%(vector)s::vector::halfvec({self.dimensions})"
        return _with_entries(f"{self._near} ORDER BY {self._half} <=> {asked} LIMIT %(k)s")

    @property
    def exact(self) -> str:
        """The same by comparing with every vector of the scope."""
        return _with_entries(self._near) + " LIMIT %(k)s"

    @property
    def among(self) -> str:
        """The same for those of some ids: %(vector)s, %(scope)s, %(ids)s."""
        return _with_entries(f"{self._near} AND entry_id = ANY(%(ids)s::bigint[])")

    @property
    def _near(self) -> str:
        return (
            "SELECT entry_id, 1 - (vector <=> %(vector)s::vector) AS near FROM samewise_vectors "
            f"WHERE {self.condition} AND scope = %(scope)s"
        )

    @property
    def _half(self) -> str:
        return f"vector::halfvec({self.dimensions})"


def _with_entries(found: str) -> str:
    """With the entries as they are in the same moment: a vector never comes with another answer than its own."""
    columns = ", ".join(f'entry."{column.name}"' for column in ENTRY_COLUMNS)
    return (
        f"SELECT {columns}, found.near FROM ({found}) AS found JOIN samewise_entries AS entry "
        # The scope is asked again: whatever the index says, no entry of another scope leaves here.
        "ON entry.id = found.entry_id AND entry.scope = %(scope)s "
        "WHERE entry.expires IS NULL OR entry.expires > %(now)s ORDER BY found.near DESC, entry.id"
    )
