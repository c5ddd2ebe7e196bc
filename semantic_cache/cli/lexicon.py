"""`samewise lexicon`: lines for a lexicon suggested from judged pairs, and a lexicon file checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from normalize import LexiconError, Normalizer
from normalize.learning import Lessons, Suggestion, suggest
from normalize.learning_file import lexicon_text
from normalize.learning_trial import Outcome, compare
from normalize.lexicon import BUNDLED
from normalize.lexicon_file import Entry, LexiconFile, read
from semantic_cache.errors import SettingsError
from semantic_cache.tuning.errors import PairsFileError
from semantic_cache.tuning.pairs import LabelledPair, read_pairs

__all__ = ["SuggestOptions", "accepted_numbers", "read_judged", "run_check", "run_suggest"]

_NAMES = {"q1": "question", "question": "question", "q2": "other", "other": "other"}
_OTHER_NAMES = ("same", "language", "group")
_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SuggestOptions:
    """What was asked for on the command line. `accept` are numbers of the table, `language` limits file and table."""

    output: Path | None = None
    accept: frozenset[int] = frozenset()
    language: str | None = None
    minimum: int = 3
    overwrite: bool = False
    lexicons: tuple[Path, ...] = ()


def accepted_numbers(given: str) -> frozenset[int]:
    """The numbers of `1,3`.

    Raises:
        SettingsError: A part of it is no number.
    """
    parts = [part.strip() for part in given.split(",") if part.strip()]
    odd = [part for part in parts if not part.isdecimal()]
    if odd:
        raise SettingsError(f"--accept: {odd[0]!r} is no number of a suggestion; write them as in 1,3")
    return frozenset(map(int, parts))


def read_judged(path: Path) -> tuple[LabelledPair, ...]:
    """Judged pairs: JSON lines with q1, q2, same and, if you like, language; or a table as `samewise tune` takes it.

    Raises:
        PairsFileError: The file or a line of it cannot be used; a file with one bad line is refused whole.
    """
    if path.suffix.lower() != ".jsonl":
        if path.suffix.lower() not in {".csv", ".tsv"}:
            raise PairsFileError(f"{path}: the ending {path.suffix!r} is not one of .jsonl, .csv, .tsv.")
        return read_pairs(path)
    try:
        with path.open(encoding="utf-8-sig") as file:
            pairs = tuple(_json_pairs(path, file))
    except OSError as error:
        raise PairsFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise PairsFileError(
            f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8 and read it again."
        ) from error
    if not pairs:
        raise PairsFileError(f"{path} holds no pair.")
    return pairs


def run_suggest(pairs: Path, options: SuggestOptions, console: Console) -> None:
    """Print what the pairs suggest; with an output, write a lexicon file: accepted lines live, the others as comments.

    Raises:
        PairsFileError: The pairs cannot be used.
        SettingsError: A lexicon, a number to accept or the output cannot be used.
    """
    if options.accept and options.output is None:
        raise SettingsError("--accept says what to write: name the file with --output")
    judged = read_judged(pairs)
    try:
        lessons = suggest(judged, lexicons=options.lexicons, minimum=options.minimum)
    except LexiconError as error:
        raise SettingsError(f"lexicons: {error}") from error
    shown = [one for one in lessons.suggestions if options.language in {None, one.candidate.language}]
    _print_lessons(lessons, shown, options.language, console)
    if options.output is not None:
        _write(options.output, shown, options)
        console.print(
            f"Written to {escape(str(options.output))}: {len(options.accept)} accepted, "
            f"{len(shown) - len(options.accept)} as comments.",
            soft_wrap=True,
        )


def run_check(file: Path, pairs: Path | None, lexicons: Sequence[Path], console: Console) -> bool:
    """Print what a lexicon file changes; True when no pair judged different would be joined by it.

    Raises:
        SettingsError: The file is no lexicon, or clashes with another; the message names file, line and entry.
        PairsFileError: The pairs cannot be used.
    """
    try:
        content = read(file)
        before, after = Normalizer(lexicons), Normalizer([*lexicons, file])
        others = [*(read(path) for path in sorted(BUNDLED.rglob("*.yaml"))), *map(read, lexicons)]
    except LexiconError as error:
        raise SettingsError(str(error)) from error
    console.print(escape(f"{file}: a lexicon of language {content.language}, {_counts(content)}."), soft_wrap=True)
    for entry, replaced in _replaced(content, others):
        console.print(
            escape(
                f"  {entry.where}: {entry.words} → {entry.result} replaces {replaced.words} → {replaced.result} "
                f"({replaced.where})"
            ),
            soft_wrap=True,
        )
    if pairs is None:
        return True
    outcome = compare(read_judged(pairs), before, after)
    _print_outcome(outcome, console)
    return not outcome.confused


def _json_pairs(path: Path, file: Iterable[str]) -> Iterator[LabelledPair]:
    seen: dict[frozenset[str], LabelledPair] = {}
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        pair = _json_pair(f"{path}, line {number}", number, line)
        first = seen.setdefault(frozenset((pair.question, pair.other)), pair)
        if first.same is not pair.same:
            raise PairsFileError(
                f"{path}, line {number}: the same pair has the other label on line {first.line}. Keep one of the two."
            )
        yield pair


def _json_pair(where: str, number: int, line: str) -> LabelledPair:
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise PairsFileError(f"{where}: not JSON ({error}).") from error
    if not isinstance(fields, dict):
        raise PairsFileError(f'{where}: write an object: {{"q1": "…", "q2": "…", "same": true}}.')
    strange = [name for name in fields if name not in _NAMES and name not in _OTHER_NAMES]
    if strange:
        raise PairsFileError(f"{where}: {strange[0]!r} is not used here. Keep q1, q2, same, language, group.")
    texts = {_NAMES[name]: value for name, value in fields.items() if name in _NAMES}
    for name, wanted in (("question", "q1"), ("other", "q2")):
        if not isinstance(texts.get(name), str) or not texts[name].strip():
            raise PairsFileError(f"{where}: no text in {wanted!r}. Give it one, or remove the line.")
    if not isinstance(fields.get("same"), bool):
        raise PairsFileError(f"{where}: 'same' is {fields.get('same')!r}. Write true or false.")
    language, group = fields.get("language") or "", fields.get("group") or ""
    if not isinstance(language, str) or not isinstance(group, str):
        raise PairsFileError(f'{where}: language and group are texts. Write a code, as in "language": "en".')
    return LabelledPair(texts["question"], texts["other"], fields["same"], language, group, number)


def _write(output: Path, shown: Sequence[Suggestion], options: SuggestOptions) -> None:
    languages = sorted({one.candidate.language for one in shown})
    if len(languages) != 1:
        wanted = f"they are of {', '.join(languages)}: name one with --language" if languages else "there are none"
        raise SettingsError(f"a lexicon file has suggestions of one language, and {wanted}")
    unknown = sorted(options.accept - {one.number for one in shown})
    if unknown:
        numbers = ", ".join(str(one.number) for one in shown)
        raise SettingsError(f"--accept {unknown[0]}: there is no such suggestion here, the numbers are {numbers}")
    if output.exists() and not options.overwrite and not _is_idle(output):
        raise SettingsError(f"{output} holds lines that someone accepted: name another file, or say --overwrite")
    text = lexicon_text(languages[0], shown, options.accept)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{output} cannot be written: {error.strerror or error}") from error


def _is_idle(path: Path) -> bool:
    """Whether the lexicon file does nothing: all its lines are comments."""
    try:
        content = read(path)
    except LexiconError:
        return False
    return content == LexiconFile(content.language, content.path)


def _print_lessons(lessons: Lessons, shown: Sequence[Suggestion], language: str | None, console: Console) -> None:
    console.print(
        f"{lessons.pairs} pairs; {lessons.joined} judged the same share a key already, {lessons.left_out} left out "
        f"(of no known language, or of two)."
    )
    if lessons.confused:
        console.print(f"[red]{lessons.confused} pairs judged different share a key[/red]: see samewise explain.")
    if shown:
        console.print(_table(shown))
    else:
        console.print("No suggestions: no rule is asked for by enough pairs.")
    refused = [one for one in lessons.refused if language in {None, one.candidate.language}]
    for one in refused[:_MOST_SHOWN]:
        console.print(escape(f"refused: {_rule(one)}: {one.refused}"), soft_wrap=True, highlight=False)
    if len(refused) > _MOST_SHOWN:
        console.print(f"… and {len(refused) - _MOST_SHOWN} more refused.")


def _table(shown: Iterable[Suggestion]) -> Table:
    table = Table(title="Suggestions", title_justify="left")
    for name in ("no.", "rule", "for", "against", "proven", "example"):
        table.add_column(name, overflow="fold")
    for one in shown:
        example = " | ".join(one.examples[0]) if one.examples else ""
        table.add_row(
            str(one.number), escape(_rule(one)), str(one.support), str(one.against), f"{one.bound:.0%}", escape(example)
        )
    return table


def _rule(one: Suggestion) -> str:
    candidate = one.candidate
    change = f" → {' '.join(candidate.result)}" if candidate.result else ""
    return f"{candidate.language}.{candidate.section}: {' '.join(candidate.words)}{change}"


def _counts(content: LexiconFile) -> str:
    counts = {name: len(entries) for name, entries in (*content.lists.items(), *content.tables.items())}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "without lists and tables"


def _replaced(content: LexiconFile, others: Iterable[LexiconFile]) -> Iterator[tuple[Entry, Entry]]:
    """Entries of the file, each with the one of another file whose place it takes."""
    for other in others:
        if other.language == content.language:
            for section, entries in content.tables.items():
                known = {entry.words: entry for entry in other.tables.get(section, ())}
                yield from (
                    (entry, known[entry.words])
                    for entry in entries
                    if entry.words in known and known[entry.words].result != entry.result
                )


def _print_outcome(outcome: Outcome, console: Console) -> None:
    for pairs, said in (
        (outcome.joined, "pairs judged the same would share a key"),
        (outcome.parted, "pairs judged the same would no longer share a key"),
        (outcome.confused, "pairs judged different would share a key"),
    ):
        console.print(f"{len(pairs)} {said}{':' if pairs else '.'}")
        for pair in pairs[:_MOST_SHOWN]:
            console.print(f"  {escape(pair.question)} | {escape(pair.other)}", soft_wrap=True, highlight=False)
        if len(pairs) > _MOST_SHOWN:
            console.print(f"  … and {len(pairs) - _MOST_SHOWN} more.")
