"""Suggestions → the text of a lexicon file, in which only what a person accepted is a live line."""

import json
import re
from collections.abc import Iterable, Sequence, Set
from typing import Final, Protocol

from normalize.learning_candidates import Candidate

_PLAIN: Final = re.compile(r"[^\W\d_](?:[\w' -]*\w)?")
_REWRITES: Final = frozenset({"synonyms", "abbreviations"})


class Numbered(Protocol):
    """A suggestion as the table shows it."""

    @property
    def number(self) -> int: ...
    @property
    def candidate(self) -> Candidate: ...
    @property
    def evidence(self) -> str: ...


def entry_text(candidate: Candidate) -> str:
    """A whole lexicon file with this one line."""
    return "\n".join((f"language: {candidate.language}", *_section(candidate.section, [("", candidate, "")]), ""))


def lexicon_text(language: str, suggestions: Sequence[Numbered], accepted: Set[int]) -> str:
    """A lexicon file of one language: accepted suggestions as live lines, the others as comments in their section."""
    lines = [
        "# Suggested by `samewise lexicon suggest`, from pairs that people judged. A line that begins with # does",
        "# nothing: to accept it, delete its # and those of the lines it stands under. Then: samewise lexicon check",
        f"language: {_scalar(language)}",
    ]
    for section in dict.fromkeys(one.candidate.section for one in suggestions):
        rows = [
            ("" if one.number in accepted else "#", one.candidate, f"  # {one.number}: {_one_line(one.evidence)}")
            for one in suggestions
            if one.candidate.section == section
        ]
        lines += ["", *_section(section, rows)]
    return "\n".join((*lines, ""))


def _section(section: str, rows: Iterable[tuple[str, Candidate, str]]) -> list[str]:
    """A header, and a result's name, is live where any line below it is."""
    rows = list(rows)
    lines = [_mark(rows) + f"{section}:"]
    if section not in _REWRITES:
        return lines + [f"{mark}  - {_words(one.words)}{comment}" for mark, one, comment in rows]
    for result in dict.fromkeys(one.result for _, one, _ in rows):
        below = [row for row in rows if row[1].result == result]
        lines.append(f"{_mark(below)}  {_words(result)}:")
        lines += [f"{mark}    - {_words(one.words)}{comment}" for mark, one, comment in below]
    return lines


def _mark(rows: Iterable[tuple[str, Candidate, str]]) -> str:
    return "#" if all(mark for mark, *_ in rows) else ""


def _words(words: Iterable[str]) -> str:
    return _scalar(" ".join(words))


def _scalar(words: str) -> str:
    return words if _PLAIN.fullmatch(words) else json.dumps(words, ensure_ascii=False)


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
