"""The rules of one language, ready to apply: files merged, checked for chains, and compiled into phrase tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from normalize.language import UNDETERMINED
from normalize.lexicon_file import FACTS, Entry, LexiconFile, read
from normalize.lexicon_tables import Tables, cut
from normalize.phrases import Finder, FrameTable, PhraseTable, Tokens

BUNDLED: Final = Path(__file__).parent / "lexicons"
_COUNTED: Final = ("numbers", "multipliers", "units", "times", "dates")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything the passes ask about a language. The field names are the sections of the file.

    `words` holds every section that is a list (`articles.drop`: a part of one), `labels` every section of facts,
    `entries` every table as it was read, with the place of each entry, `opposites` of a label of `polarity` all that
    stand against it.
    """

    language: str
    grouping: str
    words: dict[str, frozenset[str]]
    known: frozenset[str]
    characters: dict[int, str]
    contractions: PhraseTable
    synonyms: PhraseTable
    greetings: PhraseTable
    openers: PhraseTable
    closers: PhraseTable
    fillers: PhraseTable
    keep: PhraseTable
    symmetric: PhraseTable
    participles: dict[str, str]
    singular_after: PhraseTable
    chatter: PhraseTable
    frames: FrameTable
    numbers: dict[str, int]
    multipliers: dict[str, int]
    units: PhraseTable
    markers: Finder
    mentions: Finder
    negations: Finder
    times: Finder
    dates: Finder
    ordinals: Finder
    polarity: Finder
    opposites: dict[str, frozenset[str]]
    labels: dict[str, Finder]
    entries: dict[str, tuple[Entry, ...]]
    praise: tuple[tuple[frozenset[str], Finder], ...]


def load(paths: Sequence[Path] = ()) -> dict[str, Lexicon]:
    """The bundled lexicons with yours merged over them, by language; `und` for texts in none. Error: LexiconError."""
    if not paths:
        return _bundled()
    return _compile_all((*sorted(BUNDLED.rglob("*.yaml")), *map(Path, paths)))


@lru_cache(maxsize=1)
def _bundled() -> dict[str, Lexicon]:
    return _compile_all(sorted(BUNDLED.rglob("*.yaml")))


def _compile_all(paths: Iterable[Path]) -> dict[str, Lexicon]:
    files: dict[str, list[LexiconFile]] = {}
    for path in paths:
        file = read(path)
        files.setdefault(file.language, []).append(file)
    merged = {language: _merge(group) for language, group in files.items()}
    return {language: _compile(file) for language, file in (merged | {UNDETERMINED: _facts_only(merged)}).items()}


def _facts_only(files: Mapping[str, LexiconFile]) -> LexiconFile:
    """Rewrites nothing, yet knows the negations, times and opposites of every language: a guess hides no fact."""
    base = LexiconFile(UNDETERMINED, "every language")
    for file in files.values():
        facts: dict[str, tuple[Entry, ...]] = {name: file.tables[name] for name in FACTS if name in file.tables}
        base = _merge((base, LexiconFile(UNDETERMINED, file.path, tables=facts, polarity=file.polarity)))
    return base


def _merge(files: Sequence[LexiconFile]) -> LexiconFile:
    """Lists are joined; of two entries with the same words the later file's wins."""
    base = files[0]
    for file in files[1:]:
        nested = {
            name: {
                part: _join(base.nested.get(name, {}).get(part), file.nested.get(name, {}).get(part)) for part in parts
            }
            for name, parts in _both(base.nested, file.nested).items()
        }
        base = LexiconFile(
            language=base.language,
            path=f"{base.path} + {file.path}",
            grouping=file.grouping or base.grouping,
            lists={name: _join(base.lists.get(name), file.lists.get(name)) for name in {**base.lists, **file.lists}},
            tables={
                name: _over(base.tables.get(name), file.tables.get(name)) for name in {**base.tables, **file.tables}
            },
            nested=nested,
            praise=base.praise + file.praise,
            polarity=_over(base.polarity, file.polarity),
        )
    return base


def _both(a: dict[str, dict[str, Tokens]], b: dict[str, dict[str, Tokens]]) -> dict[str, set[str]]:
    return {name: {*a.get(name, {}), *b.get(name, {})} for name in {**a, **b}}


def _join(first: Tokens | None, second: Tokens | None) -> Tokens:
    return tuple(dict.fromkeys((first or ()) + (second or ())))


def _over(first: tuple[Entry, ...] | None, second: tuple[Entry, ...] | None) -> tuple[Entry, ...]:
    return tuple({entry.words: entry for entry in (first or ()) + (second or ())}.values())


def _telling(file: LexiconFile) -> frozenset[str]:
    """Words of the lexicon that tell its language as well as stopwords do."""
    said = (token for name in ("greetings", "fillers") for entry in file.lists.get(name, ()) for token in cut(entry))
    counted = (
        entry.words
        for name in ("numbers", "multipliers", "units", "times", "dates")
        for entry in file.tables.get(name, ())
    )
    return frozenset(word for word in (*said, *counted) if word.isalpha())


def _compile(file: LexiconFile) -> Lexicon:
    table, words = Tables(file), {name: frozenset(file.lists.get(name, ())) for name in file.lists}
    for name, parts in file.nested.items():
        words |= {f"{name}.{part}": frozenset(values) for part, values in parts.items()}
    words["stopwords"] = words.get("stopwords", frozenset()) | _telling(file)
    table.check_chains()
    table.check_conflicts()
    return Lexicon(
        language=file.language,
        grouping=file.grouping,
        words=words,
        known=words["stopwords"],
        characters=str.maketrans({entry.words: entry.result for entry in file.tables.get("characters", ())}),
        contractions=table.rewrites("contractions"),
        synonyms=table.rewrites("abbreviations", "synonyms"),
        greetings=table.removals("greetings"),
        openers=table.removals("openers"),
        closers=table.removals("closers"),
        fillers=table.fillers(),
        keep=table.removals("keep"),
        participles={entry.words: entry.result for entry in file.tables.get("participles", ())},
        symmetric=table.removals("symmetric"),
        singular_after=table.removals("singular_after"),
        chatter=table.removals("chatter", "greetings", "openers", "closers", "fillers"),
        frames=table.frames(),
        numbers=table.values("numbers"),
        multipliers=table.values("multipliers"),
        units=table.units(),
        markers=table.finder_of_words("markers", "interrogatives"),
        mentions=table.finder_of_words("mentions"),
        negations=table.finder("negations"),
        times=table.finder("times"),
        dates=table.finder("dates"),
        ordinals=table.finder("ordinals"),
        polarity=table.labels(file.polarity),
        opposites=_opposites(file.polarity),
        labels={name: table.finder(name) for name in FACTS},
        entries=file.tables,
        praise=tuple((frozenset(drop), Finder((cut(w), w) for w in near)) for drop, near in file.praise),
    )


def _opposites(entries: Iterable[Entry]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for entry in entries:
        found[entry.result] = found.get(entry.result, frozenset()) | {entry.against}
    return found
