"""What a setting may be; each refusal names the value, the limit and the way out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from normalize.errors import TemplateError
from normalize.template import Template
from semantic_cache.errors import SettingsError
from semantic_cache.models import BUNDLED
from semantic_cache.store_url import is_postgres, shown_url

__all__ = [
    "check_instance",
    "check_models",
    "check_names",
    "check_store",
    "check_template",
    "check_warm",
    "check_within",
]


def check_within(name: str, value: float, low: float, high: float) -> None:
    """A finite number in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SettingsError(f"{name}={value!r} is not a number.")
    if not low <= value <= high:
        raise SettingsError(f"{name}={value!r} is outside {low:g} to {high:g}.")


def check_instance(name: str, value: object, kind: type, example: str) -> None:
    """A value of a class; `example` is how one is written."""
    if not isinstance(value, kind):
        raise SettingsError(f"{name}={value!r} is no {kind.__name__}: write {example}.")


def check_names(name: str, values: Mapping[str, Any], kind: type, example: str) -> None:
    """ "tenant:NAME" or "tag:NAME" → a value of a class."""
    for key, value in values.items():
        what, colon, named = key.partition(":")
        if what not in ("tenant", "tag") or not colon or not named:
            raise SettingsError(f"{name} has {key!r}: write 'tenant:NAME' or 'tag:NAME'.")
        check_instance(f"{name}[{key!r}]", value, kind, example)


def check_template(template: str | None) -> None:
    """A text with one place for the question."""
    try:
        if template is not None:
            Template(template)
    except TemplateError as error:
        raise SettingsError(f"template: {error}") from error


def check_warm(warm: bool, base_url: str | None) -> None:
    """A bool; True only where there is a model of our own to load."""
    check_instance("warm", warm, bool, "True")
    if warm and base_url is not None:
        raise SettingsError(
            f"warm=True loads a local model, and base_url={base_url!r} names an engine that has its own: "
            "leave one of them out."
        )


def check_store(url: str, index: str) -> None:
    """A URL; a search in the server only where there is one."""
    if "://" not in url:
        shown = shown_url(url)
        raise SettingsError(
            f"store={shown!r} is not a URL. For a SQLite file write 'sqlite:///{shown or 'faq.db'}', "
            "for a server 'postgresql://user:password@host/database'."
        )
    if index not in ("auto", "pgvector"):
        raise SettingsError(f"index={index!r} is not one of auto, pgvector.")
    if index == "pgvector" and not is_postgres(url):
        raise SettingsError(
            f"index='pgvector' searches in PostgreSQL, and store={shown_url(url)!r} is none: leave index='auto'."
        )


def check_models(model: str, base_url: str | None, embedder: str, dtype: str) -> None:
    """Names that can be models; whether they are shows when they are opened."""
    bundled_models = [name for name, one in BUNDLED.items() if one.conversion.value != "none"]
    if base_url is None and not _could_be_model(model, bundled_models):
        raise SettingsError(
            f"model={model!r} is neither a bundled model ({', '.join(bundled_models)}), nor a folder, "
            "nor a hub id (owner/name). With an engine of your own, give its base_url too."
        )
    embedders = [name for name in BUNDLED if name not in bundled_models]
    if not _could_be_model(embedder, embedders):
        raise SettingsError(
            f"embedder={embedder!r} is neither a bundled model ({', '.join(embedders)}), nor a folder, "
            "nor a hub id (owner/name)."
        )
    if dtype not in ("float32", "bfloat16"):
        raise SettingsError(f"dtype={dtype!r} is not one of float32, bfloat16.")


def _could_be_model(name: str, bundled: list[str]) -> bool:
    looks_like_hub_id = name.count("/") == 1 and not name.startswith((".", "/", "~"))
    return name in bundled or looks_like_hub_id or (bool(name.strip()) and Path(name).expanduser().is_dir())
