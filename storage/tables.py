"""The schema. SQL is the truth; everything else can be made from it."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

__all__ = ["SCHEMA_VERSION", "entries", "meta", "metadata"]

SCHEMA_VERSION = 1

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
