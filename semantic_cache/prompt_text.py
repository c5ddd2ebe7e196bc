"""What all questions of a bot share: it comes first in the prompt, so its attention states are computed once."""

from __future__ import annotations

from collections.abc import Sequence

from semantic_cache.documents import Document

__all__ = ["system_text"]

_DEFAULT_SYSTEM = "You are a helpful assistant. Answer briefly."


def system_text(system: str, documents: Sequence[Document], request_system: str) -> str:
    """System prompt, then documents, then what this conversation adds: what most share comes first."""
    parts = [system or _DEFAULT_SYSTEM]
    parts += [f"# Document: {document.name}\n\n{document.text}" for document in documents]
    if request_system:
        parts.append(request_system)
    return "\n\n".join(parts)
