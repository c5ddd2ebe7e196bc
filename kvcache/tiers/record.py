"""What is noted of a block that lies below, and how the note is written down."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

from kvcache.tiers.identity import NAME_LENGTH
from kvcache.tiers.limits import Limits, finite

__all__ = ["Record"]

_PATH = re.compile(rf"([0-9a-f]{{{NAME_LENGTH}}})+")


@dataclass(frozen=True, slots=True)
class Record:
    """One block's note.

    Args:
        path: The names of all blocks from the prompt's beginning to this one, joined.
        owner: What stands for its owner, and for those that this one lies in.
        model: What stands for the model that computed it.
        size: Bytes.
        checksum: CRC-32 of all bytes of its file; 0 where there is no file.
        seconds: What computing it took.
        used: How much it has been used; see worth.py.
        noted: Unix time from which on `limits` count.
        limits: How long it may be served.
    """

    path: str
    owner: str
    model: str
    size: int
    checksum: int
    seconds: float
    used: float
    noted: float
    limits: Limits

    @property
    def name(self) -> str:
        """The block's name."""
        return self.path[-NAME_LENGTH:]

    @property
    def parent(self) -> str:
        """The name of the block before it, or nothing."""
        return self.path[-2 * NAME_LENGTH : -NAME_LENGTH]

    def is_over(self, now: float) -> bool:
        """Whether it has expired at `now`."""
        return self.limits.is_over(max(0.0, now - self.noted))

    def left(self, now: float) -> Limits:
        """How much longer it may be served at `now`; never longer than was noted."""
        return self.limits.after(max(0.0, now - self.noted))

    def seen(self, now: float) -> Record:
        """The same, unless the clock was set back behind the note: then the time that is left counts from `now` on.

        Otherwise it would not pass until the clock has come as far again.
        """
        return self if self.noted <= now else replace(self, noted=now)

    def renewed(self, now: float, limits: Limits | None = None) -> Record:
        """With new limits; None: those it has, after one more use."""
        return replace(self, noted=now, limits=self.left(now).used() if limits is None else limits)

    def is_within(self, owner: str | None) -> bool:
        """Whether it is `owner`'s or of one in it; None: anyone's."""
        return owner is None or self.owner.startswith(owner)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "limits": self.limits.to_json()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Record:
        """The inverse of `to_json`.

        Raises:
            TypeError, ValueError, OverflowError: Fields are missing, unknown, or hold what they cannot.
        """
        record = cls(**{**values, "limits": Limits.from_json(values.get("limits", ()))})
        texts, counts = (record.path, record.owner, record.model), (record.size, record.checksum)
        if not all(isinstance(text, str) for text in texts) or not _PATH.fullmatch(record.path):
            raise ValueError(f"{texts} are no names")
        if not all(type(count) is int and count >= 0 for count in counts):
            raise ValueError(f"{counts} are no counts")
        for number in (record.seconds, record.used, record.noted):
            finite(number)
        return record
