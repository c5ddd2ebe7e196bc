"""Conversations and what may be said next, written one by one in five languages.

A file of `training/conversations` holds blocks: a line `## name`, then the turns so far, `u:` (user), `c:` (user, and
it may change later answers), `i:` (user, an instruction that holds on) and `a:` (assistant), then what may be said
next: `S` stands alone, `F` depends by its form, `T` by what it leaves unsaid, `C` by a condition or an instruction
before. Written for this project (Apache-2.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from normalize import Message

__all__ = ["FOLDER", "NextTurn", "read_conversations"]

FOLDER = Path(__file__).with_name("conversations")
_SAID = re.compile(r"([ucia]):\s*(\S.*)")
_NEXT = re.compile(r"([SFTC])\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class NextTurn:
    """A turn and what was said before it.

    Args:
        history: What was said before.
        conditions: Of each of the user's turns in it, whether it may change later answers.
        kind: "S" stands alone; "F", "T" and "C" depend, for three reasons (above).
        group: The block: its next turns share a history.
    """

    history: tuple[Message, ...]
    conditions: tuple[bool, ...]
    text: str
    kind: str
    group: str
    language: str

    @property
    def alone(self) -> bool:
        """Whether it is to be taken out of its conversation. Not after a condition, even where that has nothing to do
        with it: what the model answers then may speak of what the user said about themselves."""
        return self.kind == "S" and not any(self.conditions)


def read_conversations(folder: Path = FOLDER) -> list[NextTurn]:
    """Every next turn of every file; a file's name starts with its language.

    Raises:
        ValueError: A line is none of those above, a block comes twice, or something is said after a next turn.
    """
    return [one for path in sorted(folder.glob("*.txt")) for one in _turns(path)]


def _turns(path: Path) -> Iterator[NextTurn]:
    name, names, history, asked = "", set[str](), list[tuple[str, str]](), False
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        where = f"{path.name}, line {number}"
        if line.startswith("## "):
            name, history, asked = line[3:].strip(), [], False
            if name in names:
                raise ValueError(f"{where}: the block {name!r} is there already; name it otherwise")
            names.add(name)
        elif (said := _SAID.fullmatch(line.strip())) and name and not asked:
            history.append((said[1], said[2]))
        elif (after := _NEXT.fullmatch(line.strip())) and any(who != "a" for who, _ in history):
            asked = True
            turns = tuple(Message("assistant" if who == "a" else "user", text) for who, text in history)
            conditions = tuple(who != "u" for who, _ in history if who != "a")
            yield NextTurn(turns, conditions, after[2], after[1], f"{path.stem}/{name}", path.stem[:2])
        elif line.strip():
            raise ValueError(f"{where}: {line!r} is no '## name', turn ('u: …') or next turn ('S …') in its place")
