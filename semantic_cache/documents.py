"""Files that the model reads before every question."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from semantic_cache.errors import DocumentError

__all__ = ["Document", "load_documents"]

_MAX_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Document:
    """A document's name, text and SHA-256 (hex, of the bytes)."""

    name: str
    text: str
    digest: str


def load_documents(paths: Sequence[Path]) -> tuple[Document, ...]:
    """Read each file as UTF-8 text.

    Raises:
        DocumentError: A file is missing, empty, not text, or larger than 16 MiB.
    """
    return tuple(_load(path) for path in paths)


def _load(path: Path) -> Document:
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig").strip()
    except OSError as error:
        raise DocumentError(f"The document {str(path)!r} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"The document {str(path)!r} is not UTF-8 text (byte {error.start}). Convert it to plain text first."
        ) from error
    if len(data) > _MAX_BYTES:
        raise DocumentError(f"The document {str(path)!r} has {len(data)} bytes; at most {_MAX_BYTES} can be taken.")
    if not text or "\0" in text:
        raise DocumentError(f"The document {str(path)!r} {'holds NUL characters' if text else 'is empty'}.")
    return Document(path.name, text, hashlib.sha256(data).hexdigest())
