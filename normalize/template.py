"""Prompts that are mostly the same: the part that stays belongs to the scope, the part that changes is the question.

A program often wraps each question in the same two thousand characters. Keyed and embedded whole, two questions would
look alike because of what surrounds them; so the question is taken out, and what surrounds it is kept as a hash.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from normalize.errors import TemplateError

QUESTION_SLOT: Final = "question"
"""The slot that is the question where there are several; the values of the others count as constant."""
_SLOT: Final = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Match:
    """A prompt taken apart: `question` is what changes; `constant` is the SHA-256 (64 hex digits) of all the rest."""

    question: str
    constant: str


class Template:
    """A declared template: text with `{slots}`; `{{` and `}}` stand for braces. Immutable.

    One slot may have any name; of several, one must be `{question}`. Error: TemplateError, with the way out.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._literals, self._slots = _parse(text)
        self._question = 0 if len(self._slots) == 1 else self._slots.index(QUESTION_SLOT)

    def match(self, prompt: str) -> Match | None:
        """`prompt` taken apart; None when it was not made by this template, or in more than one way.

        Line breaks are compared as `\\n`, blanks at both ends of prompt and template not at all. Values of slots are
        not empty.
        """
        values = self._values(_plain(prompt))
        if values is None:
            return None
        others = [value for at, value in enumerate(values) if at != self._question]
        return Match(values[self._question].strip(), constant_hash(*self._literals, *others))

    def _values(self, prompt: str) -> list[str] | None:
        first, *between, last = self._literals
        if not prompt.startswith(first) or not prompt.endswith(last):
            return None
        rest = prompt[len(first) : len(prompt) - len(last)]
        values: list[str] = []
        for literal in between:
            # Found twice, the literal may be part of a value: where the question begins would be a guess.
            if rest.count(literal) != 1:
                return None
            value, rest = rest.split(literal)
            values.append(value)
        values.append(rest)
        return values if all(value.strip() for value in values) else None


def constant_hash(*parts: str) -> str:
    """SHA-256 (64 hex digits) of the constant parts, each with its length, so that no two lists of them are alike."""
    framed = "".join(f"{len(part)}\n{part}\n" for part in parts)
    return hashlib.sha256(framed.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _parse(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The literals (one more than slots) and the slots."""
    literals, slots, at, literal = list[str](), list[str](), 0, ""
    plain = _plain(text)
    for found in _SLOT.finditer(plain):
        literal += plain[at : found.start()]
        at = found.end()
        if found[0] in {"{{", "}}"}:
            literal += found[0][0]
        elif found[1] is None:
            raise TemplateError(
                f"a lone {found[0]!r} at position {found.start()} of the template: "
                f"write {found[0] * 2!r} for the sign, or {{name}} for a slot"
            )
        else:
            literals.append(literal)
            slots.append(found[1])
            literal = ""
    literals.append(literal + plain[at:])
    _check(literals, slots)
    return tuple(literals), tuple(slots)


def _check(literals: list[str], slots: list[str]) -> None:
    if not slots:
        raise TemplateError("the template has no slot: write {question} where the question stands")
    repeated = next((slot for slot in slots if slots.count(slot) > 1), None)
    if repeated is not None:
        raise TemplateError(f"the slot {{{repeated}}} stands {slots.count(repeated)} times in the template: keep one")
    if len(slots) > 1 and QUESTION_SLOT not in slots:
        named = ", ".join(f"{{{slot}}}" for slot in slots)
        raise TemplateError(f"of the slots {named} none is {{question}}: give that name to the one that is keyed")
    for left, literal, right in zip(slots, literals[1:-1], slots[1:], strict=False):
        if not literal.strip():
            raise TemplateError(f"no text stands between {{{left}}} and {{{right}}}: put words between them")
    if not "".join(literals).strip():
        raise TemplateError("the template is its slot alone: leave it out, or write the text around it")
