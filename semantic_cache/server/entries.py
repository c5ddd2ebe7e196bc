"""`/v1/invalidate` and `/v1/entries`: removing what must not be served any more. Routes of our own."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from semantic_cache.cache import SemanticCache
from semantic_cache.errors import SelectionError
from semantic_cache.server.errors import ApiError
from storage.life import Removal

__all__ = ["EntryId", "InvalidateRequest", "delete", "invalidate"]

EntryId = Annotated[int, Field(ge=1, lt=1 << 63)]
_MOST_IDS = 1000


class InvalidateRequest(BaseModel):
    """The conditions of `SemanticCache.invalidate`; the tenant is the server's."""

    # What is not understood is refused, not ignored.
    model_config = ConfigDict(extra="forbid", strict=True)

    ids: Annotated[list[EntryId], Field(max_length=_MOST_IDS)] | None = None
    tags: list[str] | None = None
    document: str | None = None
    model: str | None = None
    older_than_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    similar_to: str | list[str] | None = None
    min_similarity: Annotated[float, Field(ge=-1, le=1)] = 0.9
    everything: bool = False
    dry_run: bool = False

    def named(self) -> bool:
        """Whether anything says which of the tenant's entries are meant."""
        given = self.model_fields_set - {"min_similarity", "everything", "dry_run"}
        return self.everything or any(getattr(self, name) is not None for name in given)


def invalidate(cache: SemanticCache, body: InvalidateRequest, tenant: str) -> dict[str, object]:
    """Remove what the body selects among the tenant's entries, and say what it was.

    Raises:
        SamewiseError: As `SemanticCache.invalidate` says.
    """
    # The tenant alone would be a condition too: an empty body must not empty its store.
    if not body.named():
        raise SelectionError("Nothing says which entries: give a condition, or everything=true for all of them.")
    removal = cache.invalidate(tenant=tenant, **body.model_dump())
    return _told(removal, questions=cache.settings.log_questions)


def delete(cache: SemanticCache, entry_id: int, tenant: str) -> dict[str, object]:
    """Remove one entry of the tenant.

    Raises:
        ApiError: The tenant has none of that id: another's is answered as one that is not there.
        SamewiseError: As `SemanticCache.invalidate` says.
    """
    removal = cache.invalidate(ids=[entry_id], tenant=tenant)
    if not removal.count:
        raise ApiError(404, f"There is no entry {entry_id}.", param="entry_id", code="entry_not_found")
    return {"object": "entry.deleted", "id": entry_id, "deleted": True}


def _told(removal: Removal, *, questions: bool) -> dict[str, object]:
    # Other people's words leave the store over HTTP only where they are logged.
    named = [
        {
            "id": one.id,
            "question": one.question if questions else None,
            "origin": one.origin,
            "answered": one.answered,
            "bytes": one.bytes,
        }
        for one in removal.entries
    ]
    return {
        "object": "invalidation",
        "count": removal.count,
        "bytes": removal.bytes,
        "dry_run": removal.dry_run,
        "entries": named,
    }
