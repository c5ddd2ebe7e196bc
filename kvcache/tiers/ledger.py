"""The journal and the index of one folder, kept in step: what is noted is what is found after a restart."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence

from kvcache.tiers.fingerprint import Fingerprint
from kvcache.tiers.folder import TierFolder
from kvcache.tiers.index import TierIndex
from kvcache.tiers.journal import Journal, Line
from kvcache.tiers.limits import Limits, finite
from kvcache.tiers.record import Record

__all__ = ["Ledger", "drop_line", "put_line", "use_line"]

_SLACK = 256


class Ledger:
    """Reads a folder's journal into an index, and notes what happens to it.

    Methods that change the index are called under the tier's lock; `note` touches the file only, and is called by one
    thread.

    Args:
        folder: An open folder.
        fingerprint: The model whose blocks are wanted.
        index: An empty index.
    """

    def __init__(self, folder: TierFolder, fingerprint: Fingerprint, index: TierIndex) -> None:
        self._folder = folder
        self._index = index
        self._own = fingerprint
        self._models = {fingerprint.name: fingerprint}
        self._journal = Journal(folder.journal_path)
        self._is_sound = True
        self._bad_lines = 0

    def restore(self, now: float) -> tuple[int, Record | None]:
        """Read everything, and make files, journal and index agree. A folder that is only read is left as it is.

        Returns:
            How many blocks were noted, but had no file or one of another size; and the largest block of this model.

        Raises:
            OSError: It cannot be read.
        """
        self.follow()
        lost = self._mend(now) if self._folder.is_writable else 0
        own = (record for record in self._index if record.model == self._own.name)
        return lost, max(own, key=lambda record: record.size, default=None)

    def follow(self) -> None:
        """Take up what another process has noted since the last call. Raises OSError."""
        entries, is_other = self._journal.read()
        if is_other:
            for record in list(self._index):
                self._index.remove(record.name)
        for entry in entries:
            try:
                self._apply(entry)
            except (TypeError, ValueError, OverflowError):  # a checksum says who wrote a line, not what is in it
                self._journal.bad_lines += 1

    def note(self, entries: Sequence[Line], records: Callable[[], Sequence[Record]], *, sync: bool = False) -> None:
        """Write entries down.

        Args:
            entries: What has happened to the index.
            records: Gives all records as they are now, for a journal that must be written anew: it may be damaged, or
                mostly about what is gone.
            sync: Whether a power cut may not undo it.

        Raises:
            OSError: It cannot be written; the journal is as it was.
        """
        if self._is_sound and self._journal.lines + len(entries) <= 2 * len(self._index) + _SLACK:
            self._journal.append(entries, sync=sync)
            return
        kept = records()
        used = {record.model for record in kept} | {self._own.name}
        models = [_model_line(model) for name, model in self._models.items() if name in used]
        self._journal.rewrite([*models, *map(put_line, kept)])
        self._is_sound = True

    def notes(self) -> tuple[str, ...]:
        """Which blocks are not used, and why; and what of the journal could not be read."""
        refused = Counter(record.model for record in self._index if record.model != self._own.name)
        notes = [f"{count} blocks of another model: {self._differences(name)}." for name, count in refused.items()]
        if self._bad_lines:
            notes.append(f"Damaged lines of the journal that were left out: {self._bad_lines}.")
        return tuple(notes)

    def other_models(self) -> tuple[str, ...]:
        """What stands for each model whose blocks are noted and not used."""
        return tuple(name for name in self._models if name != self._own.name) if self._index.refused else ()

    def close(self) -> None:
        """Let go of the journal."""
        self._journal.close()

    def _mend(self, now: float) -> int:
        self._index.expired(now)
        lost = [record for record in self._index if self._folder.size(record.name) != record.size]
        for record in lost:
            self._index.remove(record.name)
        self._index.make_room(0)
        self._folder.sweep(self._index)
        self._bad_lines, self._is_sound = self._journal.bad_lines, False
        self._journal.close()
        with contextlib.suppress(OSError):  # no room: the first note tries again, and says so
            self.note((), lambda: list(self._index))
        return len(lost)

    def _differences(self, name: str) -> str:
        other = self._models.get(name)
        return "it is not known which" if other is None else self._own.differences(other)

    def _apply(self, entry: Line) -> None:
        match entry:
            case {"put": dict(values)}:
                self._index.add(Record.from_json(values))
            case {"drop": str(name)}:
                self._index.remove(name)
            case {"use": [str(name), used, noted, list(limits)]}:
                self._index.set_use(name, finite(used), finite(noted), Limits.from_json(limits))
            case {"model": [str(name), list(properties)]}:
                self._models[name] = Fingerprint(tuple((str(key), str(value)) for key, value in properties))
            case _:
                raise ValueError(f"{list(entry)} says nothing")


def put_line(record: Record) -> Line:
    """A block lies here."""
    return {"put": record.to_json()}


def use_line(record: Record) -> Line:
    """It has been used."""
    return {"use": [record.name, record.used, record.noted, record.limits.to_json()]}


def drop_line(record: Record) -> Line:
    """It is gone."""
    return {"drop": record.name}


def _model_line(model: Fingerprint) -> Line:
    return {"model": [model.name, model.properties]}
