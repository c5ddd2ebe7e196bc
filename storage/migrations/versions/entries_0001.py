"""Version 1: entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# SQLite numbers the rows itself only where the column is called INTEGER, and that holds 64 bits there.
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the entries, and what counts their changes."""
    meta = op.create_table(
        "samewise_meta", sa.Column("name", sa.String(), primary_key=True), sa.Column("value", _NUMBER, nullable=False)
    )
    op.bulk_insert(meta, [{"name": "schema", "value": 1}, {"name": "revision", "value": 0}])
    op.create_table(
        "samewise_entries",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("revision", _NUMBER, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("tenant", "scope")),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("exact_hash", sa.String(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("key_hash", "language")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("facts", "answer")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("finish_reason", "origin")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("prompt_tokens", "completion_tokens")),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("embedder", sa.String()),
        sa.Column("normalizer_version", sa.String(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("created", "last_used")),
        sa.Column("hits", _NUMBER, nullable=False),
        sa.Column("vector", sa.LargeBinary()),
        sa.UniqueConstraint("scope", "exact_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("samewise_by_key", "samewise_entries", ["scope", "key_hash"])
    op.create_index("samewise_by_revision", "samewise_entries", ["scope", "embedder", "revision"])
    op.create_index("samewise_by_normalizer", "samewise_entries", ["normalizer_version"])
