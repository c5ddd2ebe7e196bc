"""What the commands of `samewise store` do, but for `invalidate`: each opens the store, and no model."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from semantic_cache.errors import StoreError
from semantic_cache.opening import store_in_use
from semantic_cache.rule import CUTS
from semantic_cache.settings import Settings
from semantic_cache.store_url import shown_url
from storage import Calibration, StorageError

__all__ = [
    "run_backup",
    "run_calibrations",
    "run_check",
    "run_export",
    "run_import",
    "run_revert",
    "run_salvage",
    "run_vacuum",
]

_MOST_CALIBRATIONS = 50


def run_export(settings: Settings, file: Path, tenant: str | None, console: Console) -> None:
    """Write the store, or what one tenant has of it, to a new file.

    Raises:
        StoreError: The store cannot be read, or the file cannot be written or is there already.
    """
    with store_in_use(settings) as store:
        _say(f"{file}: {_counts(asdict(store.upkeep.export(file, tenant=tenant)))}.", console)


def run_import(settings: Settings, file: Path, console: Console) -> None:
    """Take in an exported file, all of it or nothing.

    Raises:
        StoreError: A line cannot be taken, or the store cannot be written; nothing was changed.
    """
    with store_in_use(settings) as store:
        _say(f"{shown_url(settings.store)}: {_counts(asdict(store.upkeep.import_(file)))}.", console)


def run_backup(settings: Settings, file: Path, console: Console) -> None:
    """Copy the store into a new SQLite file.

    Raises:
        StoreError: The store cannot be read, or the file cannot be written or is there already.
    """
    with store_in_use(settings) as store:
        _say(f"{file}: {store.upkeep.backup(file)} bytes. It opens as a store: --store sqlite:///{file}", console)


def run_vacuum(settings: Settings, console: Console) -> None:
    """Give back room.

    Raises:
        StoreError: The store cannot be written, or others are at work in it for too long.
    """
    with store_in_use(settings) as store:
        before, after = store.upkeep.vacuum()
    _say(f"{before} bytes before, {after} after.", console)


def run_check(settings: Settings, console: Console, *, repair: bool) -> bool:
    """Print what does not hold, with its way out; True where all is well, or was repaired.

    Raises:
        StoreError: The store cannot be read, or with `repair` not be written.
    """
    with store_in_use(settings) as store:
        problems = store.upkeep.check()
        for one in problems:
            _say(f"{one}: {one.remedy}", console)
        if not problems:
            _say("All is well.", console)
        elif repair:
            left = store.upkeep.repair()
            _say(f"{len(problems)} problems were found, {len(left)} are left.", console)
            for one in left:
                _say(f"left: {one}: {one.remedy}", console)
            return not left
    return not problems


def run_salvage(damaged: Path, into: Path, console: Console) -> bool:
    """Read what can be read of a damaged file into a new one; True where nothing was lost.

    Raises:
        StoreError: Nothing of it can be read, or the new file cannot be written or is there already.
    """
    from storage.upkeep.salvage import salvage  # noqa: PLC0415  (only who has a damaged file needs it)

    try:
        report = salvage(damaged, into)
    except StorageError as error:
        raise StoreError(str(error)) from error
    _say(f"{into}: {_counts(asdict(report))}.", console)
    return not report.lost and not report.damaged


def run_calibrations(settings: Settings, console: Console) -> None:
    """List the newest rules, and which of them holds.

    Raises:
        StoreError: The store cannot be read.
    """
    with store_in_use(settings) as store:
        saved = store.calibrations.recent(CUTS, _MOST_CALIBRATIONS)
        holding = store.calibrations.current(CUTS)
    if not saved:
        _say("The store has no calibrations: what is shipped holds. `samewise tune --apply` makes one.", console)
        return
    table = Table()
    for name in ("id", "name", "saved", "note", ""):
        table.add_column(name, overflow="fold")
    for one in saved:
        at = datetime.fromtimestamp(one.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        said = "takes back the one that held" if one.body is None else one.note
        table.add_row(*map(Text, (str(one.id), one.name, at, said, "holds" if _is(one, holding) else "")))
    console.print(table)
    if holding is None:
        _say("All were taken back: what is shipped holds.", console)


def run_revert(settings: Settings, name: str, console: Console) -> None:
    """Take back the rule that holds.

    Raises:
        StoreError: None of that name holds, or the store cannot be written.
    """
    with store_in_use(settings) as store:
        store.calibrations.save(name, None)
        holding = store.calibrations.current(name)
    now = f"calibration {holding.id} ({holding.note})" if holding is not None else "what is shipped"
    _say(f"Taken back: from now on {now} holds.", console)


def _is(one: Calibration, other: Calibration | None) -> bool:
    return other is not None and one.id == other.id


def _counts(values: dict[str, object]) -> str:
    return ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in values.items())


def _say(text: str, console: Console) -> None:
    console.print(Text(text), soft_wrap=True)
