"""Version 3: the life of an entry, what was deleted, what each tenant uses, calibrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.triggers import make_triggers

revision = "0003"
down_revision = "0002"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WEIGHED = ("question", "key", "answer", "facts", "tags", "documents")
_TAGS = {
    "sqlite": "SELECT DISTINCT 'tag', one.value, entry.id FROM samewise_entries AS entry, json_each(entry.tags) AS one",
    "postgresql": "SELECT DISTINCT 'tag', one, entry.id FROM samewise_entries AS entry, "
    "jsonb_array_elements_text(entry.tags::jsonb) AS one",
}


def upgrade() -> None:
    """Add the columns and tables, and fill in what is known of the entries that are there."""
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        op.execute("DROP TRIGGER IF EXISTS samewise_answer_changed")  # of version 2
    _add_columns()
    _make_tables()
    op.execute(f"UPDATE samewise_entries SET added = revision, answered = created, bytes = {_weight(dialect)}")
    op.execute(f"INSERT INTO samewise_labels (kind, value, entry_id) {_TAGS[dialect]}")
    op.execute(
        "INSERT INTO samewise_usage (tenant, entries, bytes) "
        "SELECT tenant, count(*), sum(bytes) FROM samewise_entries GROUP BY tenant"
    )
    make_triggers(op.get_bind())
    op.execute("UPDATE samewise_meta SET value = 3 WHERE name = 'schema'")


def _weight(dialect: str) -> str:
    """What texts and vector weigh, in bytes."""
    size = "octet_length({})" if dialect == "postgresql" else "length(CAST({} AS BLOB))"
    return " + ".join([*(size.format(name) for name in _WEIGHED), f"coalesce({size.format('vector')}, 0)"])


def _add_columns() -> None:
    for column in (
        sa.Column("tool_calls", sa.Text()),
        sa.Column("documents", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("bot", sa.String(), nullable=False, server_default=""),
        sa.Column("answered", sa.Float(), nullable=False, server_default="0"),
        sa.Column("generation_ms", sa.Float(), nullable=False, server_default="0"),
        sa.Column("bytes", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("expires", sa.Float()),
        sa.Column("ttl_seconds", sa.Float()),
        sa.Column("sliding", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("added", _NUMBER, nullable=False, server_default="0"),
    ):
        op.add_column("samewise_entries", column)
    for name, column_name in (("change", "revision"), ("tenant", "tenant"), ("bot", "bot"), ("expiry", "expires")):
        op.create_index(f"samewise_by_{name}", "samewise_entries", [column_name])


def _make_tables() -> None:
    op.create_table(
        "samewise_labels",
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), primary_key=True),
        sa.Column("entry_id", _NUMBER, sa.ForeignKey("samewise_entries.id", ondelete="CASCADE"), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("samewise_labels_by_entry", "samewise_labels", ["entry_id"])
    op.create_table(
        "samewise_usage",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "samewise_deleted",
        sa.Column("revision", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("entry_id", _NUMBER, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
    )
    op.create_table(
        "samewise_calibrations",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sqlite_autoincrement=True,
    )
    op.create_index("samewise_calibrations_by_name", "samewise_calibrations", ["name", "id"])
