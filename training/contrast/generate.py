"""Contrast pairs from templates: half with one answer for both sides, half with a small change that matters."""

from __future__ import annotations

import random
from dataclasses import replace

from .grammar import Filler, Grammar, Group, grammar_of, slot_name
from .pair import ContrastPair
from .render import Question, Voice, render
from .surface import dressed, with_closer, with_filler, with_opener

_ATTEMPTS_PER_PAIR = 60
_GROUPS_PER_KIND = 40
_SAME_KINDS = {
    "paraphrase_template": 58,
    "paraphrase_synonym": 11,
    "paraphrase_number": 6,
    "paraphrase_order": 6,
    "paraphrase_politeness": 6,
    "filler": 4,
    "typo": 7,
}
_COUNTED = ("number", "unit", "date")


def contrast_pairs(language: str, count: int, seed: int) -> list[ContrastPair]:
    """``count`` different pairs, half of each label, the same for the same arguments.

    ValueError where the language has no templates or they cannot give that many.
    """
    grammar = grammar_of(language)
    rng = random.Random(f"{language}:{seed}")
    found: dict[tuple[str, str], ContrastPair] = {}
    for same, wanted in ((True, count - count // 2), (False, count // 2)):
        found |= _drawn(grammar, same, wanted, rng)
    pairs = list(found.values())
    rng.shuffle(pairs)
    return pairs


def _drawn(grammar: Grammar, same: bool, wanted: int, rng: random.Random) -> dict[tuple[str, str], ContrastPair]:
    found: dict[tuple[str, str], ContrastPair] = {}
    make = _same if same else _different
    for _ in range(wanted * _ATTEMPTS_PER_PAIR):
        if len(found) == wanted:
            break
        pair = make(grammar, rng)
        if pair is not None and pair.one.lower() != pair.other.lower():
            found.setdefault((pair.one.lower(), pair.other.lower()), pair)
    if len(found) < wanted:
        raise ValueError(f"only {len(found)} of {wanted} {grammar.language} pairs with same={same}; ask for fewer")
    return found


def _question(grammar: Grammar, group: Group, rng: random.Random) -> Question:
    fillers: dict[str, Filler] = {}
    for key in group.slots:
        slot = grammar.slots[slot_name(key)]
        taken = [filler for other, filler in fillers.items() if slot_name(other) == slot_name(key)]
        fillers[key] = rng.choice([filler for filler in slot.fillers if filler not in taken])
    return Question(rng.randrange(group.meanings), tuple(fillers.items()))


def _voice(group: Group, rng: random.Random) -> Voice:
    return Voice(rng.choice(group.wordings), rng.getrandbits(32), typo=rng.random() < 0.05)


def _same(grammar: Grammar, rng: random.Random) -> ContrastPair | None:
    kind = rng.choices(list(_SAME_KINDS), list(_SAME_KINDS.values()))[0]
    for _ in range(_GROUPS_PER_KIND):
        pair = _same_of(grammar, rng.choice(grammar.groups), kind, rng)
        if pair is not None:
            return pair
    return None


def _same_of(grammar: Grammar, group: Group, kind: str, rng: random.Random) -> ContrastPair | None:
    question, voice = _question(grammar, group, rng), _voice(group, rng)
    other_question, other = question, _other_voice(grammar, group, kind, voice, rng)
    if group.swap == "same" and kind == "paraphrase_order" and rng.random() < 0.7:
        other_question, other = _swapped(question), voice
    if other is None:
        return None
    one = render(grammar, question, replace(voice, typo=False) if kind == "typo" else voice)
    two = _retouched(grammar, kind, render(grammar, other_question, other), rng)
    if one.lower() == two.lower():
        return None
    if kind in ("paraphrase_template", "paraphrase_synonym", "paraphrase_number"):
        one, two = dressed(grammar, one, rng), dressed(grammar, two, rng)
    return ContrastPair(*_either_way(one, two, rng), True, kind, group.name)


def _other_voice(grammar: Grammar, group: Group, kind: str, voice: Voice, rng: random.Random) -> Voice | None:
    if kind == "paraphrase_template":
        others = [wording for wording in group.wordings if wording != voice.wording]
        return replace(_voice(group, rng), wording=rng.choice(others)) if others else None
    if kind in ("paraphrase_synonym", "paraphrase_number"):
        counted = any(grammar.slots[slot_name(key)].kind in _COUNTED for key in group.slots)
        return replace(voice, seed=rng.getrandbits(32)) if counted == (kind == "paraphrase_number") else None
    if kind == "paraphrase_order":
        return replace(voice, turned=True) if "//" in voice.wording or group.swap == "same" else None
    return replace(voice, typo=True) if kind == "typo" else voice


def _retouched(grammar: Grammar, kind: str, text: str, rng: random.Random) -> str:
    if kind == "paraphrase_politeness":
        return (with_opener if rng.random() < 0.6 else with_closer)(grammar, text, rng)
    return with_filler(grammar, text, rng) if kind == "filler" else text


def _different(grammar: Grammar, rng: random.Random) -> ContrastPair | None:
    group = rng.choice(grammar.groups)
    question, voice = _question(grammar, group, rng), _voice(group, rng)
    kind, changed = rng.choice(_changes(grammar, group, question, rng))
    other = voice
    if rng.random() < 0.6:
        other = _voice(group, rng)
    elif rng.random() < 0.3:
        other = replace(voice, seed=rng.getrandbits(32))
    one, two = render(grammar, question, voice), render(grammar, changed, other)
    if rng.random() < 0.6:
        one, two = dressed(grammar, one, rng), dressed(grammar, two, rng)
    if one.lower().strip("¿?.! ") == two.lower().strip("¿?.! "):
        return None
    return ContrastPair(*_either_way(one, two, rng), False, kind, group.name)


def _changes(grammar: Grammar, group: Group, question: Question, rng: random.Random) -> list[tuple[str, Question]]:
    """Every kind of small change that this question allows, each made once; a change of meaning counts double."""
    changes = []
    fillers = dict(question.fillers)
    for key in group.slots:
        slot = grammar.slots[slot_name(key)]
        free = [filler for filler in slot.fillers if filler not in fillers.values()]
        changed = {**fillers, key: rng.choice(free)}
        changes.append((slot.kind, replace(question, fillers=tuple(changed.items()))))
    if group.meanings > 1:
        others = [meaning for meaning in range(group.meanings) if meaning != question.meaning]
        changes += [(group.kind, replace(question, meaning=rng.choice(others)))] * 2
    if group.swap is not None and group.swap != "same":
        changes += [(group.swap, _swapped(question))] * 2
    return changes


def _swapped(question: Question) -> Question:
    fillers = dict(question.fillers)
    first, second = (key for key in fillers if key[-1] in "12")
    fillers[first], fillers[second] = fillers[second], fillers[first]
    return replace(question, fillers=tuple(fillers.items()))


def _either_way(one: str, two: str, rng: random.Random) -> tuple[str, str]:
    return (one, two) if rng.random() < 0.5 else (two, one)
