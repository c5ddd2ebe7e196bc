"""What can be wrong with the vectors of aliases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from sqlalchemy import Connection, exists, or_, select

from storage.rows import is_unit, vector_of
from storage.tables import aliases, entries
from storage.upkeep.problem import Kind, Problem
from storage.upkeep.row_problems import vector_widths
from storage.upkeep.snapshot import in_batches

__all__ = ["alias_problems"]


def alias_problems(connection: Connection) -> Iterator[Problem]:
    """Entries with an alias whose vector cannot be compared: it has no embedder or none has it, it is no unit vector,
    or those of its embedder's entries are of another width."""
    widths = vector_widths(connection)
    there = or_(aliases.c.vector.is_not(None), aliases.c.embedder.is_not(None))
    having = select(entries.c.id).where(exists().where(aliases.c.entry_id == entries.c.id, there))
    vectors = select(aliases.c.entry_id, aliases.c.embedder, aliases.c.vector).where(there)
    for batch in in_batches(connection, having, entries.c.id):
        near = vectors.where(aliases.c.entry_id.between(batch[0].id, batch[-1].id))
        damaged = {one for one, *of in connection.execute(near) if _is_damaged(of[0], of[1], widths)}
        for one in sorted(damaged):
            yield Problem(Kind.ALIAS, one, "the vector of a question that was confirmed for it is damaged")


def _is_damaged(embedder: str | None, vector: bytes | None, widths: Mapping[str, int]) -> bool:
    if embedder is None or vector is None or len(vector) % 4 or len(vector) != widths.get(embedder, len(vector)):
        return True
    return not is_unit(float(np.linalg.norm(vector_of(vector))))
