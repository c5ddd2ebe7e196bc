"""The lines of a file into a store that may have the same entries already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, update

from storage.bulk import insert_rows
from storage.changes import intruder, next_revision, write_vectors
from storage.entry import DocumentRef, Lifetime, NewEntry, ToolCall
from storage.labels import label
from storage.postings import post
from storage.rows import values_of
from storage.tables import entries
from storage.upkeep.lines import EntryLine, WrongLineError

__all__ = ["EntryMerge", "Landed", "by_scope"]

_OF_NEW_ENTRY = tuple(name for name in NewEntry.__slots__ if name in EntryLine.model_fields)
_TIMES = ("created", "last_used", "answered", "hits", "expires")
_KNOWN_NAMES = "id tenant scope exact_hash key_hash answer created last_used answered hits"
_KNOWN = tuple(entries.c[name] for name in _KNOWN_NAMES.split())


@dataclass(frozen=True, slots=True)
class Landed:
    """Where an entry of the file is now. `same_answer`: the store's entry has the answer of the file."""

    id: int
    scope: str
    exact_hash: str
    key_hash: str
    same_answer: bool


@dataclass(slots=True)
class EntryMerge:
    """Entries by scope and words. Of two with the same the one that was answered later stays, with the uses of both.

    An entry of the same time stays as it is: importing a file twice changes nothing.
    """

    connection: Connection
    added: int = 0
    replaced: int = 0
    kept: int = 0
    tenants: set[str] = field(default_factory=set)
    """Of the entries of the file."""
    landed: dict[int, Landed] = field(default_factory=dict)
    """By the entry's id in the file."""

    def put(self, lines: Sequence[EntryLine]) -> None:
        """Merge entries, no two with the same words in the same scope.

        Raises:
            WrongLineError: An id that was given before, or the scope of another tenant.
        """
        known = self._known(lines)
        ids: set[int] = set()
        for line in lines:
            if line.id in self.landed or line.id in ids:
                raise WrongLineError(line, f"id: {line.id} is that of an entry above")
            ids.add(line.id)
        if found := intruder(self.connection, [(line.scope, line.tenant) for line in lines]):
            place, owner = found
            line = lines[place]
            raise WrongLineError(line, f"tenant: the scope is of {owner!r:.80}, and it is {line.tenant!r:.80}")
        new = [line for line in lines if _key(line) not in known]
        newer = [line for line in lines if _key(line) in known and line.answered > known[_key(line)].answered]
        self._insert(new)
        self._replace(newer, known)
        self._keep([line for line in lines if _key(line) in known], known)
        self.tenants |= {line.tenant for line in lines}
        self.added += len(new)
        self.replaced += len(newer)
        self.kept += len(lines) - len(new) - len(newer)
        written = self._known([*new, *newer])
        post(self.connection, [row.id for row in written.values()])
        label(self.connection, [row.id for row in written.values()])
        write_vectors(self.connection, [row.id for row in written.values()])
        now = {**known, **written}
        for line in lines:
            row = now[_key(line)]
            same = row.answer == line.answer
            self.landed[line.id] = Landed(row.id, row.scope, row.exact_hash, row.key_hash, same)

    def _known(self, lines: Sequence[EntryLine]) -> dict[tuple[str, str], Any]:
        found: dict[tuple[str, str], Any] = {}
        for scope, hashes in by_scope(map(_key, lines)).items():
            same = select(*_KNOWN).where(entries.c.scope == scope, entries.c.exact_hash.in_(hashes))
            found |= {(row.scope, row.exact_hash): row for row in self.connection.execute(same)}
        return found

    def _insert(self, lines: Sequence[EntryLine]) -> None:
        if lines:
            last = next_revision(self.connection, len(lines))
            revisions = range(last - len(lines) + 1, last + 1)
            rows = [
                {**_columns(line), "revision": revision, "added": revision}
                for line, revision in zip(lines, revisions, strict=True)
            ]
            insert_rows(self.connection, entries, rows)

    def _replace(self, lines: Sequence[EntryLine], known: dict[tuple[str, str], Any]) -> None:
        for line in lines:
            change = {**_columns(line), "revision": next_revision(self.connection)}
            same = entries.c.id == known[_key(line)].id
            self.connection.execute(update(entries).where(same).values(change))

    def _keep(self, lines: Sequence[EntryLine], known: dict[tuple[str, str], Any]) -> None:
        """Give those that are on both sides the uses of both: the larger number, for the same may be in both."""
        for line in lines:
            row = known[_key(line)]
            uses = {
                "hits": max(row.hits, line.hits),
                "created": min(row.created, line.created),
                "last_used": max(row.last_used, line.last_used),
            }
            self.connection.execute(update(entries).where(entries.c.id == row.id).values(uses))


def by_scope(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Pairs of a scope and something in it, by scope: asked for as pairs, SQLite would walk through the whole table."""
    found = defaultdict[str, list[str]](list)
    for scope, one in pairs:
        found[scope].append(one)
    return found


def _key(line: EntryLine) -> tuple[str, str]:
    return line.scope, line.exact_hash


def _columns(line: EntryLine) -> dict[str, Any]:
    """The columns of an entry, but for id and revision."""
    values: dict[str, Any] = {name: getattr(line, name) for name in _OF_NEW_ENTRY}
    values |= {
        "vector": line.vector_values(),
        "tags": frozenset(line.tags),
        "tool_calls": tuple(ToolCall(*one) for one in line.tool_calls),
        "documents": tuple(DocumentRef(*one) for one in line.documents),
        "lifetime": None if line.ttl_seconds is None else Lifetime(line.ttl_seconds, line.sliding),
    }
    return {**values_of(NewEntry(**values)), **{name: getattr(line, name) for name in _TIMES}}
