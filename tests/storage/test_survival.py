"""A process is killed at random moments of add, replace, delete, invalidate, evict, expire and save, again and again."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from pathlib import Path

from survival import BOUNDED, BOUNDED_MOST, CONFIG, Book, change_until_killed, written_vector

from storage import Store

_ROUNDS = int(os.environ.get("SAMEWISE_CRASH_ROUNDS", "40"))
_MOST_CHANGES, _LONGEST = 30, 0.02  # a process lives for so many changes, and for so many seconds more
# Processes are forked from one that has read everything: a round takes milliseconds, not the time of the imports.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["survival"])


def _kill_one(url: str, round_number: int, log: Path, chance: random.Random) -> None:
    process = _processes.Process(target=change_until_killed, args=(url, round_number, str(log)))
    process.start()
    changes = chance.randrange(_MOST_CHANGES)
    while not log.exists() or log.read_bytes().count(b"end") <= changes:
        assert process.is_alive(), "it ended by itself"
        time.sleep(0.001)
    time.sleep(chance.uniform(0.0, _LONGEST))
    assert process.is_alive(), "it ended by itself"
    process.kill()
    process.join()


def test_whatever_moment_it_is_killed_at_nothing_acknowledged_is_lost(shared_url: str, tmp_path: Path) -> None:
    chance, book, before = random.Random(11), Book(), 0
    Store.open(shared_url, CONFIG).close()
    for round_number in range(_ROUNDS):
        log = tmp_path / f"round{round_number}.log"
        _kill_one(shared_url, round_number, log, chance)
        book.read(log)
        with Store.open(shared_url, CONFIG) as store:
            store.life.sweep()  # a server may be busy yet with what the process sent last: who writes waits for that
            assert store.check() == (), f"round {round_number}"
            book.settle(store)
            _every_vector_is_of_its_own_entry(store, book, chance)
            there = store.life.usage(BOUNDED).entries
            assert there <= max(BOUNDED_MOST, before) + 1  # each may have been killed between adding and evicting
            before = there
    assert len(book.answers) > 10, "the rounds did nothing"


def _every_vector_is_of_its_own_entry(store: Store, book: Book, chance: random.Random) -> None:
    for answer in chance.sample(sorted(book.answers.values()), min(20, len(book.answers))):
        nearest = store.nearest("s", written_vector(answer), 1, "e")[0]
        assert (nearest.entry.answer, round(nearest.similarity, 3)) == (answer, 1.0)
