"""A lexicon file as plain data that has been checked. The format is described at the top of lexicons/en.yaml."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import yaml

from normalize.errors import LexiconError

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the C parser where libyaml is there: ten times faster

LISTS: Final = (
    "stopwords", "case", "interrogatives", "leads", "markers", "greetings", "openers", "closers", "fillers", "chatter",
    "mentions", "keep", "commas", "possible", "symmetric", "borders", "singular_after", "plural_only", "subject_after",
    "follow_ups", "pointers", "lead_ins", "names", "anchors", "owned", "leaning", "narrowing", "narrowing_ends",
    "instructing", "copulas", "determiners", "moving",
)  # fmt: skip
TABLES: Final = (
    "characters", "contractions", "abbreviations", "synonyms", "requests", "frames", "attributes", "participles",
)  # fmt: skip
FACTS: Final = (
    "ordinals", "negations", "times", "dates", "persons", "modality", "question_types", "quantifiers", "comparatives",
    "directions",
)  # fmt: skip
LABELS: Final = ("numbers", "multipliers", "units", "kinds", *FACTS)
_NESTED: Final = {
    "articles": ("drop", "after", "keep_before", "defining"),
    "joints": ("hundreds", "tens"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`words` found become (or are labelled) `result`; `where` names the file and the line.

    `against` is the label of the other side, of an entry of `polarity`.
    """

    words: str
    result: str
    where: str
    against: str = ""


@dataclass(frozen=True, slots=True)
class LexiconFile:
    """One file: `lists` of words, `tables` of entries, `nested` lists within a section, `polarity` of opposites."""

    language: str
    path: str
    grouping: str = ""
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tables: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    nested: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    praise: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    polarity: tuple[Entry, ...] = ()


def read(path: Path) -> LexiconFile:
    """Reads and checks one file. Error: LexiconError, naming file, line and entry."""
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise LexiconError(f"{path}: can't be read ({exc.strerror}): give the path of a YAML file") from exc
    except UnicodeDecodeError as exc:
        raise LexiconError(f"{path}: byte {exc.start} is not UTF-8: save the file as UTF-8") from exc
    try:
        root = yaml.compose(source, Loader=_Loader)
    except yaml.YAMLError as exc:
        raise LexiconError(f"{path}: no valid YAML: {exc}") from exc
    return _Reader(path.name).file(root)


class _Reader:
    """Walks the nodes rather than plain values: they know their lines, and `no` stays a word."""

    def __init__(self, name: str) -> None:
        self.name = name

    def where(self, node: Any) -> str:
        return f"{self.name}:{node.start_mark.line + 1}" if node is not None else f"{self.name}:1"

    def fail(self, node: Any, message: str) -> LexiconError:
        return LexiconError(f"{self.where(node)}: {message}")

    def file(self, root: Any) -> LexiconFile:
        sections = self.mapping(root, "the file")
        if "language" not in sections:
            raise self.fail(root, "`language` is missing: name the language, as in `language: en`")
        language = sections.pop("language")
        if self.word(language) == "und":
            raise self.fail(language, "language 'und' is for texts in no known language and has no rules: name another")
        file: dict[str, Any] = {"language": self.word(language), "path": self.name}
        lists, tables, nested = {}, {}, {}
        for name, node in sections.items():
            if name in LISTS:
                lists[name] = self.words(node, name)
            elif name in TABLES or name in LABELS:
                tables[name] = self.entries(node, name)
            elif name in _NESTED:
                nested[name] = self.parts(node, name, _NESTED[name])
            else:
                file[name] = self.special(name)(node)
        return LexiconFile(**file, lists=lists, tables=tables, nested=nested)

    def special(self, name: str) -> Callable[[Any], Any]:
        def unknown(node: Any) -> Any:
            known = ", ".join(("language", "grouping", "praise", "polarity", *_NESTED, *LISTS, *TABLES, *LABELS))
            raise self.fail(node, f"unknown section {name!r}: known are {known}")

        return {"grouping": self.word, "praise": self.praise, "polarity": self.polarity}.get(name, unknown)

    def word(self, node: Any) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self.fail(node, "a word is wanted here, found a list, a mapping or nothing")
        return str(node.value)

    def words(self, node: Any, section: str) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.fail(node, f"{section!r} is a list of words: write `{section}: [one, two words]`")
        found: dict[str, str] = {}
        for item in node.value:
            word = self.word(item)
            if word in found:
                raise self.fail(item, f"duplicate entry {word!r} in {section!r}, first at {found[word]}: keep one")
            found[word] = self.where(item)
        return tuple(found)

    def mapping(self, node: Any, section: str) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, f"{section!r} is a mapping: write `name: value` lines")
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = self.word(key)
            if name in found:
                raise self.fail(
                    key, f"duplicate entry {name!r} in {section!r}, first at {self.where(found[name])}: keep one"
                )
            found[name] = value
        return found

    def entries(self, node: Any, section: str) -> tuple[Entry, ...]:
        """`result: [words, …]`; each of the words may stand once in its section."""
        found: dict[str, Entry] = {}
        for result, value in self.mapping(node, section).items():
            for item in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                entry = Entry(self.word(item), result, self.where(item))
                if entry.words in found:
                    first = f"first at {found[entry.words].where} for {found[entry.words].result!r}"
                    raise self.fail(item, f"duplicate entry {entry.words!r} in {section!r}, {first}: keep one")
                if entry.words == result and section in TABLES:
                    raise self.fail(item, f"entry {result!r} in {section!r} stands for itself: leave it out")
                found[entry.words] = entry
        return tuple(found.values())

    def parts(self, node: Any, section: str, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        found = self.mapping(node, section)
        for name in found:
            if name not in names:
                raise self.fail(found[name], f"unknown part {name!r} of {section!r}: known are {', '.join(names)}")
        return {name: self.words(value, f"{section}.{name}") for name, value in found.items()}

    def praise(self, node: Any) -> Any:
        parts = [self.parts(item, "praise", ("drop", "near")) for item in self.items(node, "praise")]
        return tuple((part.get("drop", ()), part.get("near", ())) for part in parts)

    def polarity(self, node: Any) -> tuple[Entry, ...]:
        entries: list[Entry] = []
        for item in self.items(node, "polarity"):
            if not isinstance(item, yaml.MappingNode) or len(item.value) != 2:
                raise self.fail(
                    item, "an item of 'polarity' has two sides: {open: [open, opens], close: [close, closes]}"
                )
            one, other = (self.word(key) for key, _ in item.value)
            against = {one: other, other: one}
            entries.extend(replace(entry, against=against[entry.result]) for entry in self.entries(item, "polarity"))
        return tuple(entries)

    def items(self, node: Any, section: str) -> list[Any]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.fail(node, f"{section!r} is a list of mappings")
        return list(node.value)
