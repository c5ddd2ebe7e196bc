"""The sections of a lexicon file as tables that find their phrases; what can't be compiled is refused here."""

import re
from collections.abc import Iterable
from typing import Final

from normalize.errors import LexiconError
from normalize.lexicon_file import FACTS, Entry, LexiconFile
from normalize.phrases import Finder, Frame, FrameTable, Pattern, Phrase, PhraseTable, Tokens
from normalize.tokens import split

_REWRITES: Final = {"contractions": "contraction", "abbreviations": "abbreviation", "synonyms": "synonym"}
_RULE_NAMES: Final = {
    **_REWRITES,
    "greetings": "greeting",
    "openers": "opener",
    "closers": "closer",
    "fillers": "filler",
}


_SLOT: Final = re.compile(r"\{(\w*)\}")
_SLOTS: Final = {("x",), ("q",), ("ing",), ("x", "y"), ("a", "b")}
_MOST_FRAMES: Final = 8
_FILLERS: Final = {"x": "xenon", "y": "yttrium", "a": "argon", "b": "boron", "q": "what", "ing": "xing"}


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
        for sections in (tuple(_REWRITES), ("frames",)):
            by_words = {entry.words: entry for _, entry in self.entries(*sections)}
            for _, entry in self.entries(*sections):
                if (after := by_words.get(entry.result)) is not None:
                    raise LexiconError(
                        f"{entry.where}: chain {entry.words!r} → {entry.result!r} → {after.result!r} ({after.where}): "
                        f"let {entry.words!r} lead to {after.result!r} at once"
                    )

    def check_conflicts(self) -> None:
        """Two rules for the same words: which one counts would depend on the order of passes."""
        for sections in (tuple(_REWRITES), ("frames",)):
            by_words: dict[Tokens, Entry] = {}
            for section, entry in self.entries(*sections):
                words = cut(entry.words) if section != "frames" else tuple(entry.words.lower().split())
                if (first := by_words.setdefault(words, entry)).result != entry.result:
                    raise LexiconError(
                        f"{entry.where}: {entry.words!r} becomes {entry.result!r} in {section!r}, "
                        f"yet {first.words!r} becomes {first.result!r} ({first.where}): keep one"
                    )
        self._check_fillers()

    def _check_fillers(self) -> None:
        """What is dropped can be neither replaced nor counted as a fact."""
        dropped = {cut(words): words for words in self.file.lists.get("fillers", ())}
        for section, entry in self.entries(*_REWRITES, *FACTS):
            if (words := dropped.get(cut(entry.words))) is not None:
                raise LexiconError(
                    f"{entry.where}: {entry.words!r} in {section!r} is dropped, for 'fillers' has {words!r}: keep one"
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
        return PhraseTable(self._removed(*sections))

    def _removed(self, *sections: str) -> Iterable[Phrase]:
        listed = ((section, words) for section in sections for words in self.file.lists.get(section, ()))
        return (Phrase(self.cut(w), (), f"{self.file.language}.{_RULE_NAMES.get(s, s)}: {w}") for s, w in listed)

    def fillers(self) -> PhraseTable:
        """The fillers, and the abbreviations of one (pls): they go together, before anything is written out."""
        dropped = {cut(words) for words in self.file.lists.get("fillers", ())}
        short = [
            Phrase(self.cut(entry.words, entry.where), (), self.label(section, entry))
            for section, entry in self.entries("abbreviations", "synonyms")
            if cut(entry.result) in dropped
        ]
        return PhraseTable((*self._removed("fillers"), *short))

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
        interrogatives, borders = (frozenset(self.file.lists.get(name, ())) for name in ("interrogatives", "borders"))
        frames = [(self.frame(entry), entry) for _, entry in self.entries("frames")]
        table = FrameTable((frame for frame, _ in frames), interrogatives, borders)
        for frame, entry in frames:
            _refuse_cycle(table, frame, entry)
        return table

    def frame(self, entry: Entry) -> Frame:
        """Error: LexiconError where the slots of the two sides differ, or nothing stands beside or between them."""
        before, after = self.pattern(entry.words, entry), self.pattern(entry.result, entry)
        if sorted(before.slots) != sorted(after.slots):
            raise LexiconError(f"{entry.where}: frame {entry.words!r} and {entry.result!r} need the same slots")
        if not before.parts[0] and not before.parts[-1]:
            raise LexiconError(f"{entry.where}: frame {entry.words!r} has no word beside its slot")
        return Frame(before, after, self.label("frames", entry))

    def pattern(self, text: str, entry: Entry) -> Pattern:
        """`text` cut at its slots."""
        pieces = _SLOT.split(text)
        slots = tuple(pieces[1::2])
        if slots not in _SLOTS and slots[::-1] not in _SLOTS:
            raise LexiconError(
                f"{entry.where}: frame {text!r} needs its slot once: {{x}}, {{q}} or {{ing}}; "
                f"or two: {{x}} and {{y}} in their order, {{a}} and {{b}} in any"
            )
        parts = tuple(cut(piece) for piece in pieces[0::2])
        if not all(parts[1:-1]):
            raise LexiconError(f"{entry.where}: frame {text!r} has no word between its slots")
        return Pattern(parts, slots)


def _refuse_cycle(table: FrameTable, frame: Frame, entry: Entry) -> None:
    """What a frame puts there is framed again; a circle would make the key depend on where it is cut off."""
    tokens = frame.after.filled({slot: (_FILLERS[slot],) for slot in frame.after.slots})
    seen: list[list[str]] = []
    while (found := table.rewritten(tokens)) is not None:
        if tokens in seen or len(seen) > _MOST_FRAMES:
            raise LexiconError(f"{entry.where}: frame {entry.words!r} leads in a circle over {found[0].rule!r}")
        seen.append(tokens)
        tokens = found[1]
