"""Everything a cache can be told, in one frozen value, checked once."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from normalize.errors import TemplateError
from normalize.template import Template
from semantic_cache.errors import SettingsError
from semantic_cache.matching.cut_table import Budget
from semantic_cache.models import BUNDLED, DEFAULT_EMBEDDER, DEFAULT_LANGUAGE_MODEL

__all__ = ["DEFAULT_TENANT", "Settings", "default_store", "default_store_folder"]

DEFAULT_TENANT = "public"
_MAX_NEIGHBOURS = 100


def default_store() -> str:
    """The store when none is named: `samewise.db` in `$SAMEWISE_HOME`, or in the platform's data folder."""
    return f"sqlite:///{_data_folder() / 'samewise.db'}"


def default_store_folder(store: str) -> Path | None:
    """The folder to make for the default store; None for a store that was named, whose place is its owner's to make."""
    return _data_folder() if store == default_store() else None


def _data_folder() -> Path:
    home = os.environ.get("SAMEWISE_HOME")
    folder = Path(home).expanduser() if home else Path(platformdirs.user_data_dir("samewise", appauthor=False))
    return folder.absolute()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a cache is opened.

    Args:
        store: SQLAlchemy URL of the store; `sqlite://` keeps it in memory.
        system: The system prompt. Answers are kept apart by it.
        documents: Files the model reads before every question, in this order; UTF-8 text.
        model: A bundled model's name, a folder, or a hub id; with `base_url`, the engine's name for it.
        base_url: An OpenAI-compatible engine (vLLM, SGLang, …) to use instead of a local model.
        api_key: The engine's key. Never logged, never part of `repr`.
        dtype: Number type of the local model: `float32` or `bfloat16`.
        embedder: A bundled embedding model's name, a folder, or a hub id of sentence-transformers.
        budget: The largest share of hits by meaning that may be wrong, and how sure that has to be.
        budgets: Others for some: "tenant:NAME" or "tag:NAME" → Budget. Where several are named for an entry, the
            strictest holds. A freshness class is a tag: "tag:freshness=daily".
        cuts: What `samewise tune --write` made of labelled pairs of your own; budgets are turned into rules on it
            instead of on the labelled pairs that are shipped.
        threshold: Serve by cosine similarity alone, from this one on, instead of by a budget; for those who tuned one.
        neighbours: How many of the nearest entries are judged.
        lexical_candidates: How many entries that share rare words with the question are judged beside them; 0: none.
        max_tokens: The longest answer the model may give.
        temperature: 0 is greedy.
        top_p: Nucleus of sampling, in (0, 1].
        max_question_chars: The longest question that is taken.
        lexicons: YAML files that add to the bundled lexicons.
        template: The text that your program puts around every question, with `{question}` where that stands. Prompts
            made by it are looked up by their question alone, among answers given inside the same text.
        detect_templates: Whether such texts are found from what recent prompts share. Off, because it moves a prompt
            to another set of answers at a moment that depends on the traffic: a declared template never does.
        kv_max_bytes: Memory for kept attention states.
        shadow_share: The share, in [0, 1], of semantic hits on generated answers that are asked of the model again in
            the background, to learn how many are wrong. 0 by default, because each costs a generation; 0.01 is enough
            for most. Nothing of it reaches who asked.
        log_questions: Whether the kept decisions hold the words of the questions; their hashes are always kept.
        keep_events: How many decisions are kept, the newest; 0 keeps none.
        show_progress: Whether fetching and importing draw a bar on standard error.

    Raises:
        SettingsError: A value is out of its range.
    """

    store: str = field(default_factory=default_store)
    system: str = ""
    documents: tuple[Path, ...] = ()
    model: str = DEFAULT_LANGUAGE_MODEL
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    dtype: str = "float32"
    embedder: str = DEFAULT_EMBEDDER
    budget: Budget = field(default_factory=Budget)
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    cuts: Path | None = None
    threshold: float | None = None
    neighbours: int = 8
    lexical_candidates: int = 4
    max_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    max_question_chars: int = 32_000
    lexicons: tuple[Path, ...] = ()
    template: str | None = None
    detect_templates: bool = False
    kv_max_bytes: int = 2 << 30
    shadow_share: float = 0.0
    log_questions: bool = False
    keep_events: int = 100_000
    show_progress: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "documents", tuple(Path(path) for path in self.documents))
        object.__setattr__(self, "lexicons", tuple(Path(path) for path in self.lexicons))
        self._check_models()
        self._check_ranges()
        self._check_budgets()
        self._check_template()

    def _check_template(self) -> None:
        try:
            if self.template is not None:
                Template(self.template)
        except TemplateError as error:
            raise SettingsError(f"template: {error}") from error

    def _check_budgets(self) -> None:
        for name in self.budgets:
            kind, colon, what = name.partition(":")
            if kind not in ("tenant", "tag") or not colon or not what:
                raise SettingsError(f"budgets has {name!r}: write 'tenant:NAME' or 'tag:NAME'.")
        if self.threshold is not None and (self.budgets or self.cuts or self.budget != Budget()):
            raise SettingsError(f"threshold={self.threshold!r} and a budget exclude each other: give one of them.")

    def _check_models(self) -> None:
        bundled_models = [name for name, model in BUNDLED.items() if model.conversion.value != "none"]
        if self.base_url is None and not _could_be_model(self.model, bundled_models):
            raise SettingsError(
                f"model={self.model!r} is neither a bundled model ({', '.join(bundled_models)}), nor a folder, "
                "nor a hub id (owner/name). With an engine of your own, give its base_url too."
            )
        embedders = [name for name in BUNDLED if name not in bundled_models]
        if not _could_be_model(self.embedder, embedders):
            raise SettingsError(
                f"embedder={self.embedder!r} is neither a bundled model ({', '.join(embedders)}), nor a folder, "
                "nor a hub id (owner/name)."
            )
        if self.dtype not in ("float32", "bfloat16"):
            raise SettingsError(f"dtype={self.dtype!r} is not one of float32, bfloat16.")

    def _check_ranges(self) -> None:
        _within("threshold", self.threshold if self.threshold is not None else 0.0, -1.0, 1.0)
        _within("neighbours", self.neighbours, 1, _MAX_NEIGHBOURS)
        _within("lexical_candidates", self.lexical_candidates, 0, _MAX_NEIGHBOURS)
        _within("max_tokens", self.max_tokens, 1, 1_000_000)
        _within("max_question_chars", self.max_question_chars, 1, 1_000_000)
        _within("temperature", self.temperature, 0.0, 2.0)
        _within("top_p", self.top_p, 1e-6, 1.0)
        _within("shadow_share", self.shadow_share, 0.0, 1.0)
        _within("keep_events", self.keep_events, 0, 100_000_000)
        _within("kv_max_bytes", self.kv_max_bytes, 0, 1 << 50)
        if "://" not in self.store:
            raise SettingsError(
                f"store={self.store!r} is not a URL. For a SQLite file write 'sqlite:///{self.store or 'faq.db'}'."
            )


def _could_be_model(name: str, bundled: list[str]) -> bool:
    looks_like_hub_id = name.count("/") == 1 and not name.startswith((".", "/", "~"))
    return name in bundled or looks_like_hub_id or (bool(name.strip()) and Path(name).expanduser().is_dir())


def _within(name: str, value: float, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SettingsError(f"{name}={value!r} is not a number.")
    if not low <= value <= high:
        raise SettingsError(f"{name}={value!r} is outside {low:g} to {high:g}.")
