"""How often a right stored question is among those that are judged, by cosine alone and with rare words; and the time.

    python bench/candidates.py [--data ../shared/data] [--asked 250] [--entries 10000]

Of every cluster of questions that mean the same one member is stored, all sets in one scope; of the others `--asked` a
set are asked. A set that is not there is named and left out. The time of the lexical search is taken over `--entries`
stored questions in a file, whose vectors are random: it reads none but those of what it gives back. The table shows
the share found, and in brackets how many candidates were to be judged for it.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from labelled import PAIRS, Text, missing, read_clusters, read_pairs
from machine import describe, spread, write
from numpy.typing import NDArray

from normalize import NormalizeError, Normalizer, Question
from semantic_cache.embedder import Embedder, open_embedder
from semantic_cache.entries import Source, new_entry
from storage import NewEntry, Store, terms

_DATA = Path(__file__).parents[2] / "shared" / "data"
_SETS = ("qqp_clusters", "parakqc", "stackfaq_clusters", "rasa_faq_clusters", "smilestyle_q")
_WAYS = {"1 nearest": (1, 0), "4 nearest": (4, 0), "8 nearest": (8, 0), "12 nearest": (12, 0), "4 lexical": (0, 4),
         "8 + 4 lexical": (8, 4)}  # fmt: skip
_SCOPE = "all"
_BATCH = 64

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the words of the stored one that answers it."""

    question: Question
    answered_by: str


@dataclass(frozen=True, slots=True)
class Split:
    """Of one set, what is stored and what is asked."""

    stored: tuple[Question, ...]
    asked: tuple[Asked, ...]


def split(texts: Sequence[Text], read: Callable[[str], Question | None], most_asked: int, seed: int) -> Split:
    """One member of each cluster to store, and at most `most_asked` of the others to ask, drawn by `seed`."""
    rng = random.Random(seed)
    clusters: dict[str, dict[str, Question]] = {}
    for text in rng.sample(texts, len(texts)):
        question = read(text.text)
        if question is not None:
            clusters.setdefault(text.cluster, {}).setdefault(question.text, question)
    stored = [next(iter(members.values())) for members in clusters.values()]
    asked = [
        Asked(question, next(iter(members))) for members in clusters.values() for question in list(members.values())[1:]
    ]
    return Split(tuple(stored), tuple(rng.sample(asked, min(most_asked, len(asked)))))


def fill(store: Store, questions: Sequence[Question], vectors: Vectors, name: str) -> float:
    """Store questions with (n, dimensions) vectors of the embedder `name`; seconds."""
    rows = [_entry(question, vector, name) for question, vector in zip(questions, vectors, strict=True)]
    started = perf_counter()
    store.add_many(rows)
    return perf_counter() - started


def _entry(question: Question, vector: Vectors, name: str) -> NewEntry:
    digest = hashlib.sha256(question.text.encode()).hexdigest()
    return new_entry(
        question, "An answer.", tenant="bench", scope=_SCOPE, exact_hash=digest, key_version=Normalizer.VERSION,
        source=Source("curated"), embedder=name, vector=vector,
    )  # fmt: skip


def recall(store: Store, asked: Sequence[Asked], vectors: Vectors, name: str) -> dict[str, tuple[float, float]]:
    """By way: the share of the asked questions, in [0, 1], whose stored one is among the candidates; candidates a
    question."""
    found, judged = dict.fromkeys(_WAYS, 0), dict.fromkeys(_WAYS, 0)
    widest = max(nearest for nearest, _ in _WAYS.values()), max(lexical for _, lexical in _WAYS.values())
    for one, vector in zip(asked, vectors, strict=True):
        words = terms(one.question.key, one.question.text)
        near = [near.entry.question for near in store.nearest(_SCOPE, vector, widest[0], name)]
        shared = [near.entry.question for near in store.lexical(_SCOPE, words, vector, widest[1], name)]
        for way, (nearest, lexical) in _WAYS.items():
            candidates = {*near[:nearest], *shared[:lexical]}
            found[way] += one.answered_by in candidates
            judged[way] += len(candidates)
    return {way: (found[way] / len(asked), judged[way] / len(asked)) for way in _WAYS}


