"""Every invariant that is broken by hand is found, repaired, and the entry still answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from damage import damage_pages_of
from rows import exact_hash, key_hash, new, unit
from sqlalchemy import Connection, Table, insert, select, update

from storage import DocumentRef, Entry, Feedback, Lifetime, Store, ToolCall
from storage.changes import next_revision
from storage.tables import aliases, blocked, deleted, entries, labels, meta, postings, usage
from storage.upkeep.check import check, problems
from storage.upkeep.problem import Kind
from storage.upkeep.repair import repair

Damage = Callable[[Connection, Entry], object]

_SOUND = ("sound", "second")


@pytest.fixture
def broken(store: Store) -> Entry:
    """An entry with everything that one can have, beside two others."""
    for number, question in enumerate(_SOUND):
        store.add(new(question, vector=number))
    entry = store.add(
        new(
            "reset my card", "Call us.", vector=7, tool_calls=(ToolCall("1", "call", "{}"),), bot="b",
            documents=(DocumentRef("faq.md", "d1"), DocumentRef("terms.md", "d2")), lifetime=Lifetime(60.0),
        )
    )  # fmt: skip
    for question, correct in (("card?", True), ("other?", False)):
        judged = Feedback(
            tenant="t", scope="s", entry_id=entry.id, exact_hash=exact_hash(question), key_hash=key_hash(question),
            correct=correct, source="user", question=question,
        )  # fmt: skip
        store.feedback.record(judged, "alias" if correct else "block")
    return entry


def _set(**values: object) -> Damage:
    def damage(connection: Connection, entry: Entry) -> None:
        connection.execute(update(entries).where(entries.c.id == entry.id).values(values))

    return damage


def _put(table: Table, **values: object) -> Damage:
    def damage(connection: Connection, entry: Entry) -> None:
        connection.execute(insert(table).values({"entry_id": entry.id, **values}))

    return damage


def _move(table: Table) -> Damage:
    return lambda connection, entry: connection.execute(update(table).values(scope="moved"))


def _remove(table: Table) -> Damage:
    return lambda connection, entry: connection.execute(table.delete().where(table.c.entry_id == entry.id))


def _share_revision(connection: Connection, entry: Entry) -> None:
    other = select(entries.c.revision).where(entries.c.id == 1).scalar_subquery()
    connection.execute(update(entries).where(entries.c.id == entry.id).values(revision=other))


def _share_with_deletion(connection: Connection, entry: Entry) -> None:
    revision = connection.execute(select(entries.c.revision).where(entries.c.id == entry.id)).scalar_one()
    connection.execute(insert(deleted).values(revision=revision, entry_id=999, scope="s"))


_OF_ENTRY: list[tuple[Kind, str, Damage]] = [
    (Kind.PAIR, "without an embedder", _set(embedder=None)),
    (Kind.PAIR, "without an embedder", _set(vector=None)),
    (Kind.UNIT, "length 0.0", _set(vector=bytes(4))),
    (Kind.UNIT, "length nan", _set(vector=b"\1\2")),
    (Kind.UNIT, "length nan", _set(vector=np.full(16, np.nan, "<f4").tobytes())),
    (Kind.WIDTH, "8 dimensions, and others of 'e' have 16", _set(vector=unit(7, 8).tobytes())),
    (Kind.FACTS, "facts are no JSON", _set(facts="{")),
    (Kind.FACTS, "facts are no JSON", _set(facts='{"numbers": [3]}')),
    (Kind.TAGS, "tags are no JSON", _set(tags="a, b")),
    (Kind.DOCUMENTS, "documents are no JSON", _set(documents='["faq.md"]')),
    (Kind.TERMS, "of its 3 terms are missing: 3", _remove(postings)),
    (Kind.TERMS, "terms that are not of its question: 1", _put(postings, term=7, length=3)),
    (Kind.LABELS, "labels are not those", _remove(labels)),
    (Kind.LABELS, "labels are not those", _put(labels, kind="tag", value="strange")),
    (Kind.BYTES, "said to weigh 5 bytes", _set(bytes=5)),
    (Kind.BYTES, "said to weigh 0 bytes", _set(bytes=0)),
    (Kind.LIFE, "ttl_seconds 60.0", _set(expires=None)),
    (Kind.LIFE, "ttl_seconds None", _set(ttl_seconds=None)),
    (Kind.LIFE, "ttl_seconds -1.0", _set(ttl_seconds=-1.0)),
    (Kind.LIFE, "sliding True", _set(ttl_seconds=None, expires=None, sliding=True)),
    (Kind.LIFE, "expires 9000000.0", _set(expires=9e6)),
    (Kind.DELETED, "in the log of deletions", _put(deleted, revision=0, scope="s")),
    (Kind.REVISION, "shares revision 1 with", _share_revision),
    (Kind.REVISION, "with another change", _share_with_deletion),
    (Kind.SCOPE, "a row of samewise_aliases is of another scope", _move(aliases)),
    (Kind.SCOPE, "a row of samewise_blocked is of another scope", _move(blocked)),
]


@pytest.mark.parametrize(("kind", "words", "damage"), _OF_ENTRY)
def test_what_is_wrong_with_an_entry_is_found_and_repaired(
    store: Store, broken: Entry, kind: Kind, words: str, damage: Damage
) -> None:
    assert list(check(store._database)) == []
    others = [store.exact("s", exact_hash(question)) for question in _SOUND]
    with store._database.write() as connection:
        damage(connection, broken)
    # Another weight or tenant's sum is no problem of its own where it comes from the first.
    found = [problem for problem in check(store._database) if problem.kind is not Kind.USAGE]
    assert [(problem.kind, problem.entry_id) for problem in found] == [(kind, broken.id)]
    assert words in found[0].text
    assert str(found[0]) == f"entry {broken.id}: {found[0].text}"
    assert found[0].remedy
    assert repair(store._database) == ()
    entry = store.exact("s", exact_hash("reset my card"))
    assert entry is not None
    assert (entry.id, entry.answer, entry.tool_calls) == (broken.id, broken.answer, broken.tool_calls)
    assert [store.exact("s", exact_hash(question)) for question in _SOUND] == others


@pytest.mark.parametrize("table", [aliases, blocked, labels, postings])
def test_rows_of_an_entry_that_is_gone_are_found_and_removed(store: Store, broken: Entry, table: Table) -> None:
    values = {"scope": "s", "key_hash": "k", "exact_hash": "x", "question": "q", "normalizer_version": "1",
              "created": 0.0, "kind": "tag", "value": "v", "term": 1, "length": 1, "entry_id": 99,
              "revision": 1, "embedder": None, "vector": None}  # fmt: skip
    with store._database.read() as connection:
        _keep_orphans(connection, True)
        connection.execute(insert(table).values({column.name: values[column.name] for column in table.c}))
        _keep_orphans(connection, False)
    words = f"entry 99: it is gone, and a row of {table.name} is there"
    assert list(problems(store._database)) == [words]
    assert repair(store._database) == ()
    assert store.exact("s", broken.exact_hash) == broken


def _keep_orphans(connection: Connection, keep: bool) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA foreign_keys={'OFF' if keep else 'ON'}")
    else:
        connection.exec_driver_sql(f"SET session_replication_role = {'replica' if keep else 'DEFAULT'}")


def test_usage_that_is_not_the_sum_is_counted_anew(store: Store, broken: Entry) -> None:
    with store._database.write() as connection:
        connection.execute(update(usage).values(entries=5))
        connection.execute(insert(usage).values(tenant="nobody", entries=1, bytes=2))
    found = list(check(store._database))
    assert [problem.kind for problem in found] == [Kind.USAGE, Kind.USAGE]
    assert str(found[0]) == "tenant 'nobody' is said to have 1 entries of 2 bytes, and has 0 of 0"
    assert repair(store._database) == ()
    with store._database.read() as connection:
        rows = connection.execute(select(usage.c.tenant, usage.c.entries)).all()
    assert [tuple(row) for row in rows] == [("t", 3)]


def test_a_count_of_changes_that_is_behind_is_put_right(store: Store, broken: Entry) -> None:
    with store._database.write() as connection:
        connection.execute(update(meta).where(meta.c.name == "revision").values(value=0))
    (found,) = check(store._database)
    assert (found.kind, found.entry_id) == (Kind.REVISION, None)
    assert repair(store._database) == ()
    added = store.add(new("later", vector=3))
    assert store.nearest("s", unit(3), 1, "e")[0].entry == added


def test_a_vector_that_was_removed_is_asked_for_and_made_anew(store: Store, broken: Entry) -> None:
    assert store.nearest("s", unit(7), 1, "e")[0].entry == broken
    with store._database.write() as connection:
        _set(vector=bytes(64))(connection, broken)
    assert repair(store._database) == ()
    assert [one.id for one in store.without_vector("s", "e", 5)] == [broken.id]
    assert broken.id not in [one.entry.id for one in store.nearest("s", unit(7), 3, "e")]
    store.set_vectors([broken.id], unit(7)[None], "e")
    assert store.nearest("s", unit(7), 1, "e")[0].entry.id == broken.id
    assert list(check(store._database)) == []


def test_facts_that_were_emptied_are_asked_for_again(store: Store, broken: Entry) -> None:
    with store._database.write() as connection:
        _set(facts="")(connection, broken)
    assert repair(store._database) == ()
    assert [one.id for one in store.outdated("1", 5)] == [broken.id]


def test_tags_and_documents_come_back_from_the_labels(store: Store, broken: Entry) -> None:
    with store._database.write() as connection:
        _set(tags="?", documents="?")(connection, broken)
    assert repair(store._database) == ()
    entry = store.get(broken.id)
    assert entry is not None
    assert entry.tags == broken.tags
    assert entry.documents == (DocumentRef("faq.md"), DocumentRef("terms.md"))


def test_a_blocked_pair_of_another_scope_stays_blocked_and_an_alias_goes(store: Store, broken: Entry) -> None:
    with store._database.write() as connection:
        _move(blocked)(connection, broken)
        _move(aliases)(connection, broken)
    assert repair(store._database) == ()
    assert store.feedback.blocked([broken.id], key_hash("other?"), exact_hash("other?")) == {broken.id}
    assert store.feedback.aliases(broken.id) == ()


def test_an_entry_that_the_log_calls_deleted_is_found_by_its_vector_again(store: Store, broken: Entry) -> None:
    assert store.nearest("s", unit(7), 1, "e")[0].entry == broken
    with store._database.write() as connection:
        _put(deleted, revision=next_revision(connection), scope="s")(connection, broken)
    assert store.nearest("s", unit(7), 1, "e")[0].entry != broken
    assert repair(store._database) == ()
    assert store.nearest("s", unit(7), 1, "e")[0].entry == broken


def test_tool_calls_that_cannot_be_read_stay_listed_with_the_way_out(store: Store, broken: Entry) -> None:
    with store._database.write() as connection:
        _set(tool_calls="[", bytes=1)(connection, broken)
    (left,) = [problem for problem in repair(store._database) if problem.kind is not Kind.USAGE]
    assert (left.kind, left.entry_id) == (Kind.TOOL_CALLS, broken.id)
    assert "delete the entry" in left.remedy
    store.delete(broken.id)
    assert repair(store._database) == ()


def test_many_problems_at_once_are_all_repaired(store: Store) -> None:
    store.add_many([new(f"question {number}", vector=number) for number in range(1201)])
    with store._database.write() as connection:
        connection.execute(update(entries).where(entries.c.id % 2 == 0).values(vector=bytes(64)))
        connection.execute(update(entries).where(entries.c.id % 3 == 0).values(facts="?"))
        connection.execute(postings.delete().where(postings.c.entry_id % 5 == 0))
    kinds = [problem.kind for problem in check(store._database)]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {Kind.UNIT: 600, Kind.FACTS: 400, Kind.TERMS: 240}
    assert repair(store._database) == ()
    assert store.count() == 1201


def test_what_is_wrong_with_an_index_of_the_file_is_repaired(path: Path) -> None:
    url = f"sqlite:///{path}"
    with Store.open(url) as store:
        store.add(new("a"))
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA writable_schema=ON")
        row = other.execute("SELECT * FROM sqlite_master WHERE name = 'samewise_by_bot'").fetchone()
        other.execute("DELETE FROM sqlite_master WHERE name = 'samewise_by_bot'")
        other.commit()
    with Store.open(url) as store:
        kept = store.add(new("b", vector=1))
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA writable_schema=ON")
        other.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
        other.commit()
    with Store.open(url) as store:
        assert {problem.kind for problem in check(store._database)} == {Kind.INDEX_PAGES}
        assert repair(store._database) == ()
        assert store.exact("s", exact_hash("b")) == kept


def test_damaged_pages_are_listed_and_nothing_is_touched(path: Path) -> None:
    with Store.open(f"sqlite:///{path}") as store:
        store.add_many([new(f"q{number}", vector=number) for number in range(300)])
    assert damage_pages_of(path, ["q100", "q200"]) == 2
    before = path.read_bytes()
    with Store.open(f"sqlite:///{path}") as store:
        for found in (repair(store._database), tuple(check(store._database))):
            assert any(problem.kind is Kind.PAGES and "salvage" in problem.remedy for problem in found)
    assert path.read_bytes() == before
