"""What the database itself keeps true, whoever writes: as text, for each has its own language for it."""

from __future__ import annotations

from sqlalchemy import Connection

__all__ = ["make_triggers"]

# With another answer the entry's own question may be served again. Other questions stay blocked: that they are not the
# entry's does not change with its answer. An entry's tenant never changes: its scope has the tenant in it.
_SQLITE = (
    """
CREATE TRIGGER samewise_answer_changed AFTER UPDATE OF answer, tool_calls ON samewise_entries
WHEN old.answer <> new.answer OR old.tool_calls IS NOT new.tool_calls BEGIN
    DELETE FROM samewise_blocked WHERE entry_id = new.id
        AND (exact_hash = new.exact_hash OR key_hash = new.key_hash);
    UPDATE samewise_feedback SET current = 0 WHERE entry_id = new.id AND current;
END
""",
    """
CREATE TRIGGER samewise_entry_added AFTER INSERT ON samewise_entries BEGIN
    INSERT INTO samewise_usage (tenant, entries, bytes) VALUES (new.tenant, 1, new.bytes)
        ON CONFLICT (tenant) DO UPDATE SET entries = entries + 1, bytes = bytes + excluded.bytes;
END
""",
    """
CREATE TRIGGER samewise_entry_changed AFTER UPDATE OF bytes ON samewise_entries
WHEN old.bytes <> new.bytes BEGIN
    UPDATE samewise_usage SET bytes = bytes + new.bytes - old.bytes WHERE tenant = new.tenant;
END
""",
    """
CREATE TRIGGER samewise_entry_deleted AFTER DELETE ON samewise_entries BEGIN
    UPDATE samewise_usage SET entries = entries - 1, bytes = bytes - old.bytes WHERE tenant = old.tenant;
    UPDATE samewise_meta SET value = value + 1 WHERE name = 'revision';
    INSERT INTO samewise_deleted (revision, entry_id, scope)
        SELECT value, old.id, old.scope FROM samewise_meta WHERE name = 'revision';
END
""",
)

# Added and deleted rows are counted once a statement: one row of `samewise_usage` that is changed thousands of times in
# one transaction gets slower with each time.
_POSTGRESQL = (
    """
CREATE FUNCTION samewise_answer_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM samewise_blocked WHERE entry_id = new.id
        AND (exact_hash = new.exact_hash OR key_hash = new.key_hash);
    UPDATE samewise_feedback SET current = false WHERE entry_id = new.id AND current;
    RETURN NULL;
END $$
""",
    """
CREATE TRIGGER samewise_answer_changed AFTER UPDATE OF answer, tool_calls ON samewise_entries
FOR EACH ROW WHEN (old.answer <> new.answer OR old.tool_calls IS DISTINCT FROM new.tool_calls)
EXECUTE FUNCTION samewise_answer_changed()
""",
    """
CREATE FUNCTION samewise_entry_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO samewise_usage AS used (tenant, entries, bytes)
        SELECT tenant, count(*), sum(bytes) FROM added GROUP BY tenant
        ON CONFLICT (tenant) DO UPDATE
            SET entries = used.entries + excluded.entries, bytes = used.bytes + excluded.bytes;
    RETURN NULL;
END $$
""",
    """
CREATE TRIGGER samewise_entry_added AFTER INSERT ON samewise_entries
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION samewise_entry_added()
""",
    """
CREATE FUNCTION samewise_entry_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE samewise_usage SET bytes = bytes + new.bytes - old.bytes WHERE tenant = new.tenant;
    RETURN NULL;
END $$
""",
    """
CREATE TRIGGER samewise_entry_changed AFTER UPDATE OF bytes ON samewise_entries
FOR EACH ROW WHEN (old.bytes <> new.bytes) EXECUTE FUNCTION samewise_entry_changed()
""",
    """
CREATE FUNCTION samewise_entry_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE number bigint; last bigint;
BEGIN
    SELECT count(*) INTO number FROM gone;
    IF number > 0 THEN
        UPDATE samewise_meta SET value = value + number WHERE name = 'revision' RETURNING value INTO last;
        INSERT INTO samewise_deleted (revision, entry_id, scope)
            SELECT last - number + row_number() OVER (ORDER BY id), id, scope FROM gone;
        UPDATE samewise_usage AS used SET entries = used.entries - lost.entries, bytes = used.bytes - lost.bytes
            FROM (SELECT tenant, count(*) AS entries, sum(bytes) AS bytes FROM gone GROUP BY tenant) AS lost
            WHERE used.tenant = lost.tenant;
    END IF;
    RETURN NULL;
END $$
""",
    """
CREATE TRIGGER samewise_entry_deleted AFTER DELETE ON samewise_entries
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION samewise_entry_deleted()
""",
)
_STATEMENTS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}


def make_triggers(connection: Connection) -> None:
    """Make the triggers of this version, in a database that has none."""
    for statement in _STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
