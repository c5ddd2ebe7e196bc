"""What more lexicon lines would do to labelled pairs: found by normalizing them with these lines, never by guessing."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from normalize.errors import TextError
from normalize.learning_candidates import Candidate
from normalize.learning_file import entry_text
from normalize.learning_wording import Labelled
from normalize.normalizer import Normalizer


@dataclass(frozen=True, slots=True)
class Outcome:
    """Pairs whose fate changes: `joined` share a key only afterwards and mean the same, `confused` don't mean the same;
    `parted` mean the same and share a key only before. `contexts` counts the keys that `joined` come to."""

    joined: tuple[Labelled, ...]
    confused: tuple[Labelled, ...]
    parted: tuple[Labelled, ...]
    contexts: int


def compare(pairs: Iterable[Labelled], before: Normalizer, after: Normalizer) -> Outcome:
    """The pairs that `after` treats otherwise than `before`."""
    joined, confused, parted = list[Labelled](), list[Labelled](), list[Labelled]()
    contexts = set[str]()
    for pair in pairs:
        was, key = _shared_key(pair, before), _shared_key(pair, after)
        if key and not was:
            (joined if pair.same else confused).append(pair)
            if pair.same:
                contexts.add(key)
        elif was and not key and pair.same:
            parted.append(pair)
    return Outcome(tuple(joined), tuple(confused), tuple(parted), len(contexts))


def attempt(candidate: Candidate, pairs: Iterable[Labelled], before: Normalizer, lexicons: Sequence[Path]) -> Outcome:
    """What `candidate` would do on top of `lexicons`. Error: LexiconError, where it makes a chain with an entry."""
    with tempfile.TemporaryDirectory() as folder:  # a Normalizer takes its rules from files only
        path = Path(folder) / "suggested.yaml"
        path.write_text(entry_text(candidate), encoding="utf-8")
        after = Normalizer([*lexicons, path])
    return compare(pairs, before, after)


def _shared_key(pair: Labelled, normalizer: Normalizer) -> str:
    try:
        one, other = normalizer(pair.question), normalizer(pair.other)
    except TextError:
        return ""
    return one.key if one.key == other.key else ""
