"""The file behind a store: opened by several at once, and where nobody may write."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import NewEntry, Store, StoreFullError, StoreOpenError

New = Callable[..., NewEntry]

# The administrator may write everywhere: whoever runs the tests as one gives that up first.
_OPEN_AS_NOBODY = """
import os
import storage
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    with storage.Store.open({url!r}) as store:
        store.delete(1)
except storage.UnwritableError as error:
    print(error)
"""


@pytest.mark.parametrize("read_only", ["folder", "file"])
def test_a_place_where_nobody_may_write_is_named(new_entry: New, read_only: str) -> None:
    # pytest's own folders are closed to other users.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "store.db"
        if read_only == "file":
            with Store.open(f"sqlite:///{path}") as store:
                store.add(new_entry("a"))
            path.chmod(0o444)
        folder.chmod(0o555)
        try:
            script = _OPEN_AS_NOBODY.format(url=f"sqlite:///{path}")
            done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        finally:
            folder.chmod(0o755)
    assert done.stderr == ""
    assert str(path) in done.stdout


@pytest.mark.parametrize("url", ["sqlite:///file:a.db?mode=ro&uri=true", "sqlite:///a.db?cache=shared"])
def test_options_in_a_url_are_refused_and_not_ignored(url: str) -> None:
    with pytest.raises(StoreOpenError, match="options"):
        Store.open(url)


def test_a_full_disk_stops_a_batch_whole_and_the_next_one_fits_when_there_is_room(path: Path, new_entry: New) -> None:
    store = Store.open(f"sqlite:///{path}")
    kept = store.add(new_entry("kept"))
    with store._database.write() as connection:
        pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
    batch = [new_entry(f"q{number}", answer="long " * 500) for number in range(50)]
    with pytest.raises(StoreFullError, match="Make room"):
        store.add_many(batch)
    assert store.count() == 1
    assert store.get(kept.id) == kept
    assert store.check() == ()
    with store._database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert store.add_many(batch).added == 50
    store.close()


def test_what_is_written_is_on_disk_and_counted(shared_url: str, new_entry: New) -> None:
    with Store.open(shared_url) as store:
        before = store.stats().bytes_on_disk
        store.add_many([new_entry(f"q{number}", answer=f"{number} long " * 500) for number in range(50)])
        assert store.stats().bytes_on_disk > before + 50 * 2500
    with Store.open("sqlite://") as store:
        assert store.stats().bytes_on_disk == 0
