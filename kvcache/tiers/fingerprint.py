"""What stands for a model: everything that changes the bits of its states, by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Fingerprint"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Named properties, sorted by name. Two models may use each other's states only when all are equal."""

    properties: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> Fingerprint:
        """From a mapping."""
        return cls(tuple(sorted(properties.items())))

    @property
    def name(self) -> str:
        """SHA-256 over all of them."""
        return hashlib.sha256(json.dumps(self.properties).encode()).hexdigest()

    def differences(self, other: Fingerprint) -> str:
        """What is not the same in `other`, in words."""
        mine, theirs = dict(self.properties), dict(other.properties)
        differ = [name for name in sorted(mine | theirs) if mine.get(name) != theirs.get(name)]
        return ", ".join(f"{name} is {_short(theirs, name)} there, {_short(mine, name)} here" for name in differ)


def _short(properties: Mapping[str, str], name: str) -> str:
    value = properties.get(name, "not stated")
    return value if len(value) <= 32 else value[:12] + "…"
