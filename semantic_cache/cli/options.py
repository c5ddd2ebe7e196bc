"""Options that several commands share, and the settings they make."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from semantic_cache.matching.cut_table import Budget
from semantic_cache.settings import Settings
from storage import Lifetime
from storage.config import SizeBudget

__all__ = [
    "BaseUrl",
    "Cuts",
    "Document",
    "Embedder",
    "Index",
    "MaxBytes",
    "MaxEntries",
    "MaxTokens",
    "Model",
    "StoreUrl",
    "System",
    "Tenant",
    "ThresholdOption",
    "Ttl",
    "WrongHits",
    "settings_of",
]

StoreUrl = Annotated[
    str | None,
    typer.Option("--store", envvar="SAMEWISE_STORE", help="sqlite:///faq.db, or postgresql://user:password@host/db"),
]
System = Annotated[str | None, typer.Option("--system", envvar="SAMEWISE_SYSTEM", help="The system prompt.")]
Document = Annotated[
    list[Path] | None, typer.Option("--document", help="A file the model reads before every question; may be repeated.")
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model", envvar="SAMEWISE_MODEL", help="Bundled model, folder or hub id; with --base-url its name there."
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url", envvar="SAMEWISE_BASE_URL", help="OpenAI-compatible engine to use; its key: OPENAI_API_KEY."
    ),
]
Embedder = Annotated[
    str | None,
    typer.Option("--embedder", envvar="SAMEWISE_EMBEDDER", help="Bundled embedding model, folder or hub id."),
]
ThresholdOption = Annotated[
    float | None, typer.Option("--threshold", help="Serve by this similarity alone instead of by a budget.")
]
WrongHits = Annotated[
    float | None, typer.Option("--wrong-hits", help="Largest share of hits by meaning that may be wrong; default 0.01.")
]
Cuts = Annotated[Path | None, typer.Option("--cuts", help="What `samewise tune --write` made of pairs of your own.")]
MaxTokens = Annotated[int, typer.Option("--max-tokens", min=1, help="The longest answer the model may give.")]
Ttl = Annotated[
    float | None, typer.Option("--ttl", min=0.001, help="Seconds that generated answers live; without it for good.")
]
MaxEntries = Annotated[
    int | None, typer.Option("--max-entries", min=1, help="How many entries the store may hold; more are evicted.")
]
MaxBytes = Annotated[
    int | None, typer.Option("--max-bytes", min=1, help="How much their texts and vectors may weigh; more is evicted.")
]
Index = Annotated[str | None, typer.Option("--index", help="auto searches in this process, pgvector in PostgreSQL.")]
Tenant = Annotated[str, typer.Option("--tenant", help="Whose questions and answers these are.")]


def settings_of(**given: Any) -> Settings:
    """Settings with what was given on the command line; None leaves the default.

    Raises:
        SettingsError: A value is out of its range.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    if "wrong_hits" in chosen:
        chosen["budget"] = Budget(chosen.pop("wrong_hits"))
    if "ttl" in chosen:
        chosen["lifetime"] = Lifetime(chosen.pop("ttl"))
    limits = {name: chosen.pop(name) for name in ("max_entries", "max_bytes") if name in chosen}
    if limits:
        chosen["store_budget"] = SizeBudget(**limits)
    if "base_url" in chosen:
        chosen["api_key"] = os.environ.get("OPENAI_API_KEY")
    # Who only looks at a store, or asks it one thing, removes nothing from it; `serve` says otherwise.
    chosen.setdefault("sweep_seconds", 0.0)
    return Settings(**chosen)
