"""Stores as older versions of the schema made them, with a few entries."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psycopg
from alembic import command
from rows import exact_hash, key_hash, unit
from sqlalchemy import StaticPool, create_engine
from sqlalchemy.engine import make_url

from storage import terms
from storage.migrations import configuration
from storage.terms import term_number

__all__ = ["old_postgres_store", "old_sqlite_store", "take_steps"]

_VERSION_1 = """
CREATE TABLE samewise_meta ( name VARCHAR NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (name) );
CREATE TABLE samewise_entries ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL,
  tenant VARCHAR NOT NULL, scope VARCHAR NOT NULL, question TEXT NOT NULL, exact_hash VARCHAR NOT NULL, "key"
  TEXT NOT NULL, key_hash VARCHAR NOT NULL, language VARCHAR NOT NULL, facts TEXT NOT NULL, answer TEXT NOT
  NULL, finish_reason VARCHAR NOT NULL, origin VARCHAR NOT NULL, prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL, tags TEXT NOT NULL, model VARCHAR NOT NULL, embedder VARCHAR,
  normalizer_version VARCHAR NOT NULL, created FLOAT NOT NULL, last_used FLOAT NOT NULL, hits INTEGER NOT
  NULL, vector BLOB, UNIQUE (scope, exact_hash) );
CREATE INDEX samewise_by_normalizer ON samewise_entries (normalizer_version);
CREATE INDEX samewise_by_revision ON samewise_entries (scope, embedder, revision);
CREATE INDEX samewise_by_key ON samewise_entries (scope, key_hash);
"""
_VERSION_2 = """
CREATE TABLE samewise_feedback ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at FLOAT NOT NULL, tenant
  VARCHAR NOT NULL, scope VARCHAR NOT NULL, entry_id INTEGER NOT NULL, question TEXT, exact_hash VARCHAR NOT
  NULL, key_hash VARCHAR NOT NULL, served VARCHAR, similarity FLOAT, probability FLOAT, correct BOOLEAN NOT
  NULL, note TEXT NOT NULL, source VARCHAR NOT NULL, current BOOLEAN NOT NULL );
CREATE INDEX samewise_feedback_by_entry ON samewise_feedback (entry_id, current, correct);
CREATE INDEX samewise_feedback_by_tenant ON samewise_feedback (tenant, source, served, id);
CREATE TABLE samewise_events ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at FLOAT NOT NULL, tenant
  VARCHAR NOT NULL, scope VARCHAR NOT NULL, question TEXT, exact_hash VARCHAR NOT NULL, key_hash VARCHAR NOT
  NULL, entry_id INTEGER, source VARCHAR NOT NULL, similarity FLOAT, probability FLOAT, veto TEXT,
  milliseconds FLOAT NOT NULL );
CREATE INDEX samewise_events_by_entry ON samewise_events (entry_id, source);
CREATE INDEX samewise_events_by_tenant ON samewise_events (tenant, source);
CREATE TABLE samewise_postings ( term BIGINT NOT NULL, entry_id INTEGER NOT NULL, length INTEGER NOT NULL,
  PRIMARY KEY (term, entry_id), FOREIGN KEY(entry_id) REFERENCES samewise_entries (id) ON DELETE CASCADE )
  WITHOUT ROWID;
CREATE INDEX samewise_postings_by_entry ON samewise_postings (entry_id);
CREATE TABLE samewise_aliases ( scope VARCHAR NOT NULL, key_hash VARCHAR NOT NULL, entry_id INTEGER NOT NULL,
  question TEXT NOT NULL, exact_hash VARCHAR NOT NULL, normalizer_version VARCHAR NOT NULL, created FLOAT NOT
  NULL, PRIMARY KEY (scope, key_hash), FOREIGN KEY(entry_id) REFERENCES samewise_entries (id) ON DELETE
  CASCADE );
CREATE INDEX samewise_aliases_by_entry ON samewise_aliases (entry_id);
CREATE TABLE samewise_blocked ( entry_id INTEGER NOT NULL, exact_hash VARCHAR NOT NULL, key_hash VARCHAR NOT
  NULL, scope VARCHAR NOT NULL, question TEXT NOT NULL, normalizer_version VARCHAR NOT NULL, created FLOAT NOT
  NULL, PRIMARY KEY (entry_id, exact_hash), FOREIGN KEY(entry_id) REFERENCES samewise_entries (id) ON DELETE
  CASCADE ) WITHOUT ROWID;
CREATE TRIGGER samewise_answer_changed AFTER UPDATE OF answer ON samewise_entries WHEN old.answer <>
  new.answer BEGIN DELETE FROM samewise_blocked WHERE entry_id = new.id AND (exact_hash = new.exact_hash OR
  key_hash = new.key_hash); UPDATE samewise_feedback SET current = 0 WHERE entry_id = new.id AND current; END;
"""
_NAMES = (
    "id, revision, tenant, scope, question, exact_hash, key, key_hash, language, facts, answer, finish_reason, origin, "
    "prompt_tokens, completion_tokens, tags, model, embedder, normalizer_version, created, last_used, hits, vector"
)
_POSTINGS = "INSERT INTO samewise_postings (term, entry_id, length) VALUES"


def old_sqlite_store(path: Path, version: int, questions: Sequence[str]) -> None:
    """A file with the tables as version 1 or 2 made them, before steps were counted."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(_VERSION_1 + (_VERSION_2 if version == 2 else ""))
        count = [("schema", version), ("revision", len(questions))]
        connection.executemany("INSERT INTO samewise_meta VALUES (?, ?)", count)
        marks = ", ".join("?" * len(_NAMES.split(",")))
        connection.executemany(f"INSERT INTO samewise_entries ({_NAMES}) VALUES ({marks})", _entries(questions))
        if version == 2:
            connection.executemany(f"{_POSTINGS} (?, ?, ?)", _terms(questions))
        connection.commit()


def old_postgres_store(url: str, version: int, questions: Sequence[str]) -> None:
    """A PostgreSQL database with the tables after the first steps."""
    take_steps(url, f"{version:04}")
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE samewise_meta SET value = %s WHERE name = 'revision'", (len(questions),))
        marks = ", ".join(["%s"] * len(_NAMES.split(",")))
        cursor.executemany(f"INSERT INTO samewise_entries ({_NAMES}) VALUES ({marks})", _entries(questions))
        cursor.execute("SELECT setval(pg_get_serial_sequence('samewise_entries', 'id'), %s)", (len(questions),))
        if version == 2:
            cursor.executemany(f"{_POSTINGS} (%s, %s, %s)", _terms(questions))


def take_steps(url: str, revision: str) -> None:
    """Take the steps up to one, as Alembic's command line would."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=StaticPool)
    with engine.begin() as connection:
        command.upgrade(configuration(connection), revision)
    engine.dispose()


def _entries(questions: Sequence[str]) -> list[tuple[object, ...]]:
    return [
        (
            number, number, "t", "s", question, exact_hash(question), question, key_hash(question), "en",
            json.dumps({"numbers": []}), f"answer {question}", "stop", "curated", 0, 0, json.dumps(["b", "a"]), "m", "e",
            "1", 1.0, 2.0, 7, unit(number).tobytes(),
        )
        for number, question in enumerate(questions, 1)
    ]  # fmt: skip


def _terms(questions: Sequence[str]) -> list[tuple[int, int, int]]:
    numbers = [{term_number("s", term) for term in terms(question, question)} for question in questions]
    return [(term, at, len(found)) for at, found in enumerate(numbers, 1) for term in found]
