"""What Alembic runs for each of its commands: on the connection that it was given, inside the caller's transaction."""

from __future__ import annotations

from alembic import context

from storage.migrations import VERSION_TABLE
from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table=VERSION_TABLE
)
with context.begin_transaction():
    context.run_migrations()
