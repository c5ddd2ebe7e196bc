"""What people put into the store: single answers and whole files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import track

from semantic_cache.embedding import EmbedderInUse
from semantic_cache.entries import Bot, Source, new_entry
from semantic_cache.errors import ImportFileError, QuestionError, StoreError
from semantic_cache.faq_file import FaqRow, ImportReport, read_faq
from semantic_cache.lookup import Lookup
from semantic_cache.request import Request, check_tags
from semantic_cache.scope import Scope
from storage import Entry, Lifetime, NewEntry, StorageError, Store

__all__ = ["Curation", "Extras"]

_BATCH = 64
_MAX_ANSWER_CHARS = 1_000_000
_MAX_DOCUMENT_CHARS = 1000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Extras:
    """What goes with an answer: tags, the names of the documents it rests on (none named: all that the bot has), and
    how long it lives (None: as the tags' lifetimes say, else until it is removed)."""

    tags: Collection[str] = ()
    documents: Collection[str] = ()
    lifetime: Lifetime | None = None

    def source(self) -> Source:
        """Where the answer comes from.

        Raises:
            QuestionError: The documents are not names, or the lifetime is not a Lifetime.
        """
        if self.lifetime is not None and not isinstance(self.lifetime, Lifetime):
            raise QuestionError(f"lifetime={self.lifetime!r} is no Lifetime; write Lifetime(ttl_seconds=3600).")
        return Source("curated", documents=_checked_documents(self.documents), lifetime=self.lifetime)


class Curation:
    """Adds answers that people wrote.

    Args:
        store: Where they go.
        lookup: Normalizes.
        embedder: Embeds.
        bot: Who answers.
        show_progress: Whether an import draws a bar.
    """

    def __init__(self, store: Store, lookup: Lookup, embedder: EmbedderInUse, bot: Bot, *, show_progress: bool) -> None:
        self._store = store
        self._lookup = lookup
        self._embedder = embedder
        self._bot = bot
        self._show_progress = show_progress

    def add(self, request: Request, scope: Scope, answer: str, extras: Extras) -> Entry:
        """Keep one answer; the same question in the same scope gets the new answer.

        Raises:
            QuestionError: Question, answer or what goes with it cannot be taken.
            StoreError: The store could not be written, or has no room for another answer that a person wrote.
            ModelError: The question could not be embedded.
        """
        check_answer(answer)
        (row,) = self._rows([(request, answer, check_tags(extras.tags))], scope, extras.source())
        try:
            return self._store.add(row)
        except StorageError as error:
            raise StoreError(f"The answer was not stored: {error}") from error

    def import_file(self, path: Path, make: Callable[[str], Request], scope: Scope, extras: Extras) -> ImportReport:
        """Keep every answer of a file. The file is checked whole before its first row is stored.

        Raises:
            ImportFileError: The file or one of its questions cannot be taken; nothing was stored.
            QuestionError: What goes with the answers cannot be taken; nothing was stored.
            StoreError: The store could not be written; the batches before are kept, and the import can be repeated.
        """
        extra, source = check_tags(extras.tags), extras.source()
        prepared = self._checked(path, read_faq(path), make)
        added = replaced = 0
        batches = [prepared[start : start + _BATCH] for start in range(0, len(prepared), _BATCH)]
        for batch in self._tracked(batches, f"Importing {path.name}"):
            items = [(request, row.answer, row.tags | extra) for request, row in batch]
            rows = self._rows(items, scope, source)
            try:
                report = self._store.add_many(rows)
            except StorageError as error:
                raise StoreError(f"The import of {path} stopped after {added + replaced} questions: {error}") from error
            added, replaced = added + report.added, replaced + report.replaced
        return ImportReport(added, replaced)

    def _checked(
        self, path: Path, rows: Sequence[FaqRow], make: Callable[[str], Request]
    ) -> list[tuple[Request, FaqRow]]:
        prepared, seen = [], dict[str, FaqRow]()
        for row in rows:
            try:
                check_answer(row.answer)
                check_tags(row.tags)
                request = make(row.question)
                key = self._lookup.normalize(request.text).key
            except QuestionError as error:
                raise ImportFileError(f"{path}, line {row.line}: {error}") from error
            other = seen.setdefault(key, row)
            if other.answer != row.answer:
                raise ImportFileError(
                    f"{path}, line {row.line}: {row.question!r} is the same question as line {other.line}, "
                    f"{other.question!r}, with another answer. Keep one of them, or word them apart."
                )
            prepared.append((request, row))
        return prepared

    def _rows(
        self, items: Sequence[tuple[Request, str, frozenset[str]]], scope: Scope, source: Source
    ) -> list[NewEntry]:
        questions = [self._lookup.normalize(request.text) for request, _, _ in items]
        vectors = self._embedder.vectors([question.text for question in questions])
        return [
            new_entry(
                question,
                answer,
                tenant=request.tenant,
                scope=scope.curated,
                exact_hash=request.exact_hash,
                key_version=self._lookup.key_version,
                source=source,
                embedder=self._embedder.name,
                vector=vector,
                tags=tags,
                bot=self._bot,
            )
            for question, vector, (request, answer, tags) in zip(questions, vectors, items, strict=True)
        ]

    def _tracked(self, items: Sequence[_T], title: str) -> Iterable[_T]:
        return track(items, title, console=Console(stderr=True), transient=True) if self._show_progress else items


def check_answer(answer: str) -> None:
    """Refuse an answer that cannot be stored or served."""
    if not isinstance(answer, str) or not answer.strip():
        raise QuestionError("The answer is empty. Give the text to serve.")
    if len(answer) > _MAX_ANSWER_CHARS:
        raise QuestionError(f"The answer has {len(answer)} characters; at most {_MAX_ANSWER_CHARS} can be stored.")
    if "\0" in answer or any("\ud800" <= character <= "\udfff" for character in answer):
        raise QuestionError("The answer holds a NUL character or a lone surrogate: remove it.")


def _checked_documents(names: Collection[str]) -> frozenset[str]:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise QuestionError(f"documents={names!r} is not a set of names; write {{'handbook.md'}}.")
    for name in names:
        if not 0 < len(name) <= _MAX_DOCUMENT_CHARS or not name.isprintable():
            raise QuestionError(
                f"The document {name!r} is not a printable name of 1 to {_MAX_DOCUMENT_CHARS} characters."
            )
    return frozenset(names)
