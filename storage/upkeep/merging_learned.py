"""What was learned of entries, out of a file, into a store that may have learned other things of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from storage.bulk import insert_rows
from storage.feedback_sums import NOT_A_SUM
from storage.sql import one_of
from storage.tables import aliases, blocked, calibrations, feedback
from storage.upkeep.lines import AliasLine, BlockedLine, CalibrationLine, FeedbackLine, Line, WrongLineError
from storage.upkeep.merging import Landed, by_scope

__all__ = ["LearnedMerge"]

_Place = tuple[str, str]
"""Scope and key hash of an alias."""

_SAME = ("tenant", "entry_id", "exact_hash", "at", "source", "correct", "note")
"""A judgement that agrees with another in these is the same one."""

_OF_SUM = ("entry_id", "source", "correct")


class LearnedMerge:
    """Aliases, blocked pairs, judgements and calibrations.

    Args:
        connection: Inside a transaction.
        landed: Where the entries of the file are, by their id in it; it may grow between calls.
    """

    def __init__(self, connection: Connection, landed: Mapping[int, Landed]) -> None:
        self._connection = connection
        self._landed = landed
        self._newest = connection.execute(select(func.max(feedback.c.id))).scalar() or 0
        self._names = set(connection.execute(select(calibrations.c.name).distinct()).scalars())
        self._again: Counter[tuple[Any, ...]] = Counter()
        self._summed_until: dict[tuple[Any, ...], float] = {}
        """Of sums that the file made larger: the time of their last judgement before that."""
        self.taken: Counter[str] = Counter()
        """How many lines of each kind were written."""
        self.already = 0

    def put(self, lines: Sequence[Line]) -> None:
        """Merge lines of any kind but entries. Raises WrongLineError where one speaks of an entry that was not told."""
        writers: dict[type, Callable[[Sequence[Any]], int]] = {
            BlockedLine: self._put_blocked,
            AliasLine: self._put_aliases,
            FeedbackLine: self._put_feedback,
            CalibrationLine: self._put_calibrations,
        }
        for kind, write in writers.items():
            given = [line for line in lines if isinstance(line, kind)]
            if given:
                written = write(given)
                self.taken[given[0].kind] += written
                self.already += len(given) - written

    def _entry(self, line: AliasLine | BlockedLine) -> Landed:
        if line.entry_id not in self._landed:
            raise WrongLineError(line, f"entry_id: {line.entry_id} is the id of no entry above")
        return self._landed[line.entry_id]

    def _put_aliases(self, lines: Sequence[AliasLine]) -> int:
        rows: dict[_Place, dict[str, Any]] = {}
        for line in lines:
            row = {**_pair(line), "entry_id": self._entry(line).id, "scope": self._entry(line).scope}
            before = rows.get((row["scope"], line.key_hash))
            if before is None or before["created"] < line.created:
                rows[row["scope"], line.key_hash] = row
        younger: list[dict[str, Any]] = []
        rows = self._not_blocked(rows)
        for scope, hashes in by_scope(rows).items():
            same = (aliases.c.scope == scope, aliases.c.key_hash.in_(hashes))
            found = self._connection.execute(select(aliases.c.key_hash, aliases.c.created).where(*same))
            known = {row.key_hash: row.created for row in found}
            taken = [one for one in hashes if one not in known or known[one] < rows[scope, one]["created"]]
            self._connection.execute(delete(aliases).where(aliases.c.scope == scope, aliases.c.key_hash.in_(taken)))
            younger += [rows[scope, one] for one in taken]
        insert_rows(self._connection, aliases, younger)
        return len(younger)

    def _not_blocked(self, rows: Mapping[_Place, dict[str, Any]]) -> dict[_Place, dict[str, Any]]:
        columns = (blocked.c.entry_id, blocked.c.exact_hash, blocked.c.key_hash)
        wanted = select(*columns).where(one_of(blocked.c.entry_id, "ids"))
        found = self._connection.execute(wanted, {"ids": sorted({row["entry_id"] for row in rows.values()})}).all()
        words, keys = {row[:2] for row in found}, {(row.entry_id, row.key_hash) for row in found}
        return {
            place: row
            for place, row in rows.items()
            if (row["entry_id"], row["exact_hash"]) not in words and (row["entry_id"], row["key_hash"]) not in keys
        }

    def _put_blocked(self, lines: Sequence[BlockedLine]) -> int:
        rows: dict[tuple[int, str], dict[str, Any]] = {}
        for line in lines:
            entry = self._entry(line)
            own = line.exact_hash == entry.exact_hash or line.key_hash == entry.key_hash
            # Of its own question only the answer of the file was found wrong. Other questions are not the entry's.
            if entry.same_answer or not own:
                rows[entry.id, line.exact_hash] = {**_pair(line), "entry_id": entry.id, "scope": entry.scope}
        known = select(blocked.c.entry_id, blocked.c.exact_hash).where(one_of(blocked.c.entry_id, "ids"))
        for row in self._connection.execute(known, {"ids": [one for one, _ in rows]}).all():
            rows.pop((row.entry_id, row.exact_hash), None)
        insert_rows(self._connection, blocked, list(rows.values()))
        return len(rows)

    def _put_feedback(self, lines: Sequence[FeedbackLine]) -> int:
        judged = [self._judgement(line) for line in lines]
        return self._put_judged([row for row in judged if row["exact_hash"]]) + self._put_sums(
            [row for row in judged if not row["exact_hash"] and row["current"]]
        )

    def _put_sums(self, rows: Sequence[dict[str, Any]]) -> int:
        """Of two sums the larger one holds: added up, a file that is read twice would count twice."""
        written = 0
        for row in rows:
            same = [feedback.c[name] == row[name] for name in ("entry_id", "exact_hash", "source", "correct")]
            there = select(feedback.c.id, feedback.c.number, feedback.c.at).where(*same, feedback.c.current)
            known = self._connection.execute(there).first()
            if known is None:
                insert_rows(self._connection, feedback, [row])
            elif known.number < row["number"]:
                if known.id <= self._newest:
                    self._summed_until.setdefault(tuple(row[name] for name in _OF_SUM), known.at)
                change = update(feedback).where(feedback.c.id == known.id)
                self._connection.execute(change.values(number=row["number"], at=row["at"]))
            written += known is None or known.number < row["number"]
        return written

    def _put_judged(self, rows: Sequence[dict[str, Any]]) -> int:
        ids = sorted({row["entry_id"] for row in rows})
        before, is_summed = self._judged(ids), self._summed(ids)
        new = []
        for row in rows:
            same = tuple(row[name] for name in _SAME)
            if same in before:
                self._again[same] += 1
            # As often as it was here, it is known.
            if (same not in before or self._again[same] > before[same]) and not is_summed(row):
                new.append(row)
        if new:
            insert_rows(self._connection, feedback, new)
            self._keep_one_current(ids)
        return len(new)

    def _judgement(self, line: FeedbackLine) -> dict[str, Any]:
        entry = self._landed.get(line.entry_id)
        values = line.model_dump(exclude={"kind"})
        values["entry_id"] = -abs(line.entry_id) if entry is None else entry.id
        values["current"] = line.current and entry is not None and entry.same_answer
        return values

    def _judged(self, ids: Sequence[int]) -> Counter[tuple[Any, ...]]:
        wanted = select(*(feedback.c[name] for name in _SAME)).where(one_of(feedback.c.entry_id, "ids"))
        rows = self._connection.execute(wanted.where(feedback.c.id <= self._newest), {"ids": ids})
        return Counter(tuple(row) for row in rows)

    def _summed(self, ids: Sequence[int]) -> Callable[[Mapping[str, Any]], bool]:
        """Whether a judgement is taken as one of a sum that was here: no later than the last of it, and such as become
        part of one. Which questions a sum is of is forgotten."""
        columns = (*(feedback.c[name] for name in _OF_SUM), feedback.c.at)
        sums = select(*columns).where(one_of(feedback.c.entry_id, "ids"), ~NOT_A_SUM, feedback.c.current)
        here = self._connection.execute(sums.where(feedback.c.id <= self._newest), {"ids": ids})
        until = {tuple(of): at for *of, at in here} | self._summed_until
        kept: set[tuple[Any, ...]] = set()
        for table in (aliases, blocked) if until else ():
            pairs = select(table.c.entry_id, table.c.exact_hash).where(one_of(table.c.entry_id, "ids"))
            kept.update(tuple(pair) for pair in self._connection.execute(pairs, {"ids": ids}))

        def is_summed(row: Mapping[str, Any]) -> bool:
            last = until.get(tuple(row[name] for name in _OF_SUM))
            pair = row["entry_id"], row["exact_hash"]
            return bool(row["current"]) and last is not None and row["at"] <= last and pair not in kept

        return is_summed

    def _keep_one_current(self, ids: Sequence[int]) -> None:
        """Of the judgements of a question and an entry one counts: a person's before a check's, then the last."""
        columns = (feedback.c.entry_id, feedback.c.exact_hash, feedback.c.source, feedback.c.at, feedback.c.id)
        wanted = select(*columns).where(one_of(feedback.c.entry_id, "ids"), feedback.c.current, NOT_A_SUM)
        pairs = defaultdict[tuple[int, str], list[tuple[bool, float, int]]](list)
        for row in self._connection.execute(wanted, {"ids": ids}):
            pairs[row.entry_id, row.exact_hash].append((row.source == "user", row.at, row.id))
        former = [one for judged in pairs.values() for _, _, one in sorted(judged)[:-1]]
        change = update(feedback).where(one_of(feedback.c.id, "former")).values(current=False)
        self._connection.execute(change, {"former": former})

    def _put_calibrations(self, lines: Sequence[CalibrationLine]) -> int:
        # Two histories of one rule cannot be told in one: the one that is here holds.
        rows = [line.model_dump(exclude={"kind"}) for line in lines if line.name not in self._names]
        insert_rows(self._connection, calibrations, rows)
        return len(rows)


def _pair(line: AliasLine | BlockedLine) -> dict[str, Any]:
    return line.model_dump(exclude={"kind", "entry_id"})
