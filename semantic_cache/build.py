"""Settings → what a cache is made of. The one place that names concrete classes."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from normalize import LexiconError, Normalizer
from normalize.conversation import Conversation
from normalize.template import Template
from semantic_cache.curation import Curation
from semantic_cache.documents import Document, load_documents
from semantic_cache.embedder import open_embedder
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.entries import Bot, bot_from
from semantic_cache.errors import EmbeddingError, SettingsError, StoreError
from semantic_cache.generator import Generator
from semantic_cache.learning import AnswersAgree, Comparison, Drift, DriftWatch, Learning, Shadow, renew_pairs
from semantic_cache.lifetimes import Lifetimes
from semantic_cache.local_generator import LocalGenerator
from semantic_cache.lookup import Breadth, Lookup
from semantic_cache.maintenance import Maintenance
from semantic_cache.matching import BudgetRule, Judge, Threshold
from semantic_cache.matching.cut_table import CutTable
from semantic_cache.matching.entry_evidence import EntryEvidence
from semantic_cache.matching.judge import Evidence
from semantic_cache.matching.shipped import open_verifier, shipped_cut_table, verifier_version
from semantic_cache.models import DEFAULT_EMBEDDER, EMBEDDER_LANGUAGES
from semantic_cache.openai_generator import OpenAIGenerator
from semantic_cache.opened import OpenedOnce
from semantic_cache.opening import open_store
from semantic_cache.parts import Parts
from semantic_cache.prompt_text import shared_text
from semantic_cache.reach import Reach
from semantic_cache.reading import DetectedTemplates, Reader, Turns
from semantic_cache.renewal import KeyRenewal
from semantic_cache.rule import CUTS, Rule, StoredRule
from semantic_cache.settings import Settings
from semantic_cache.warming import Warming
from storage import StorageError, Store
from storage.life import Selection

__all__ = ["build", "learning_of", "maintenance_of", "reader_of", "rule_of"]

UNUSED_SECONDS = 86_400.0
"""Answers from former editions go when nobody used them for so long: another server may still have that edition."""
_ANY_LENGTH = 1_000_000  # what was taken once stays, whatever the longest question is now


def build(settings: Settings) -> Parts:
    """Open store, documents and lexicons; prepare the models without loading them.

    Raises:
        DocumentError, StoreError, SettingsError: As `SemanticCache.open` says.
    """
    documents = load_documents(settings.documents)
    try:
        normalizer = Normalizer(settings.lexicons, max_chars=settings.max_question_chars)
    except LexiconError as error:
        raise SettingsError(f"lexicons: {error}") from error
    # A wrong file of the user's is told at once.
    own_cuts = None if settings.cuts is None else _cut_table(settings.cuts)
    key_version = _key_version(settings)
    store, reach = open_store(settings), Reach()
    embedder = EmbedderInUse(lambda: open_embedder(settings.embedder, show_progress=settings.show_progress))
    watch = DriftWatch(store, partial(_drift, settings), reach=reach)
    rule = rule_of(settings, store, reach, own_cuts)
    judge = _judge_when_needed(settings, rule, partial(_evidence, store, reach), watch)
    breadth = Breadth(settings.neighbours, settings.lexical_candidates)
    lookup = Lookup(store, normalizer, embedder, judge, breadth, key_version, reach)
    generator = _generator(settings)
    bot = bot_from(settings.system, documents, Lifetimes(settings.lifetime, settings.lifetimes))
    return Parts(
        store=store,
        reach=reach,
        renewal=_renewal(settings, store, key_version),
        normalizer=normalizer,
        embedder=embedder,
        rule=rule,
        judge=judge,
        generator=generator,
        documents=documents,
        bot=bot,
        lookup=lookup,
        reader=reader_of(settings, normalizer),
        curation=Curation(store, lookup, embedder, bot, show_progress=settings.show_progress),
        learning=learning_of(settings, store, lookup, watch, AnswersAgree(embedder, normalizer), generator),
        maintenance=maintenance_of(settings, store, bot),
        warming=_warming(settings, generator, documents),
    )


def reader_of(settings: Settings, normalizer: Normalizer) -> Reader:
    """What reads conversations and templates as the settings say."""
    return Reader(
        Conversation(normalizer, settings.lexicons),
        Template(settings.template) if settings.template is not None else None,
        DetectedTemplates() if settings.detect_templates else None,
        OpenedOnce(partial(_turn_model, show_progress=settings.show_progress)),
    )


def _turn_model(*, show_progress: bool) -> Turns:
    """Opens the encoder too, whatever else embeds."""
    from semantic_cache.encoder import TurnModel, open_encoder, shipped_turn_weights  # noqa: PLC0415

    return TurnModel(open_encoder(show_progress=show_progress), shipped_turn_weights())


def learning_of(
    settings: Settings, store: Store, lookup: Lookup, watch: DriftWatch, comparison: Comparison, generator: Generator
) -> Learning:
    """What keeps decisions and feedback as the settings say."""
    store.feedback.events.keep = settings.keep_events
    store.feedback.keep = settings.keep_feedback
    shadow = Shadow(generator, comparison, settings.shadow_share, random.random)
    return Learning(store, lookup, watch, shadow, log_questions=settings.log_questions)


def rule_of(settings: Settings, store: Store, reach: Reach, own_cuts: CutTable | None = None) -> Callable[[], Rule]:
    """The rule of a threshold or of a file of cuts, which stays, or else the one that follows the store's."""
    if settings.threshold is not None:
        by_cosine = Rule(Threshold(settings.threshold), "the threshold of the settings")
        return lambda: by_cosine
    make = partial(BudgetRule, settings.budget, budgets=settings.budgets)
    if own_cuts is not None:
        return OpenedOnce(lambda: Rule(make(own_cuts), "the cuts of the settings"))
    # What is shipped loads when the first question has to be judged: if it is damaged, exact and normalized hits are
    # served all the same.
    current = partial(reach.asked, partial(store.calibrations.current, CUTS))
    return StoredRule(make, OpenedOnce(shipped_cut_table), current)


