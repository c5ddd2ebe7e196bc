"""What all questions of a bot share: it comes first in the prompt, so its attention states are computed once."""

from __future__ import annotations

from collections.abc import Sequence

from semantic_cache.documents import Document

__all__ = ["shared_text", "system_text"]

_DEFAULT_SYSTEM = "You are a helpful assistant. Answer briefly."


def shared_text(system: str, documents: Sequence[Document]) -> str:
    """The operator's part: the system prompt, then the documents."""
    return "\n\n".join(
        [system or _DEFAULT_SYSTEM, *(f"# Document: {document.name}\n\n{document.text}" for document in documents)]
    )


def system_text(shared: str, request_system: str) -> str:
    """The operator's part, then what this conversation adds: what most share comes first."""
    return f"{shared}\n\n{request_system}" if request_system else shared
