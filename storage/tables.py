"""The schema. SQL is the truth; everything else can be made from it. `storage.migrations` makes the tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
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
    false,
)

__all__ = [
    "SCHEMA_VERSION",
    "aliases",
    "blocked",
    "calibrations",
    "deleted",
    "entries",
    "events",
    "feedback",
    "labels",
    "meta",
    "metadata",
    "postings",
    "tallies",
    "usage",
]

SCHEMA_VERSION = 4
"""1: entries alone. 2: feedback, aliases, blocked pairs, events and terms beside them. 3: the life of an entry (expiry,
cost, size, documents, labels), what was deleted, what each tenant uses, calibrations. 4: sums of old judgements,
vectors of aliases, how many hits by meaning a tenant had."""

metadata = MetaData()

# SQLite numbers the rows itself only where the column is called INTEGER, and that holds 64 bits there.
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

meta = Table(
    "samewise_meta", metadata, Column("name", String, primary_key=True), Column("value", _NUMBER, nullable=False)
)
"""`schema`: version of these tables. `revision`: counts changes, so that an index knows what it has not seen yet."""

entries = Table(
    "samewise_entries",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("revision", _NUMBER, nullable=False),
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
    Column("hits", _NUMBER, nullable=False),
    Column("vector", LargeBinary),
    Column("tool_calls", Text),
    Column("documents", Text, nullable=False, server_default="[]"),
    Column("bot", String, nullable=False, server_default=""),
    Column("answered", Float, nullable=False, server_default="0"),
    Column("generation_ms", Float, nullable=False, server_default="0"),
    Column("bytes", BigInteger, nullable=False, server_default="0"),
    Column("expires", Float),
    Column("ttl_seconds", Float),
    Column("sliding", Boolean, nullable=False, server_default=false()),
    # The revision in which the question was first stored: whoever has seen that one knows the entry.
    Column("added", _NUMBER, nullable=False, server_default="0"),
    UniqueConstraint("scope", "exact_hash"),
    # An id is never given twice: an index that still holds a deleted one cannot mistake another entry for it.
    sqlite_autoincrement=True,
)
Index("samewise_by_key", entries.c.scope, entries.c.key_hash)
Index("samewise_by_revision", entries.c.scope, entries.c.embedder, entries.c.revision)
Index("samewise_by_normalizer", entries.c.normalizer_version)
Index("samewise_by_change", entries.c.revision)
Index("samewise_by_tenant", entries.c.tenant)
Index("samewise_by_bot", entries.c.bot)
Index("samewise_by_expiry", entries.c.expires)

labels = Table(
    "samewise_labels",
    metadata,
    Column("kind", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("entry_id", ForeignKey(entries.c.id, ondelete="CASCADE"), primary_key=True),
    sqlite_with_rowid=False,
)
"""Tags and documents of entries, to find the entries by: `kind` is `tag` or `document`."""
Index("samewise_labels_by_entry", labels.c.entry_id)

usage = Table(
    "samewise_usage",
    metadata,
    Column("tenant", String, primary_key=True),
    Column("entries", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)
"""How many entries a tenant has and what they weigh, kept by triggers."""

deleted = Table(
    "samewise_deleted",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", _NUMBER, nullable=False),
    Column("scope", String, nullable=False),
)
"""The newest deletions, written by a trigger: an index that has seen a revision drops what was deleted since. Who is
further behind than the oldest of them compares everything."""

calibrations = Table(
    "samewise_calibrations",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("at", Float, nullable=False),
    Column("name", String, nullable=False),
    Column("body", Text),
    Column("note", Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
"""Decision rules fitted on labelled pairs; the last of a name holds, and one without a body takes the former back."""
Index("samewise_calibrations_by_name", calibrations.c.name, calibrations.c.id)

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
    Column("id", _NUMBER, primary_key=True),
    Column("at", Float, nullable=False),
    Column("tenant", String, nullable=False),
    Column("scope", String, nullable=False),
    # No foreign key: what was learned about a deleted entry still tells how often hits were wrong.
    Column("entry_id", _NUMBER, nullable=False),
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
    Column("number", Integer, nullable=False, server_default="1"),
    sqlite_autoincrement=True,
)
"""`served` is the source of the hit that was judged. `current` holds of the last judgement of a question and an entry,
as long as the entry has the answer that was judged. A row without hashes is a sum of `number` older judgements of its
entry; see `storage.feedback_sums`."""
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
    Column("revision", _NUMBER, nullable=False, server_default="0"),
    Column("embedder", String),
    Column("vector", LargeBinary),
)
"""Asked questions that were confirmed to have an entry's answer; `scope` is the entry's. `revision` is of the last
change; a vector is made anew where it is missing."""
Index("samewise_aliases_by_entry", aliases.c.entry_id)
Index("samewise_aliases_by_revision", aliases.c.scope, aliases.c.revision)

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
    Column("id", _NUMBER, primary_key=True),
    Column("at", Float, nullable=False),
    Column("tenant", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("question", Text),
    Column("exact_hash", String, nullable=False),
    Column("key_hash", String, nullable=False),
    Column("entry_id", _NUMBER),
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

tallies = Table(
    "samewise_tallies",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("tenant", String, nullable=False),
    Column("since", Float, nullable=False),
    Column("hits", Integer, nullable=False),
    sqlite_autoincrement=True,
)
"""A tenant's newest hits by meaning, a few hundred a row, each with the time of its first. They stay when decisions are
dropped."""
Index("samewise_tallies_by_tenant", tallies.c.tenant, tallies.c.id)
