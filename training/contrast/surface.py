"""What people do to a sentence without changing what it asks: case, marks, greetings, filler words, typos."""

from __future__ import annotations

import random
import re

from .grammar import Grammar

_PROTECTED = re.compile(r"(<[^<>]*>|\{[^{}]*\})")
_WORD = re.compile(r"[^\W\d_]{5,}")
_SPACE = re.compile(r"(?<=[가-힣]) (?=[가-힣])")
_HEARD = (("어떻게", "어떡해"), ("되나요", "돼나요"), ("돼요", "되요"), ("할게", "할께"), ("싶어", "시퍼"))


def sentence(text: str) -> str:
    """``text`` with a capital first letter, also after Spanish's opening question mark."""
    start = 1 if text[:1] in "¿¡" else 0
    return text[:start] + text[start : start + 1].upper() + text[start + 1 :]


def misspelled(language: str, template: str, rng: random.Random) -> str:
    """``template`` with one slip of the fingers in its own words, never in a slot or in what tells meanings apart."""
    parts = _PROTECTED.split(template)
    slip = _korean_slip if language == "ko" else _latin_slip
    order = [index for index in range(0, len(parts), 2) if parts[index].strip()]
    rng.shuffle(order)
    for index in order:
        changed = slip(parts[index], rng)
        if changed != parts[index]:
            return "".join([*parts[:index], changed, *parts[index + 1 :]])
    return template


def dressed(grammar: Grammar, text: str, rng: random.Random) -> str:
    """``text`` perhaps with a greeting, a thank-you, small letters or no mark at the end."""
    if rng.random() < 0.10:
        text = with_opener(grammar, text, rng)
    if rng.random() < 0.06:
        text = with_closer(grammar, text, rng)
    if rng.random() < 0.22:
        text = text.lower()
    if rng.random() < 0.25:
        text = text.strip("¿?.!")
    return text


def with_opener(grammar: Grammar, text: str, rng: random.Random) -> str:
    """A greeting or a polite opening before ``text``."""
    return f"{rng.choice(grammar.surface['openers'])} {_lowered(text)}"


def with_closer(grammar: Grammar, text: str, rng: random.Random) -> str:
    """Thanks after ``text``."""
    end = "" if text[-1:] in "?.!" else "."
    return f"{text}{end} {rng.choice(grammar.surface['closers'])}"


def with_filler(grammar: Grammar, text: str, rng: random.Random) -> str:
    """A word that people say while they think, before ``text``."""
    return f"{rng.choice(grammar.surface['fillers'])} {_lowered(text)}"


def _lowered(text: str) -> str:
    start = 1 if text[:1] in "¿¡" else 0
    first = re.match(r"\w+", text[start:])
    # "I" and "PDF" keep their capitals; only a plain capitalised word is lowered.
    if first is None or first.group() == "I" or not (first.group()[1:] or "a").islower():
        return text
    return text[:start] + text[start].lower() + text[start + 1 :]


def _latin_slip(text: str, rng: random.Random) -> str:
    words = list(_WORD.finditer(text))
    if not words:
        return text
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 2)
    return rng.choice(
        (
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + text[at + 1 :],
            text[: at + 1] + text[at:],
        )
    )


def _korean_slip(text: str, rng: random.Random) -> str:
    heard = [(right, wrong) for right, wrong in _HEARD if right in text]
    if heard and rng.random() < 0.5:
        right, wrong = rng.choice(heard)
        return text.replace(right, wrong, 1)
    gaps = [match.start() for match in _SPACE.finditer(text)]
    if not gaps:
        return text
    at = rng.choice(gaps)
    return text[:at] + text[at + 1 :]