def embed(embedder: Embedder, questions: Iterable[Question]) -> Vectors:
    """(n, dimensions) vectors, in the order of the questions."""
    texts = [question.text for question in questions]
    return np.concatenate([embedder.encode(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)])


def reader() -> Callable[[str], Question | None]:
    """Normalizes a text; None for one that says nothing."""
    normalizer = Normalizer()

    def read(text: str) -> Question | None:
        try:
            return normalizer(text)
        except NormalizeError:
            return None

    return read


def timing(questions: Sequence[Question], entries: int, asked: int) -> dict[str, object]:
    """Milliseconds of a lexical search over `entries` of the questions, asked for `asked` others, in a file."""
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((len(questions), 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    times, shares = [], []
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/store.db") as store:
        stored = questions[:entries]
        seconds = fill(store, stored, vectors[:entries], "random")
        store.nearest(_SCOPE, vectors[0], 1, "random")  # loads the index
        for question, vector in list(zip(questions, vectors, strict=True))[entries:][:asked]:
            started = perf_counter()
            found = store.lexical(_SCOPE, terms(question.key, question.text), vector, 4, "random")
            times.append((perf_counter() - started) * 1000)
            shares.append(len(found))
        return {
            "entries": len(stored), "seconds to store": seconds, "milliseconds": spread(times),
            "with a candidate": sum(map(bool, shares)) / len(shares),
        }  # fmt: skip


def many_questions(data: Path, read: Callable[[str], Question | None], count: int) -> list[Question]:
    """Up to `count` distinct questions of the sets of pairs and clusters, shuffled."""
    there = [name for name in PAIRS if name not in missing(data)]
    texts = {text: None for name in there for pair in read_pairs(data, name) for text in (pair.one, pair.other)}
    chosen = random.Random(0).sample(list(texts), min(len(texts), 2 * count))
    questions = {question.text: question for question in map(read, chosen[: count + count // 20]) if question}
    return list(questions.values())[:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=_DATA)
    parser.add_argument("--asked", type=int, default=250, help="of each set")
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    absent = [name for name in _SETS if name in missing(options.data)]
    there = [name for name in _SETS if name not in absent]
    if not there:
        raise SystemExit(f"The labelled data is not here: {options.data}. Name its folder with --data.")
    read = reader()
    splits = {name: split(read_clusters(options.data, name), read, options.asked, options.seed) for name in there}
    stored = list({one.text: one for part in splits.values() for one in part.stored}.values())
    embedder = open_embedder()
    print(f"Embedding {len(stored) + sum(len(part.asked) for part in splits.values())} questions …", flush=True)
    result = {**describe("faiss-cpu", "sqlalchemy"), "embedder": embedder.name, "missing": absent, "recall": {}}
    print(f"\n| set | asked of {len(stored)} | {' | '.join(_WAYS)} |\n|{'---|' * (len(_WAYS) + 2)}")
    with Store.open("sqlite://") as store:
        fill(store, stored, embed(embedder, stored), embedder.name)
        for name, part in splits.items():
            vectors = embed(embedder, (one.question for one in part.asked))
            ways = recall(store, part.asked, vectors, embedder.name)
            result["recall"][name] = {"stored": len(part.stored), "asked": len(part.asked), **ways}
            cells = (f"{100 * share:.1f} % ({judged:.1f})" for share, judged in ways.values())
            print(f"| {name} | {len(part.asked)} | {' | '.join(cells)} |")
    result["lexical"] = timing(many_questions(options.data, read, options.entries + 1000), options.entries, 1000)
    print("\nLexical search, ms:", result["lexical"])
    print(f"Missing sets: {', '.join(absent) or 'none'}\nWritten to {write('candidates', result)}")


if __name__ == "__main__":
    main()
