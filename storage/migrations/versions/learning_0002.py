"""Version 2: what is learned in use, and the terms of entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.terms import term_number, terms

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BATCH = 500


def upgrade() -> None:
    """Make the tables, and write the terms of every entry that is there."""
    _make_postings()
    _make_judgements()
    _make_pairs()
    _make_events()
    _write_terms(op.get_bind())
    op.execute("UPDATE samewise_meta SET value = 2 WHERE name = 'schema'")


def _entry(*, part_of_key: bool = False) -> sa.Column[int]:
    owner = sa.ForeignKey("samewise_entries.id", ondelete="CASCADE")
    return sa.Column("entry_id", _NUMBER, owner, primary_key=part_of_key, nullable=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _make_postings() -> None:
    op.create_table(
        "samewise_postings",
        sa.Column("term", sa.BigInteger(), primary_key=True),
        _entry(part_of_key=True),
        sa.Column("length", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("samewise_postings_by_entry", "samewise_postings", ["entry_id"])


def _make_judgements() -> None:
    op.create_table(
        "samewise_feedback",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("at", sa.Float(), nullable=False),
        *_texts("tenant", "scope"),
        sa.Column("entry_id", _NUMBER, nullable=False),
        sa.Column("question", sa.Text()),
        *_texts("exact_hash", "key_hash"),
        sa.Column("served", sa.String()),
        sa.Column("similarity", sa.Float()),
        sa.Column("probability", sa.Float()),
        sa.Column("correct", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        *_texts("source"),
        sa.Column("current", sa.Boolean(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("samewise_feedback_by_entry", "samewise_feedback", ["entry_id", "current", "correct"])
    op.create_index("samewise_feedback_by_tenant", "samewise_feedback", ["tenant", "source", "served", "id"])


def _make_pairs() -> None:
    op.create_table(
        "samewise_aliases",
        sa.Column("scope", sa.String(), primary_key=True),
        sa.Column("key_hash", sa.String(), primary_key=True),
        _entry(),
        sa.Column("question", sa.Text(), nullable=False),
        *_texts("exact_hash", "normalizer_version"),
        sa.Column("created", sa.Float(), nullable=False),
    )
    op.create_index("samewise_aliases_by_entry", "samewise_aliases", ["entry_id"])
    op.create_table(
        "samewise_blocked",
        _entry(part_of_key=True),
        sa.Column("exact_hash", sa.String(), primary_key=True),
        *_texts("key_hash", "scope"),
        sa.Column("question", sa.Text(), nullable=False),
        *_texts("normalizer_version"),
        sa.Column("created", sa.Float(), nullable=False),
        sqlite_with_rowid=False,
    )


def _make_events() -> None:
    op.create_table(
        "samewise_events",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("at", sa.Float(), nullable=False),
        *_texts("tenant", "scope"),
        sa.Column("question", sa.Text()),
        *_texts("exact_hash", "key_hash"),
        sa.Column("entry_id", _NUMBER),
        *_texts("source"),
        sa.Column("similarity", sa.Float()),
        sa.Column("probability", sa.Float()),
        sa.Column("veto", sa.Text()),
        sa.Column("milliseconds", sa.Float(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("samewise_events_by_entry", "samewise_events", ["entry_id", "source"])
    op.create_index("samewise_events_by_tenant", "samewise_events", ["tenant", "source"])


def _write_terms(connection: sa.Connection) -> None:
    entries = sa.table("samewise_entries", *(sa.column(name) for name in ("id", "scope", "key", "question")))
    columns = (sa.column("term", sa.BigInteger()), sa.column("entry_id", _NUMBER), sa.column("length", sa.Integer()))
    postings = sa.table("samewise_postings", *columns)
    last = 0
    while rows := connection.execute(
        sa.select(entries).where(entries.c.id > last).order_by(entries.c.id).limit(_BATCH)
    ).all():
        written = []
        for row in rows:
            numbers = {term_number(row.scope, term) for term in terms(row.key, row.question)}
            written += [{"term": number, "entry_id": row.id, "length": len(numbers)} for number in numbers]
        if written:
            connection.execute(sa.insert(postings), written)
        last = rows[-1].id
