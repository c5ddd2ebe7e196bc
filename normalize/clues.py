"""What a lexicon knows of conversations, ready to ask: the sections of lexicons/conversation/*.yaml, compiled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from normalize.lexicon import Lexicon
from normalize.lexicon_tables import cut
from normalize.phrases import Finder, Phrase, PhraseTable
from normalize.question import Step


@dataclass(frozen=True, slots=True)
class Clues:
    """One language's words that tie a turn to the conversation, or to no conversation.

    Each Finder labels with the entry found. `kinds` has the kind of a phrase as its `after` (`season`, `country`).
    `narrowing_ends` are the endings of words that set a condition, longest first.
    """

    lexicon: Lexicon
    follow_ups: PhraseTable
    lead_ins: PhraseTable
    pointers: Finder
    anchors: Finder
    owned: Finder
    leaning: Finder
    narrowing: Finder
    instructing: Finder
    narrowing_ends: tuple[str, ...]
    copulas: frozenset[str]
    kinds: PhraseTable

    @property
    def language(self) -> str:
        """The lexicon's language."""
        return self.lexicon.language

    def step(self, section: str, entry: str, text: str) -> Step:
        """A decision that `entry` of `section` made on `text`."""
        return Step(f"{self.language}.{section}: {entry}", text, text)

    def kind_at(self, tokens: Sequence[str], at: int) -> tuple[str, int]:
        """The kind of the phrase that begins at `at`, and how many tokens it takes; ("", 0) where none does."""
        phrase = self.kinds.at(tokens, at) if at < len(tokens) else None
        return (phrase.after[0], len(phrase.before)) if phrase is not None else ("", 0)


def clues_of(lexicons: Mapping[str, Lexicon]) -> dict[str, Clues]:
    """The clues of every language that has some; a language without pointers has none and decides nothing."""
    return {name: _compile(lexicon) for name, lexicon in lexicons.items() if lexicon.words.get("pointers")}


def _compile(lexicon: Lexicon) -> Clues:
    def words(section: str) -> frozenset[str]:
        return lexicon.words.get(section, frozenset())

    def finder(section: str) -> Finder:
        return Finder((cut(entry), entry) for entry in words(section))

    return Clues(
        lexicon=lexicon,
        follow_ups=_beginnings(words("follow_ups")),
        lead_ins=_beginnings(words("lead_ins")),
        pointers=finder("pointers"),
        anchors=finder("anchors"),
        owned=finder("owned"),
        leaning=finder("leaning"),
        narrowing=finder("narrowing"),
        instructing=finder("instructing"),
        narrowing_ends=tuple(sorted(words("narrowing_ends"), key=lambda end: (-len(end), end))),
        copulas=words("copulas"),
        kinds=PhraseTable(Phrase(cut(e.words), (e.result,), e.where) for e in lexicon.entries.get("kinds", ())),
    )


def _beginnings(entries: Iterable[str]) -> PhraseTable:
    return PhraseTable(Phrase(cut(entry.removesuffix("*")), (), entry) for entry in entries)
