"""Version 4: sums of old judgements, vectors of aliases, how many hits by meaning each tenant had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_HITS_KEPT = 5000
_HITS_A_ROW = 250
# The decisions that are there tell of the hits until now. The newest get the highest numbers.
_TALLY = f"""
INSERT INTO samewise_tallies (tenant, since, hits)
SELECT tenant, min(at), count(*) FROM (
    SELECT tenant, at, row_number() OVER (PARTITION BY tenant ORDER BY id DESC) AS place
    FROM samewise_events WHERE source = 'semantic'
) AS newest WHERE place <= {_HITS_KEPT} GROUP BY tenant, (place - 1) / {_HITS_A_ROW} ORDER BY max(place) DESC
"""


def upgrade() -> None:
    """Add the columns, and count the hits that the decisions tell of."""
    op.add_column("samewise_feedback", sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("samewise_aliases", sa.Column("revision", _NUMBER, nullable=False, server_default="0"))
    op.add_column("samewise_aliases", sa.Column("embedder", sa.String()))
    op.add_column("samewise_aliases", sa.Column("vector", sa.LargeBinary()))
    op.create_index("samewise_aliases_by_revision", "samewise_aliases", ["scope", "revision"])
    op.create_table(
        "samewise_tallies",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("samewise_tallies_by_tenant", "samewise_tallies", ["tenant", "id"])
    op.execute(_TALLY)
    op.execute("UPDATE samewise_meta SET value = 4 WHERE name = 'schema'")
