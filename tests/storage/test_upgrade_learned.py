"""What was learned by a store of version 3 is there after the upgrade, and counts as before."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from rows import exact_hash, key_hash, unit
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from storage import Event, Evidence, Store
from storage.migrations import configuration

_HITS = 5100


@pytest.fixture(params=["sqlite", "postgres"])
def old(request: pytest.FixtureRequest, path: Path) -> str:
    """A store of version 3 with an entry, an alias, a blocked pair, three judgements and many decisions."""
    url = f"sqlite:///{path}" if request.param == "sqlite" else request.getfixturevalue("empty_postgres_url")
    driver = "postgresql+psycopg" if request.param == "postgres" else "sqlite"
    engine = create_engine(make_url(url).set(drivername=driver))
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0003")
    _fill(engine)
    engine.dispose()
    return str(url)


def _fill(engine: Engine) -> None:
    with engine.begin() as connection:
        run = connection.exec_driver_sql
        run(
            "INSERT INTO samewise_entries (id, revision, tenant, scope, question, exact_hash, key, key_hash, language, "
            "facts, answer, finish_reason, origin, prompt_tokens, completion_tokens, tags, model, normalizer_version, "
            f"created, last_used, hits) VALUES (1, 1, 't', 's', 'q', '{exact_hash('q')}', 'q', '{key_hash('q')}', 'en', "
            "'{}', 'yes', 'stop', 'curated', 0, 0, '[]', 'm', '1', 1, 1, 0)"
        )
        run(
            "INSERT INTO samewise_aliases (scope, key_hash, entry_id, question, exact_hash, normalizer_version, created)"
            f" VALUES ('s', '{key_hash('x')}', 1, 'x', '{exact_hash('x')}', '1', 1)"
        )
        run(
            "INSERT INTO samewise_blocked (scope, key_hash, entry_id, question, exact_hash, normalizer_version, created)"
            f" VALUES ('s', '{key_hash('y')}', 1, 'y', '{exact_hash('y')}', '1', 1)"
        )
        for number, correct in enumerate((True, True, False)):
            judged = text(
                "INSERT INTO samewise_feedback (at, tenant, scope, entry_id, exact_hash, key_hash, correct, note, "
                "source, current, served) VALUES (1, 't', 's', 1, :hash, 'k', :correct, '', 'user', :current, 'semantic')"
            )
            connection.execute(judged, {"hash": f"h{number}", "correct": correct, "current": True})
        decided = text(
            "INSERT INTO samewise_events (at, tenant, scope, exact_hash, key_hash, source, milliseconds) "
            "VALUES (:at, :tenant, 's', 'e', 'k', :source, 1)"
        )
        rows = [{"at": float(at), "tenant": "t", "source": "semantic"} for at in range(_HITS)]
        others = [{"at": 7.0, "tenant": "t", "source": "miss"}, {"at": 9.0, "tenant": "u", "source": "semantic"}]
        connection.execute(decided, [*rows, *others])


def test_evidence_pairs_and_the_hits_of_the_window_are_there(old: str) -> None:
    with Store.open(old) as store:
        assert store.evidence([1]) == {1: Evidence(2, 1)}
        assert store.feedback.events.hits("t") == (5000, 100.0)
        assert store.feedback.events.hits("u") == (1, 9.0)
        assert store.feedback.blocked([1], key_hash("y"), "") == {1}
        found = store.feedback.by_alias(("s", "-"), key_hash("x"))
        assert found is not None
        assert found.answer == "yes"


def test_hits_from_before_leave_the_window_a_few_at_a_time(old: str) -> None:
    hit = Event(at=9000.0, tenant="t", scope="s", exact_hash="e", key_hash="k", source="semantic", milliseconds=1.0)
    with Store.open(old) as store:
        for _ in range(4800 // 200):
            for _ in range(200):
                store.feedback.events.record(hit)
            store.feedback.events.flush()
        hits, since = store.feedback.events.hits("t")
        assert 5000 <= hits <= 5250
        assert 4600.0 <= since <= 4900.0


def test_an_old_alias_gets_its_vector_like_a_new_one(old: str) -> None:
    with Store.open(old) as store:
        assert store.feedback.confirmed.nearest("s", unit(7), 3, "e") == ()
        (one,) = store.feedback.confirmed.without_vector("s", "e", 9)
        store.feedback.confirmed.set_vectors([(one, unit(7))], "e")
        assert [near.question for near in store.feedback.confirmed.nearest("s", unit(7), 3, "e")] == ["x"]
