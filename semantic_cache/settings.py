"""Everything a cache can be told, in one frozen value, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from semantic_cache.errors import SettingsError
from semantic_cache.matching.cut_table import Budget
from semantic_cache.models import DEFAULT_EMBEDDER, DEFAULT_LANGUAGE_MODEL
from semantic_cache.setting_checks import (
    check_instance,
    check_models,
    check_names,
    check_store,
    check_template,
    check_warm,
    check_within,
)
from semantic_cache.store_url import default_store, shown_url
from storage import Lifetime
from storage.config import Eviction, SizeBudget

__all__ = ["DEFAULT_TENANT", "SWEEP_SECONDS", "Settings"]

DEFAULT_TENANT = "public"
SWEEP_SECONDS = 60.0
_MAX_NEIGHBOURS = 100
_LIFETIME = "Lifetime(ttl_seconds=3600)"
_SIZE_BUDGET = "SizeBudget(max_entries=100_000)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a cache is opened.

    Args:
        store: URL of the store: `sqlite:///faq.db`, `postgresql://user:password@host/database`; `sqlite://` keeps it in
            memory. A password in it is never shown.
        index: How the nearest questions are found: `auto` searches in this process, `pgvector` in PostgreSQL.
        store_wait_seconds: How long a write waits for other processes; then the answer is given without being kept.
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
            instead of on those that `samewise tune --apply` put into the store, or else on the shipped ones.
        lifetime: How long generated answers live; None: until they are removed.
        lifetimes: Others for some: "tenant:NAME" or "tag:NAME" → Lifetime. The shortest that holds for an answer
            counts. Those of a tag hold for what people wrote too.
        store_budget: How much the whole store may hold; what is over it is evicted. What people wrote never is.
        tenant_budget: How much each tenant may hold that is not named in `tenant_budgets`.
        tenant_budgets: Tenant → how much it may hold.
        eviction: What goes first: `value` (what saves the least generation time for its room), `lru` or `lfu`.
        sweep_seconds: How often what has expired is removed (it is not served from that moment on anyway), and when the
            cache opens also what was answered from former editions of its documents and not used for a day; 0: never.
        threshold: Serve by cosine similarity alone, from this one on, instead of by a budget; for those who tuned one.
            What feedback blocked or confirmed holds all the same; an entry's evidence and the alarm move nothing.
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
        kv_max_bytes: Memory for kept attention states, a quarter of it for the buffers of running requests.
        warm: Whether opening the cache begins to load the local model and to read system prompt and documents, in the
            background, so that the first question does not wait for that. What fails is said in the log alone.
        kv_folder: Where the local model's attention states are kept beyond a restart, for this model alone; None keeps
            none. The files hold the prompts' token ids and are readable by their owner only.
        shadow_share: The share, in [0, 1], of semantic hits on generated answers that are asked of the model again in
            the background, to learn how many are wrong. 0 by default, because each costs a generation; 0.01 is enough
            for most. Nothing of it reaches who asked.
        log_questions: Whether the kept decisions hold the words of the questions; their hashes are always kept.
        keep_events: How many decisions are kept, the newest; 0 adds none and removes none that are there, and then a
            judgement by an entry's id alone does not know that it was of a hit by meaning.
        keep_feedback: How many judgements of users, and how many of checks, are kept of each tenant as they are. Of the
            older ones each entry keeps the counts; what blocks or confirms a question stays in any case.
        show_progress: Whether fetching and importing draw a bar on standard error.

    Raises:
        SettingsError: A value is out of its range.
    """

    store: str = field(default_factory=default_store)
    index: Literal["auto", "pgvector"] = "auto"
    store_wait_seconds: float = 5.0
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
    lifetime: Lifetime | None = None
    lifetimes: Mapping[str, Lifetime] = field(default_factory=dict)
    store_budget: SizeBudget = field(default_factory=SizeBudget)
    tenant_budget: SizeBudget = field(default_factory=SizeBudget)
    tenant_budgets: Mapping[str, SizeBudget] = field(default_factory=dict)
    eviction: Eviction = Eviction.VALUE
    sweep_seconds: float = SWEEP_SECONDS
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
    kv_folder: Path | None = None
    warm: bool = False
    shadow_share: float = 0.0
    log_questions: bool = False
    keep_events: int = 100_000
    keep_feedback: int = 10_000
    show_progress: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "documents", tuple(Path(path) for path in self.documents))
        object.__setattr__(self, "lexicons", tuple(Path(path) for path in self.lexicons))
        check_models(self.model, self.base_url, self.embedder, self.dtype)
        self._check_ranges()
        check_store(self.store, self.index)
        self._check_budgets()
        self._check_lifetimes()
        self._check_room()
        check_template(self.template)
        check_warm(self.warm, self.base_url)

    def __repr__(self) -> str:
        shown = {one.name: getattr(self, one.name) for one in fields(self) if one.repr}
        shown["store"] = shown_url(self.store)
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    def _check_budgets(self) -> None:
        check_names("budgets", self.budgets, Budget, "Budget(0.01)")
        if self.threshold is not None and (self.budgets or self.cuts or self.budget != Budget()):
            raise SettingsError(f"threshold={self.threshold!r} and a budget exclude each other: give one of them.")

    def _check_lifetimes(self) -> None:
        if self.lifetime is not None:
            check_instance("lifetime", self.lifetime, Lifetime, _LIFETIME)
        check_names("lifetimes", self.lifetimes, Lifetime, _LIFETIME)

    def _check_room(self) -> None:
        check_instance("store_budget", self.store_budget, SizeBudget, _SIZE_BUDGET)
        check_instance("tenant_budget", self.tenant_budget, SizeBudget, _SIZE_BUDGET)
        for tenant, budget in self.tenant_budgets.items():
            check_instance(f"tenant_budgets[{tenant!r}]", budget, SizeBudget, _SIZE_BUDGET)
        if self.eviction not in tuple(Eviction):
            raise SettingsError(f"eviction={self.eviction!r} is not one of {', '.join(Eviction)}.")
        object.__setattr__(self, "eviction", Eviction(self.eviction))  # a name is taken too

    def _check_ranges(self) -> None:
        check_within("threshold", self.threshold if self.threshold is not None else 0.0, -1.0, 1.0)
        check_within("neighbours", self.neighbours, 1, _MAX_NEIGHBOURS)
        check_within("lexical_candidates", self.lexical_candidates, 0, _MAX_NEIGHBOURS)
        check_within("max_tokens", self.max_tokens, 1, 1_000_000)
        check_within("max_question_chars", self.max_question_chars, 1, 1_000_000)
        check_within("temperature", self.temperature, 0.0, 2.0)
        check_within("top_p", self.top_p, 1e-6, 1.0)
        check_within("shadow_share", self.shadow_share, 0.0, 1.0)
        check_within("keep_events", self.keep_events, 0, 100_000_000)
        check_within("keep_feedback", self.keep_feedback, 1000, 100_000_000)  # the alarm looks at 500 checks
        check_within("kv_max_bytes", self.kv_max_bytes, 0, 1 << 50)
        if self.kv_folder is not None:
            check_instance("kv_folder", self.kv_folder, Path, "Path('states')")
        check_within("store_wait_seconds", self.store_wait_seconds, 0.001, 3600.0)
        check_within("sweep_seconds", self.sweep_seconds, 0.0, 86_400.0)
