"""A wording with its choices made: the sentence it stands for."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TypeVar

from .grammar import CHOICE, MACRO, SLOT, Filler, Grammar
from .korean import settle_particles
from .romance import EDGE, article_form, contract
from .surface import misspelled, sentence

_DROPPED = re.compile(r"(?<=\S)(?:을/를|이/가(?= (?:얼마|언제|뭐|무엇|어떻게|궁금))) ")
# "an elephant", "an MBA"; a word with U is "a", as in "a USB stick".
_AN = re.compile(r"[aeiouAEIO]|M[A-Z\d]{2}")
_LOOSE = re.compile(r" +(?=[ ?.,])")
# "во Франции", "со сливками": a vowel parts the preposition from two consonants that would be hard to say after it.
_RUSSIAN_O = re.compile(r"\b(?:[вВ](?= [вфВФ][^аеёиоуыэюяАЕЁИОУЫЭЮЯ\W])|[сС](?= [сзшжСЗШЖ][^аеёиоуыэюяАЕЁИОУЫЭЮЯ\W]))")
_DERIVED = ("bare", "un", "mi")
Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Question:
    """One meaning: which of the group's alternatives, and the filler of each slot."""

    meaning: int
    fillers: tuple[tuple[str, Filler], ...]


@dataclass(frozen=True)
class Voice:
    """How a question is put: the wording, the seed of its neutral choices, the order of pieces, and a typo."""

    wording: str
    seed: int
    turned: bool = False
    typo: bool = False


def render(grammar: Grammar, question: Question, voice: Voice) -> str:
    """The sentence for ``question``; the same arguments give the same sentence."""
    rng = random.Random(voice.seed)
    text = MACRO.sub(lambda match: _pick(rng, grammar.macros[match.group(1)]), voice.wording)
    text = _ordered(grammar.language, text, rng, voice.turned)
    if voice.typo:
        text = misspelled(grammar.language, text, rng)
    text = CHOICE.sub(lambda match: match.group(1).split("|")[question.meaning].strip(), text)
    if grammar.language == "ko" and rng.random() < 0.2:
        text = _DROPPED.sub(" ", text, count=1)
    spelled = {key: _pick(rng, filler.variants) for key, filler in question.fillers}
    text = SLOT.sub(lambda match: _form(grammar, spelled[match.group(1) + match.group(2)], match.group(3)), text)
    return sentence(_finished(grammar.language, text))


def _pick(rng: random.Random, options: tuple[Choice, ...]) -> Choice:
    # One draw whatever the number of options, so that two renderings with one seed stay in step.
    return options[int(rng.random() * len(options))]


def _form(grammar: Grammar, forms: tuple[str, ...], wanted: str | None) -> str:
    if wanted in _DERIVED and grammar.language in ("es", "pt"):
        return EDGE + article_form(grammar.language, forms[0], wanted)
    if wanted == "a" and grammar.language == "en":
        return ("an " if _AN.match(forms[0]) else "a ") + forms[0]
    index = grammar.forms.index(wanted) if wanted and len(forms) > 1 else 0
    if index >= len(forms) and wanted == "a":
        index = 0  # an accusative left out is the nominative
    return EDGE + forms[index]


def _ordered(language: str, text: str, rng: random.Random, turned: bool) -> str:
    swap = rng.random() < 0.5
    pieces = [piece.strip() for piece in text.split("//")]
    if len(pieces) == 1:
        return text
    if language == "ko":
        movable = pieces[:-1]
        if swap != turned:
            movable.reverse()
        return " ".join([*movable, pieces[-1]])
    first, second = pieces[0].rstrip(","), pieces[1]
    if language == "ru":
        return f"{first} {second}" if swap == turned else f"{second.rstrip('?')} {first}?"
    if swap != turned:
        if second.startswith("¿"):
            return f"{second.rstrip('?')} {first[:1].lower()}{first[1:]}?"
        mark = "?" if second.endswith("?") else "."
        return f"{second.rstrip('?.')} {first[:1].lower()}{first[1:]}{mark}"
    return f"{first}, {second}"


def _finished(language: str, text: str) -> str:
    if language == "ko":
        text = settle_particles(text.replace(EDGE, ""))
    elif language == "ru":
        text = _RUSSIAN_O.sub(lambda match: match.group() + "о", text.replace(EDGE, ""))
    elif language in ("es", "pt"):
        text = contract(language, text)
    return _LOOSE.sub("", text.replace(EDGE, "")).strip()
