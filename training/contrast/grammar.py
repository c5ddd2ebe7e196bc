"""The template files: slots, macros and groups of wordings, read from YAML and checked.

A wording is one line. ``{slot}`` is a filler (``{slot1}`` and ``{slot2}`` two different ones, ``{slot.form}`` a form of
it), ``<a|b>`` tells the meanings of a group apart, ``[macro]`` is a choice that changes nothing, and ``//`` parts
pieces that may stand in another order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SLOT = re.compile(r"\{([a-z_]+)(\d?)(?:\.([a-z]+))?\}")
CHOICE = re.compile(r"<([^<>]*)>")
MACRO = re.compile(r"\[([^\[\]]+)\]")
LANGUAGES = ("en", "ko", "ru", "pt", "es")


@dataclass(frozen=True)
class Filler:
    """One value of a slot: spellings that mean the same, each a tuple of its forms."""

    variants: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Slot:
    """What may stand in a place of a wording; ``kind`` names what is changed when the filler is changed."""

    kind: str
    fillers: tuple[Filler, ...]


@dataclass(frozen=True)
class Group:
    """Wordings of ``meanings`` questions; ``swap`` is the kind of change that swapping slots makes, or ``same``."""

    name: str
    kind: str
    wordings: tuple[str, ...]
    meanings: int
    slots: tuple[str, ...]
    swap: str | None


@dataclass(frozen=True)
class Grammar:
    """Everything that a language's file holds; ``forms`` are the names of the forms of fillers, in their order."""

    language: str
    forms: tuple[str, ...]
    slots: dict[str, Slot]
    macros: dict[str, tuple[str, ...]]
    groups: tuple[Group, ...]
    surface: dict[str, tuple[str, ...]]


@cache
def grammar_of(language: str) -> Grammar:
    """The grammar of one of :data:`LANGUAGES`; ValueError for another language or an unsound file."""
    if language not in LANGUAGES:
        raise ValueError(f"no contrast templates for {language!r}; there are {', '.join(LANGUAGES)}")
    source = yaml.safe_load((Path(__file__).parent / f"{language}.yaml").read_text(encoding="utf-8"))
    slots = {name: _slot(kind, text) for kind, named in source["slots"].items() for name, text in named.items()}
    grammar = Grammar(
        language=language,
        forms=tuple(source.get("forms", "n").split()),
        slots=slots,
        macros={name: _split(text, "|") for name, text in source["macros"].items()},
        groups=tuple(
            _group(f"{language}.{domain}.{name}", entry)
            for domain, named in source["groups"].items()
            for name, entry in named.items()
        ),
        surface={name: _split(text, "|") for name, text in source["surface"].items()},
    )
    _check(grammar)
    return grammar


def slot_keys(text: str) -> tuple[str, ...]:
    """The slots a wording names, with their digits, each once, sorted."""
    return tuple(sorted({match.group(1) + match.group(2) for match in SLOT.finditer(text)}))


def slot_name(key: str) -> str:
    """The slot that ``city1`` draws its filler from: ``city``."""
    return key.rstrip("0123456789")


def _split(text: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(text).split(mark))


def _slot(kind: str, text: str) -> Slot:
    fillers = (
        Filler(tuple(_split(variant, "/") for variant in _split(filler, "="))) for filler in _split(text, ";") if filler
    )
    return Slot(kind, tuple(fillers))


def _group(name: str, entry: dict[str, Any]) -> Group:
    wordings = _split(entry["w"].strip(), "\n")
    counts = {len(match.group(1).split("|")) for line in wordings for match in CHOICE.finditer(line)} or {1}
    if len(counts) > 1:
        raise ValueError(f"{name}: <…> with {sorted(counts)} alternatives in one group; give each the same number")
    meanings = counts.pop()
    for line in wordings:
        if meanings > 1 and not CHOICE.search(line):
            raise ValueError(f"{name}: no <…> tells the meanings apart in {line!r}")
        if slot_keys(line) != slot_keys(wordings[0]):
            raise ValueError(f"{name}: {slot_keys(line)} in {line!r}, {slot_keys(wordings[0])} in the first wording")
    return Group(name, entry.get("kind", "antonym"), wordings, meanings, slot_keys(wordings[0]), entry.get("swap"))


def _check(grammar: Grammar) -> None:
    for group in grammar.groups:
        text = "\n".join(group.wordings)
        if missing := {slot_name(key) for key in group.slots} - set(grammar.slots):
            raise ValueError(f"{group.name}: no slot {sorted(missing)}")
        if unknown := {match.group(1) for match in MACRO.finditer(text)} - set(grammar.macros):
            raise ValueError(f"{group.name}: no macro {sorted(unknown)}")
        if group.meanings == 1 and not group.slots:
            raise ValueError(f"{group.name}: one meaning and no slot; nothing in it can be changed")
