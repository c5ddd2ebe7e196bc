"""The sections of a lexicon file as tables that find their phrases; what can't be compiled is refused here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from normalize.errors import LexiconError
from normalize.lexicon_file import Entry, LexiconFile
from normalize.phrases import Finder, Frame, FrameTable, Phrase, PhraseTable, Tokens
from normalize.tokens import split

_REWRITES: Final = {"contractions": "contraction", "abbreviations": "abbreviation", "synonyms": "synonym"}
_RULE_NAMES: Final = {
    **_REWRITES,
    "greetings": "greeting",
    "openers": "opener",
    "closers": "closer",
    "fillers": "filler",
}


@dataclass(frozen=True, slots=True)
class Suffixes:
    """Sentence endings written without spaces, by suffix, with the longest length to try."""

    by_suffix: dict[str, str]
    longest: int

    def longest_in(self, compact: str) -> str | None:
        """The longest suffix of `compact` that is known."""
        lengths = range(min(len(compact), self.longest), 0, -1)
        return next((compact[-n:] for n in lengths if compact[-n:] in self.by_suffix), None)


def cut(words: str) -> Tokens:
    """The tokens of a lexicon entry, made by the very code that cuts questions."""
    if words.endswith("*"):
        return (words.lower(),)
    return tuple(token for sentence in split(words) for token in sentence.tokens)


class Tables:
    """Compiles one file. Error of every method: LexiconError, naming file, line and entry."""

    def __init__(self, file: LexiconFile) -> None:
        self.file = file

    def entries(self, *sections: str) -> Iterable[tuple[str, Entry]]:
        return ((section, entry) for section in sections for entry in self.file.tables.get(section, ()))

    def check_chains(self) -> None:
        """a → b together with b → c would make the key depend on the order of passes."""
        for sections in (tuple(_REWRITES), ("endings",), ("frames",)):
            by_words = {entry.words: entry for _, entry in self.entries(*sections)}
            for _, entry in self.entries(*sections):
                if (after := by_words.get(entry.result)) is not None:
                    raise LexiconError(
                        f"{entry.where}: chain {entry.words!r} → {entry.result!r} → {after.result!r} ({after.where}): "
                        f"let {entry.words!r} lead to {after.result!r} at once"
                    )

    def label(self, section: str, entry: Entry) -> str:
        return f"{self.file.language}.{_RULE_NAMES.get(section, section.rstrip('s'))}: {entry.words} → {entry.result}"

    def rewrites(self, *sections: str) -> PhraseTable:
        found = self.entries(*sections)
        return PhraseTable(
            Phrase(self.cut(e.words, e.where), self.cut(e.result, e.where), self.label(s, e)) for s, e in found
        )

    def units(self) -> PhraseTable:
        return PhraseTable(
            Phrase(self.cut(e.words, e.where), (e.result,), self.label(s, e)) for s, e in self.entries("units")
        )

    def removals(self, *sections: str) -> PhraseTable:
        listed = ((section, words) for section in sections for words in self.file.lists.get(section, ()))
        return PhraseTable(
            Phrase(self.cut(w), (), f"{self.file.language}.{_RULE_NAMES.get(s, s)}: {w}") for s, w in listed
        )

    def finder(self, section: str) -> Finder:
        return self.labels(self.file.tables.get(section, ()))

    def labels(self, entries: Iterable[Entry]) -> Finder:
        return Finder((self.cut(entry.words, entry.where), entry.result) for entry in entries)

    def finder_of_words(self, *sections: str) -> Finder:
        return Finder((self.cut(words), words) for section in sections for words in self.file.lists.get(section, ()))

    def cut(self, words: str, where: str = "") -> Tokens:
        """The tokens of an entry. Error: LexiconError when there is none, as in an entry of dots."""
        if not (tokens := cut(words)):
            raise LexiconError(f"{where or self.file.path}: entry {words!r} has no word: write words or leave it out")
        return tokens

    def suffixes(self, section: str) -> Suffixes:
        found = {entry.words.replace(" ", ""): entry.result for _, entry in self.entries(section)}
        return Suffixes(found, max(map(len, found), default=0))

    def values(self, section: str) -> dict[str, int]:
        values = {}
        for _, entry in self.entries(section):
            if not entry.result.isdecimal():
                raise LexiconError(
                    f"{entry.where}: {entry.result!r} in {section!r} is no whole number: write `2: [two]`"
                )
            values[entry.words] = int(entry.result)
        return values

    def frames(self) -> FrameTable:
        interrogatives = frozenset(self.file.lists.get("interrogatives", ()))
        return FrameTable((self.frame(entry) for _, entry in self.entries("frames")), interrogatives)

    def frame(self, entry: Entry) -> Frame:
        slot = "{q}" if "{q}" in entry.words else "{x}"
        for pattern in (entry.words, entry.result):
            if pattern.count(slot) != 1:
                raise LexiconError(
                    f"{entry.where}: frame {pattern!r} needs its slot once: {{x}}, or {{q}} on both sides"
                )
        start, end = map(cut, entry.words.split(slot))
        new_start, new_end = map(cut, entry.result.split(slot))
        if not start and not end:
            raise LexiconError(f"{entry.where}: frame {entry.words!r} has no word beside its slot")
        return Frame(start, end, new_start, new_end, slot == "{q}", self.label("frames", entry))
