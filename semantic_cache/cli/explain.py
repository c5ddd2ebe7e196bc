"""`samewise explain`: what one text was rewritten to and by which line of which lexicon; what keeps two texts apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.text import Text

from normalize import Facts, LexiconError, NormalizeError, Normalizer, Question, Step
from normalize.lexicon import BUNDLED
from semantic_cache.answer import Answer
from semantic_cache.cli.show import print_comparison, print_explanation, print_question, source_line
from semantic_cache.errors import QuestionError, SettingsError
from semantic_cache.explanation import Explanation

__all__ = ["Comparison", "Decided", "Explained", "Places", "compare", "explain_text", "run_explain"]


@dataclass(frozen=True, slots=True)
class Explained:
    """A question, and where the line stands that each of its steps obeyed: `en.yaml:123`, or "" for a rule in code."""

    question: Question
    places: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        question = self.question
        steps = zip(question.steps, self.places, strict=True)
        return {
            "text": question.text,
            "language": question.language,
            "key": question.key,
            "key_hash": question.key_hash,
            "facts": {name: list(values) for name, values in asdict(question.facts).items() if values},
            "steps": [{**asdict(step), "where": place} for step, place in steps],
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts. `rules` are the steps, with their places, that only one of the two took: where they share a key, these
    brought them together. `difference` is the first thing that keeps them apart, "" where they share a key."""

    one: Explained
    other: Explained
    rules: tuple[tuple[Step, str], ...]
    difference: str

    @property
    def same(self) -> bool:
        return self.one.question.key == self.other.question.key

    def as_dict(self) -> dict[str, Any]:
        rules = [{**asdict(step), "where": place} for step, place in self.rules]
        return {
            "same_key": self.same,
            "difference": self.difference,
            "rules_of_one_only": rules,
            "questions": [self.one.as_dict(), self.other.as_dict()],
        }


@dataclass(frozen=True, slots=True)
class Decided:
    """What a store decided for each text and, where that was asked for too, what was answered."""

    decisions: Sequence[Explanation] = ()
    answers: Sequence[Answer] = ()


class Places:
    """Where the entries of the lexicons stand. The files are read again with their lines, when first asked."""

    def __init__(self, lexicons: Sequence[Path] = ()) -> None:
        self._paths = (*sorted(BUNDLED.rglob("*.yaml")), *lexicons)

    def of(self, rule: str) -> str:
        """`file:line` of the entry that a step names (`en.synonym: e-mail → email`); "" for a rule that is no entry."""
        name, _, entry = rule.partition(": ")
        language, _, section = name.partition(".")
        words, arrow, _ = entry.rpartition(" → ")
        return self._lines.get((language, section, words if arrow else entry), "")

    @cached_property
    def _lines(self) -> dict[tuple[str, str, str], str]:
        """The last file wins, as it does when lexicons are merged."""
        found: dict[tuple[str, str, str], str] = {}
        for path in self._paths:
            name = str(path.relative_to(BUNDLED.parent.parent)) if path.is_relative_to(BUNDLED) else str(path)
            root: Any = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
            sections = {key.value: value for key, value in root.value}
            for section, node in sections.items():
                for scalar in _scalars(node):
                    place = f"{name}:{scalar.start_mark.line + 1}"
                    for label in (section, section.removesuffix("s")):
                        found[sections["language"].value, label, scalar.value] = place
        return found


def explain_text(text: str, normalizer: Normalizer, places: Places) -> Explained:
    """Normalize a text and find the lexicon lines that its steps obeyed.

    Raises:
        QuestionError: The text is no question.
    """
    try:
        question = normalizer(text)
    except NormalizeError as error:
        raise QuestionError(str(error)) from error
    return Explained(question, tuple(places.of(step.rule) for step in question.steps))


def compare(one: Explained, other: Explained) -> Comparison:
    """What two explained texts share, and what not."""
    left, right = one.question, other.question
    common = Counter(left.steps) & Counter(right.steps)
    rules = [*_beyond(one, common), *_beyond(other, common)]
    return Comparison(one, other, tuple(rules), "" if left.key == right.key else _difference(left, right))


def run_explain(
    texts: Sequence[str],
    lexicons: Sequence[Path],
    *,
    as_json: bool,
    console: Console,
    decided: Decided = Decided(),
) -> None:
    """Print how one text, or two, were normalized and, where a store was asked, what became of each.

    Raises:
        SettingsError: A lexicon cannot be used.
        QuestionError: A text is no question.
    """
    try:
        normalizer = Normalizer(lexicons)
    except LexiconError as error:
        raise SettingsError(f"lexicons: {error}") from error
    places = Places(lexicons)
    explained = [explain_text(text, normalizer, places) for text in texts]
    comparison = compare(*explained) if len(explained) == 2 else None
    if as_json:
        value = comparison.as_dict() if comparison else explained[0].as_dict()
        if decided.decisions:
            value["decisions"] = [_decision(one) for one in decided.decisions]
        if decided.answers:
            value["answers"] = [_answer(one) for one in decided.answers]
        # Printed as it is: a wrapped line would break the JSON.
        console.print(json.dumps(value, ensure_ascii=False, indent=2), soft_wrap=True, markup=False, highlight=False)
        return
    for one in explained:
        print_question(one.question, one.places, console)
    if comparison:
        print_comparison(comparison.same, comparison.difference, comparison.rules, console)
    for decision in decided.decisions:
        console.print()
        print_explanation(decision, console)
    for answer in decided.answers:
        console.print(Text(f"answered   {source_line(answer)}"), soft_wrap=True)


def _decision(explanation: Explanation) -> dict[str, Any]:
    verdict = explanation.verdict
    common = {"policy": explanation.policy, "candidates": [asdict(one) for one in verdict.trace.candidates]}
    if verdict.hit:
        return {"hit": True, "source": verdict.source, "matched": verdict.entry.question, **common}
    return {"hit": False, "reason": verdict.reason, **common}


def _answer(answer: Answer) -> dict[str, Any]:
    trace = answer.trace
    prefix = None if trace.prefix is None else asdict(trace.prefix)
    return {"text": answer.text, "source": answer.source, "milliseconds": trace.milliseconds, "prefix": prefix}


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Every word that an entry finds; not the name it stands under, which is what is put there."""
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item)
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _scalars(value)


def _beyond(explained: Explained, common: Counter[Step]) -> Iterator[tuple[Step, str]]:
    left = Counter(common)
    for step, place in zip(explained.question.steps, explained.places, strict=True):
        if left[step]:
            left[step] -= 1
        else:
            yield step, place


def _difference(one: Question, other: Question) -> str:
    if one.language != other.language:
        return f"the languages differ: {one.language}, {other.language}"
    pairs = enumerate(zip_longest(one.key.split(" "), other.key.split(" "), fillvalue="nothing"), 1)
    at, (left, right) = next((at, pair) for at, pair in pairs if pair[0] != pair[1])
    said = f"the keys differ from word {at} on: {left!r}, {right!r}"
    facts = [name for name in Facts.__dataclass_fields__ if getattr(one.facts, name) != getattr(other.facts, name)]
    return f"{said}; so do these facts: {', '.join(facts)}" if facts else said
