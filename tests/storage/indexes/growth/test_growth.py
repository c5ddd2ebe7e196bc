"""A partition becomes large aside, and follows the store from there on."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from growing import KEY, VECTORS, Open, agrees, entry, files, found, grown, is_large, partition_of, since
from large import SMALL
from numpy.typing import NDArray
from sqlalchemy import delete

from storage import FaissIndex, Store
from storage.indexes import LargeIndex
from storage.partitions import Partitions
from storage.tables import deleted, entries


def test_a_large_partition_is_built_aside_while_the_exact_index_serves(store: Store, opened: Open) -> None:
    told: list[tuple[int, int]] = []
    partitions = opened(on_progress=lambda done, total: told.append((done, total)))
    assert found(partitions, VECTORS[7]) == [8]
    assert not is_large(partitions)
    assert is_large(grown(partitions))
    assert since(partitions) == 0
    assert told[-1] == (300, 300)
    assert agrees(partitions, store)


def test_a_small_partition_stays_exact_and_has_no_file(path: Path, store: Store, opened: Open) -> None:
    partitions = grown(opened(dataclasses.replace(SMALL, least=301)))
    assert not is_large(partitions)
    assert files(path) == []


def test_the_next_process_takes_the_file_and_what_came_since(path: Path, store: Store, opened: Open) -> None:
    grown(opened())
    assert len(files(path)) == 1
    store.add(entry(300))
    store.add(entry(3, -VECTORS[3]))
    store.delete(10)
    partitions = opened()
    assert found(partitions, VECTORS[300]) == [301]
    assert found(partitions, -VECTORS[3]) == [4]
    assert is_large(partitions)
    assert since(partitions) == 2
    assert 10 not in found(partitions, VECTORS[9], 300)
    assert 4 not in found(partitions, VECTORS[3], 5)
    assert agrees(partitions, store)


def test_an_index_in_memory_follows_what_others_add_replace_and_delete(store: Store, opened: Open) -> None:
    partitions, rng = grown(opened()), np.random.default_rng(2)
    for number in range(60):
        store.add(entry(int(rng.integers(250, 400)), VECTORS[400 + number]))
        store.delete(int(rng.integers(1, 400)))
        if number % 10 == 0:
            assert agrees(partitions, store)
    assert agrees(grown(partitions), store)


def test_what_came_since_is_merged_and_kept(path: Path, store: Store, opened: Open) -> None:
    partitions = grown(opened())
    before = files(path)[0].stat().st_mtime_ns
    store.delete(5)
    store.add_many([entry(number) for number in range(300, 360)])
    store.add(entry(20, VECTORS[900]))
    assert since(grown(partitions)) == 0
    assert agrees(partitions, store)
    assert files(path)[0].stat().st_mtime_ns > before
    again = opened()
    assert found(again, VECTORS[900]) == [21]
    assert since(again) == 0
    assert agrees(again, store)


def test_a_graph_with_many_dead_is_built_anew(store: Store, opened: Open) -> None:
    partitions = grown(opened())
    for one in range(1, 80):
        store.delete(one)
    grown(partitions)
    index = partition_of(partitions).index
    assert isinstance(index, LargeIndex)
    assert len(index.segment.id_of) == 221
    assert agrees(partitions, store)


def test_a_partition_that_became_small_is_exact_again_and_its_file_goes(path: Path, store: Store, opened: Open) -> None:
    partitions = grown(opened())
    with store._database.write() as connection:
        connection.execute(delete(entries).where(entries.c.id > 40))
    assert len(found(partitions, VECTORS[0], 100)) == 40
    assert not is_large(partitions)
    assert files(path) == []


def test_deletions_that_are_not_known_any_more_are_noticed_all_the_same(
    store: Store, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.indexes.vector_rows.DELETED_KEPT", 3)
    grown(opened())
    waiting = grown(opened())
    for one in range(1, 11):
        store.delete(one)
    with store._database.write() as connection:
        connection.execute(delete(deleted).where(deleted.c.entry_id < 8))
    assert agrees(waiting, store)
    assert agrees(opened(), store)


def test_an_index_that_nobody_wants_any_more_is_not_made_to_the_end(path: Path, store: Store, opened: Open) -> None:
    store.add_many([entry(number) for number in range(300, 1000)])
    begun, closing = threading.Event(), threading.Event()

    def told(done: int, total: int) -> None:
        begun.set()
        closing.wait()

    partitions = opened(on_progress=told)
    partitions.size(KEY)
    begun.wait()
    job = partitions._growth._running
    assert job is not None
    job[2].stop()
    closing.set()
    partitions.close()
    partitions.close()
    assert found(partitions, VECTORS[7]) == [8]
    assert not is_large(partitions)
    assert files(path) == []


def test_revisions_of_a_large_partition_take_few_bytes(store: Store, opened: Open) -> None:
    partition = partition_of(grown(opened()))
    assert partition.revisions._later == {}
    assert partition.revisions._ids.itemsize + partition.revisions._revisions.itemsize == 16


def test_entries_that_were_passed_over_for_a_while_are_there_again_after_a_merge(store: Store, opened: Open) -> None:
    partitions = grown(opened())
    # As the search does with what has expired: its row is still there, and may live again.
    partitions.forget(KEY, partitions.search(KEY, VECTORS[7], 3))
    assert 8 not in found(partitions, VECTORS[7], 300)
    store.add_many([entry(number) for number in range(300, 360)])
    grown(partitions)
    again = opened()
    assert agrees(again, store)
    assert is_large(again)


def test_a_scope_whose_index_takes_long_to_load_holds_up_no_other(store: Store, opened: Open) -> None:
    loading, may_end = threading.Event(), threading.Event()

    class Slow(FaissIndex):
        def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
            if 301 in ids:
                loading.set()
                assert may_end.wait(60)
            super().add(ids, vectors)

    store.add(entry(300, scope="slow"))
    partitions = Partitions(store._database, Slow, 4, SMALL)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(partitions.search, KEY._replace(scope="slow"), VECTORS[300], 1)
        assert loading.wait(60)
        assert found(partitions, VECTORS[7]) == [8]
        assert not slow.done()
        may_end.set()
        assert [one.id for one in slow.result()] == [301]
    partitions.close()


def test_a_large_index_nobody_asks_for_keeps_no_other_from_being_made(store: Store, opened: Open) -> None:
    store.add_many([entry(number, scope="other") for number in range(300, 600)])
    partitions, other = opened(), KEY._replace(scope="other")
    partitions.size(other)
    assert partitions.settle(60)
    assert is_large(grown(partitions))
    partitions.size(other)
    made = partitions._places[other].partition
    assert made is not None
    assert isinstance(made.index, LargeIndex)
