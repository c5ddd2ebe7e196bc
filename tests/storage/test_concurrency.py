"""Many threads, many processes, a process killed: every acknowledged entry is there, each with its own vector."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rows import exact_hash, new, unit

from storage import Store

_WRITER = """
import sys
sys.path.insert(0, {support!r})
from rows import new
from storage import Store
store = Store.open({url!r})
print("ready", flush=True)
for number in range(100000):
    seed = {first} + number
    store.add(new(f"q{{seed}}", f"answer {{seed}}", vector=seed))
    print(seed, flush=True)
"""


def _writer(url: str, first: int) -> subprocess.Popen[str]:
    support = str(Path(__file__).parents[1] / "support")
    script = _WRITER.format(support=support, url=url, first=first)
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)


def test_eight_threads_write_and_read_without_losing_anything(url: str) -> None:
    barrier = threading.Barrier(8)
    with Store.open(url) as store:

        def work(thread: int) -> None:
            barrier.wait()
            for number in range(25):
                seed = thread * 100 + number
                entry = store.add(new(f"q{seed}", f"answer {seed}", vector=seed))
                store.touch(entry.id)
                assert store.nearest("s", unit(seed), 1, "e")[0].entry.question == f"q{seed}"
                assert store.exact("s", exact_hash(f"q{seed}")) is not None

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(work, range(8)))
        assert store.count() == 200
        assert store.stats().hits == 200
        assert store.check() == ()


def test_another_process_is_seen_on_every_tier(shared_url: str) -> None:
    with Store.open(shared_url) as store:
        assert store.nearest("s", unit(0), 1, "e") == ()
        writer = _writer(shared_url, 0)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        for _ in range(5):
            seed = int(writer.stdout.readline())
            assert store.exact("s", exact_hash(f"q{seed}")) is not None
            assert store.nearest("s", unit(seed), 1, "e")[0].entry.answer == f"answer {seed}"
        writer.kill()
        writer.communicate()


def test_a_killed_process_loses_nothing_that_was_acknowledged(shared_url: str) -> None:
    acknowledged = set[int]()
    Store.open(shared_url).close()
    chance = random.Random(7)
    for round_number in range(8):
        writer = _writer(shared_url, round_number * 100_000)
        assert writer.stdout is not None
        writer.stdout.readline()
        for _ in range(chance.randrange(1, 30)):
            acknowledged.add(int(writer.stdout.readline()))
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate()
        # What the pipe still held was acknowledged too; its last line may be cut.
        acknowledged.update(int(line) for line in rest.split("\n")[:-1])
    with Store.open(shared_url) as store:
        assert store.check() == ()
        for seed in acknowledged:
            near = store.nearest("s", unit(seed), 1, "e")[0]
            assert (near.entry.answer, round(near.similarity, 3)) == (f"answer {seed}", 1.0)
            assert store.exact("s", exact_hash(f"q{seed}")) is not None
