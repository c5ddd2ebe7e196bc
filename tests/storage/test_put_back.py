"""A file is put back to an older state while its index stays, and revisions count what they counted before."""

from __future__ import annotations

import shutil
from pathlib import Path

from rows import new, unit

from storage import Store, StoreConfig
from storage.indexes import LargeSettings
from storage.search import Search

_CONFIG = StoreConfig(large=LargeSettings(least=40, merge_least=4, links=8, build_width=40))


def _add(path: Path, seeds: range) -> None:
    """Add entries and have them in a saved index."""
    with Store.open(f"sqlite:///{path}", _CONFIG) as store:
        store.add_many([new(f"q{seed}", f"answer {seed}", vector=seed) for seed in seeds])
        assert isinstance(store._search, Search)
        for _ in range(2):
            store.nearest("s", unit(0), 1, "e")
            assert store._search._partitions.settle(60)


def test_no_vector_of_the_lost_time_answers_for_an_entry_of_the_new_one(tmp_path: Path) -> None:
    path, copy = tmp_path / "store.db", tmp_path / "copy.db"
    _add(path, range(1, 61))
    shutil.copy(path, copy)
    _add(path, range(61, 81))
    assert (tmp_path / "store.db.index").is_dir()
    path.unlink()
    shutil.copy(copy, path)
    with Store.open(f"sqlite:///{path}") as store:
        store.add_many([new(f"q{seed}", f"answer {seed}", vector=seed) for seed in range(200, 225)])
    with Store.open(f"sqlite:///{path}", _CONFIG) as store:
        for seed in (*range(61, 81), *range(200, 225)):
            for near in store.nearest("s", unit(seed), 3, "e"):
                its_own = float(unit(int(near.entry.question[1:])) @ unit(seed))
                assert abs(near.similarity - its_own) < 0.01, f"{near.entry.question} has the vector of another"


def test_an_index_that_holds_as_many_as_there_are_and_others_loses_none_of_the_new_ones(tmp_path: Path) -> None:
    path, copy = tmp_path / "store.db", tmp_path / "copy.db"
    _add(path, range(1, 61))
    shutil.copy(path, copy)
    lost, since = range(1, 7), range(11, 17)
    with Store.open(f"sqlite:///{path}") as store:
        for seed in lost:
            store.add(new(f"q{seed}", "lost", vector=seed + 1000))
    _add(path, range(0))
    path.unlink()
    shutil.copy(copy, path)
    with Store.open(f"sqlite:///{path}") as store:
        for seed in since:
            store.add(new(f"q{seed}", "kept", vector=seed + 2000))
    with Store.open(f"sqlite:///{path}", _CONFIG) as store:
        found = {seed: store.nearest("s", unit(seed + 2000), 1, "e")[0].entry for seed in since}
        assert {seed: (entry.question, entry.answer) for seed, entry in found.items()} == {
            seed: (f"q{seed}", "kept") for seed in since
        }
        assert store.nearest("s", unit(1), 1, "e")[0].entry.question == "q1"
