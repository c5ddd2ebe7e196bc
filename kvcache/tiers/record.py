"""What is noted of a block that lies below, and how the note is written down."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from kvcache.tiers.identity import NAME_LENGTH

__all__ = ["Record"]


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
        expires: Unix time from which on it may not be served; None means never.
    """

    path: str
    owner: str
    model: str
    size: int
    checksum: int
    seconds: float
    used: float
    expires: float | None = None

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
        return self.expires is not None and self.expires <= now

    def is_within(self, owner: str | None) -> bool:
        """Whether it is `owner`'s or of one in it; None: anyone's."""
        return owner is None or self.owner.startswith(owner)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Record:
        """The inverse of `to_json`. Raises TypeError when fields are missing or unknown."""
        return cls(**values)
