"""Four processes of eight threads on one store: no update is lost, nothing stale is read, nobody is locked out."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

from rows import exact_hash
from soak import KEPT, entry, final_problems, notes_of, stale, work

from storage import Store

_SECONDS = float(os.environ.get("SAMEWISE_SOAK_SECONDS", "10"))
_PROCESSES = 4
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["soak"])


def test_many_processes_and_threads_share_one_store(shared_url: str, tmp_path: Path) -> None:
    with Store.open(shared_url) as store:
        store.add_many([entry(question, "kept") for question in KEPT])
    logs = [tmp_path / f"process{number}.jsonl" for number in range(_PROCESSES)]
    workers = [
        _processes.Process(target=work, args=(shared_url, number, _SECONDS, str(log)))
        for number, log in enumerate(logs)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * _PROCESSES
    notes = notes_of(logs)
    done = {did: sum(note.did == did for note in notes) for did in ("write", "delete", "read", "touch")}
    assert min(done.values()) > 20, done
    assert [note.answer for note in notes if note.did == "error"] == []
    assert stale(notes, seconds=1.0) == []
    with Store.open(shared_url) as store:
        assert final_problems(store, notes) == []
        assert store.check() == ()
        kept = [store.exact("s", exact_hash(question)) for question in KEPT]
        assert sum(one.hits for one in kept if one is not None) == done["touch"], "uses were lost"
