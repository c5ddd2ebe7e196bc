"""`samewise feedback` on a store, in this process: no model is loaded for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import Bench, MakeBench
from typer.testing import CliRunner, Result

from semantic_cache import Settings
from semantic_cache.cli.app import app
from semantic_cache.errors import FeedbackError

_STORED = "how is the green winter jacket washed"
_NEAR = "cleaning tips for winter jacket wanted"


@pytest.fixture
def bench(make_bench: MakeBench, tmp_path: Path) -> Bench:
    return make_bench(settings=Settings(store=f"sqlite:///{tmp_path / 'faq.db'}", threshold=0.0, show_progress=False))


@pytest.fixture
def run(bench: Bench) -> Callable[..., Result]:
    return lambda *given: CliRunner().invoke(app, ["feedback", *given, "--store", bench.cache.settings.store])


def test_what_a_judgement_changed_is_printed(bench: Bench, run: Callable[..., Result]) -> None:
    entry = bench.cache.add(_STORED, "By hand.")
    assert bench.cache.ask("winter cleaning prices").entry_id == entry.id
    bench.store.feedback.events.flush()
    right = run(str(entry.id), "--right", "--question", _NEAR)
    assert right.exit_code == 0
    assert f"“{_NEAR}” is answered by entry {entry.id} (“{_STORED}”) by its key from now on." in right.output
    wrong = run(str(entry.id), "--wrong", "--question", _NEAR, "--note", "It is not.")
    assert "is not answered by" in wrong.output
    assert "is none any more" in wrong.output
    assert "judged right for 0 questions, wrong for 1" in wrong.output
    assert "not logged" in wrong.output
    assert not bench.cache.lookup(_NEAR).hit
    own = run(str(entry.id), "--right")
    assert "it is the entry's own question" in own.output


def test_a_judgement_without_a_side_and_of_no_entry_is_refused(run: Callable[..., Result]) -> None:
    assert run("7").exit_code == 2
    assert isinstance(run("7", "--wrong").exception, FeedbackError)
