"""The schema. SQL is the truth; everything else can be made from it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)

__all__ = ["SCHEMA_VERSION", "aliases", "blocked", "entries", "events", "feedback", "meta", "metadata", "postings"]

SCHEMA_VERSION = 2
"""1: entries alone. 2: feedback, aliases, blocked pairs, events and terms beside them."""

metadata = MetaData()

meta = Table(
    "samewise_meta", metadata, Column("name", String, primary_key=True), Column("value", Integer, nullable=False)
)
"""`schema`: version of these tables. `revision`: counts changes, so that an index knows what it has not seen yet."""

entries = Table(
    "samewise_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("tenant", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("question", Text, nullable=False),
    Column("exact_hash", String, nullable=False),
    Column("key", Text, nullable=False),
    Column("key_hash", String, nullable=False),
    Column("language", String, nullable=False),
    Column("facts", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("finish_reason", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("tags", Text, nullable=False),
    Column("model", String, nullable=False),
    Column("embedder", String),
    Column("normalizer_version", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("last_used", Float, nullable=False),
    Column("hits", Integer, nullable=False),
    Column("vector", LargeBinary),
    UniqueConstraint("scope", "exact_hash"),
    # An id is never given twice: an index that still holds a deleted one cannot mistake another entry for it.
    sqlite_autoincrement=True,
)
Index("samewise_by_key", entries.c.scope, entries.c.key_hash)
Index("samewise_by_revision", entries.c.scope, entries.c.embedder, entries.c.revision)
Index("samewise_by_normalizer", entries.c.normalizer_version)

postings = Table(
    "samewise_postings",
    metadata,
    Column("term", BigInteger, primary_key=True),
    Column("entry_id", ForeignKey(entries.c.id, ondelete="CASCADE"), primary_key=True),
    Column("length", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Which entries have a term; `length` is how many terms the entry has. `term` is a number of term and scope together,
so that a search never meets another scope's rows. They are made by `storage.terms`: when that makes others, the schema
gets a new version."""
Index("samewise_postings_by_entry", postings.c.entry_id)

feedback = Table(
    "samewise_feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("tenant", String, nullable=False),
    Column("scope", String, nullable=False),
    # No foreign key: what was learned about a deleted entry still tells how often hits were wrong.
    Column("entry_id", Integer, nullable=False),
    Column("question", Text),
    Column("exact_hash", String, nullable=False),
    Column("key_hash", String, nullable=False),
    Column("served", String),
    Column("similarity", Float),
    Column("probability", Float),
    Column("correct", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("source", String, nullable=False),
    Column("current", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
"""`served` is the source of the hit that was judged. `current` holds of the last judgement of a question and an entry,
as long as the entry has the answer that was judged."""
Index("samewise_feedback_by_entry", feedback.c.entry_id, feedback.c.current, feedback.c.correct)
Index("samewise_feedback_by_tenant", feedback.c.tenant, feedback.c.source, feedback.c.served, feedback.c.id)

aliases = Table(
    "samewise_aliases",
    metadata,
    Column("scope", String, primary_key=True),
    Column("key_hash", String, primary_key=True),
    Column("entry_id", ForeignKey(entries.c.id, ondelete="CASCADE"), nullable=False),
    Column("question", Text, nullable=False),
    Column("exact_hash", String, nullable=False),
    Column("normalizer_version", String, nullable=False),
    Column("created", Float, nullable=False),
)
"""Asked questions that were confirmed to have an entry's answer; `scope` is the entry's."""
Index("samewise_aliases_by_entry", aliases.c.entry_id)

blocked = Table(
    "samewise_blocked",
    metadata,
    Column("entry_id", ForeignKey(entries.c.id, ondelete="CASCADE"), primary_key=True),
    Column("exact_hash", String, primary_key=True),
    Column("key_hash", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("question", Text, nullable=False),
    Column("normalizer_version", String, nullable=False),
    Column("created", Float, nullable=False),
    sqlite_with_rowid=False,
)
"""Asked questions that an entry's answer was wrong for; `scope` is the entry's."""

events = Table(
    "samewise_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("tenant", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("question", Text),
    Column("exact_hash", String, nullable=False),
    Column("key_hash", String, nullable=False),
    Column("entry_id", Integer),
    Column("source", String, nullable=False),
    Column("similarity", Float),
    Column("probability", Float),
    Column("veto", Text),
    Column("milliseconds", Float, nullable=False),
    sqlite_autoincrement=True,
)
"""Decisions, the newest of them: `source` is that of the hit, or `miss`, with its best candidate where it had one."""
Index("samewise_events_by_entry", events.c.entry_id, events.c.source)
Index("samewise_events_by_tenant", events.c.tenant, events.c.source)


@event.listens_for(metadata, "after_create")
def _make_trigger(_: MetaData, connection: Connection, **__: Any) -> None:
    # With another answer the entry's own question may be served again. Other questions stay blocked: that they are not
    # the entry's does not change with its answer.
    connection.exec_driver_sql(
        "CREATE TRIGGER IF NOT EXISTS samewise_answer_changed AFTER UPDATE OF answer ON samewise_entries "
        "WHEN old.answer <> new.answer BEGIN "
        "DELETE FROM samewise_blocked WHERE entry_id = new.id "
        "AND (exact_hash = new.exact_hash OR key_hash = new.key_hash); "
        "UPDATE samewise_feedback SET current = 0 WHERE entry_id = new.id AND current; END"
    )
