"""Vectors on the way to the server."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

__all__ = ["Vector", "send_vectors"]


@dataclass(frozen=True, slots=True)
class Vector:
    """A stored vector, `data` being little-endian float32, as a parameter of pgvector's type."""

    data: bytes


def send_vectors(connection: psycopg.Connection) -> None:
    """Let this connection take a Vector as a parameter; the statement says that it is one: `%s::vector`."""
    connection.adapters.register_dumper(Vector, _Binary)


class _Binary(Dumper):
    """As pgvector reads it: the width, nothing, and big-endian float32. As text it would be four times as long."""

    format = Format.BINARY

    def dump(self, obj: Vector) -> Buffer | None:
        width = len(obj.data) // 4
        return struct.pack(">HH", width, 0) + struct.pack(f">{width}f", *struct.unpack(f"<{width}f", obj.data))