def _judge_when_needed(
    settings: Settings,
    rule: Callable[[], Rule],
    evidence: Evidence,
    watch: DriftWatch,
) -> Callable[[], Judge]:
    languages = EMBEDDER_LANGUAGES.get(settings.embedder)
    own_cosines = settings.embedder != DEFAULT_EMBEDDER
    verifier = OpenedOnce(partial(open_verifier, own_cosines=own_cosines, show_progress=settings.show_progress))

    def judge() -> Judge:
        now = rule()
        if not now.policy.verifies:
            return Judge(now.policy, languages)
        return Judge(now.policy, languages, verifier(), evidence, watch.tightening, now.problem)

    return judge


def maintenance_of(settings: Settings, store: Store, bot: Bot) -> Maintenance | None:
    """What keeps the store in order in the background; None where that is not wanted."""
    if not settings.sweep_seconds:
        return None

    def retire() -> int:
        if not bot.documents:
            return 0
        former = (bot.digest, bot.documents)
        return store.life.invalidate(Selection(former_editions=former, used_before=time.time() - UNUSED_SECONDS)).count

    return Maintenance(retire, store.life.sweep, settings.sweep_seconds)


def _evidence(store: Store, reach: Reach, ids: Sequence[int]) -> Mapping[int, EntryEvidence]:
    with reach:
        return store.evidence(ids)


def _drift(settings: Settings, tenant: str) -> Drift:
    return Drift(settings.budgets.get(f"tenant:{tenant}", settings.budget).wrong_hits)


def _cut_table(path: Path) -> CutTable:
    try:
        table = CutTable.read(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise SettingsError(f"cuts={str(path)!r} cannot be read ({error}).") from error
    try:
        current = verifier_version()
    except EmbeddingError:
        return table  # nothing is judged by meaning without a verifier; that is told when a question comes
    if table.verifier != current:
        raise SettingsError(
            f"cuts={str(path)!r} counts the probabilities of another version's verifier: make it again with "
            "`samewise tune --write`."
        )
    return table


def _renewal(settings: Settings, store: Store, key_version: str) -> KeyRenewal:
    try:
        normalizer = Normalizer(settings.lexicons, max_chars=_ANY_LENGTH)
        renew_pairs(store, normalizer, key_version)
        renewal = KeyRenewal(store, normalizer, key_version)
        renewal.start()
    except StorageError as error:
        store.close()
        raise StoreError(str(error)) from error
    return renewal


def _key_version(settings: Settings) -> str:
    # A lexicon of one's own changes keys as a new version of normalization does.
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in settings.lexicons)).hexdigest()[:12]
    return f"{Normalizer.VERSION}+{digest}" if settings.lexicons else Normalizer.VERSION


def _generator(settings: Settings) -> Generator:
    if settings.base_url is not None:
        return OpenAIGenerator(settings.model, base_url=settings.base_url, api_key=settings.api_key)
    return LocalGenerator(
        settings.model,
        dtype=settings.dtype,
        kv_max_bytes=settings.kv_max_bytes,
        kv_folder=settings.kv_folder,
        show_progress=settings.show_progress,
    )


def _warming(settings: Settings, generator: Generator, documents: Sequence[Document]) -> Warming | None:
    if not settings.warm or not isinstance(generator, LocalGenerator):
        return None
    return Warming(generator.load, shared_text(settings.system, documents))
