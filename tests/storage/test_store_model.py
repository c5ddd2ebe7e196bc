"""The store against a plain dictionary: any order of changes, from two openings of one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from tempfile import TemporaryDirectory
from typing import cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from postgresql import Server
from rows import exact_hash, new, unit

from storage import Store

_QUESTIONS = st.integers(0, 7)
_SCOPES = st.sampled_from(["s", "t"])
_WHO = st.integers(0, 1)


class StoreMachine(RuleBasedStateMachine):
    """Two stores on one file must both always show what the dictionary holds."""

    def __init__(self, place: Callable[[], AbstractContextManager[str]]) -> None:
        super().__init__()
        self.place = ExitStack()
        self.url = self.place.enter_context(place())

    @initialize()
    def open(self) -> None:
        self.stores = [Store.open(self.url), Store.open(self.url)]
        self.kept: dict[tuple[str, int], tuple[int, str, int]] = {}

    @rule(who=_WHO, scope=_SCOPES, question=_QUESTIONS, seed=st.integers(0, 30))
    def add(self, who: int, scope: str, question: int, seed: int) -> None:
        entry = self.stores[who].add(new(f"q{question}", f"answer {seed}", scope=scope, vector=seed))
        known = self.kept.get((scope, question))
        assert known is None or known[0] == entry.id
        self.kept[scope, question] = (entry.id, f"answer {seed}", seed)

    @rule(who=_WHO, scope=_SCOPES, question=_QUESTIONS)
    def delete(self, who: int, scope: str, question: int) -> None:
        known = self.kept.pop((scope, question), None)
        assert self.stores[who].delete(known[0] if known else 10**9) is (known is not None)

    @rule(who=_WHO)
    def reopen(self, who: int) -> None:
        self.stores[who].close()
        self.stores[who] = Store.open(self.url)

    @rule(who=_WHO, scope=_SCOPES, seed=st.integers(0, 30))
    def search(self, who: int, scope: str, seed: int) -> None:
        found = {one.entry.question: one for one in self.stores[who].nearest(scope, unit(seed), 20, "e")}
        expected = {f"q{number}": row for (name, number), row in self.kept.items() if name == scope}
        assert set(found) == set(expected)
        for question, (_, answer, vector) in expected.items():
            assert found[question].entry.answer == answer
            assert abs(found[question].similarity - float(unit(vector) @ unit(seed))) < 1e-4

    @invariant()
    def each_store_shows_what_was_kept(self) -> None:
        for store in self.stores:
            assert store.count() == len(self.kept)
            for (scope, number), (_, answer, _) in self.kept.items():
                entry = store.exact(scope, exact_hash(f"q{number}"))
                assert entry is not None
                assert entry.answer == answer

    def teardown(self) -> None:
        for store in self.stores:
            assert store.check() == ()
            store.close()
        self.place.close()


@contextmanager
def _file() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/a.db"


def test_a_file_is_always_what_the_dictionary_is() -> None:
    machine = cast(type[StoreMachine], partial(StoreMachine, _file))  # whatever makes one is taken
    run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=25))


def test_a_postgresql_database_is_always_what_the_dictionary_is(server: Server, template: str) -> None:
    @contextmanager
    def database() -> Iterator[str]:
        with server.database(template) as name:
            yield server.url(name)

    machine = cast(type[StoreMachine], partial(StoreMachine, database))  # whatever makes one is taken
    run_state_machine_as_test(machine, settings=settings(max_examples=8, stateful_step_count=25))
