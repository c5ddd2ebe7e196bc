"""How many questions that mean the same get one key, how many others do, and what a key costs, by set and language.

    python bench/normalization.py [--data ../shared/data] [--texts 2000] [--sets qqp kor_qpair]

Ours stands beside two ways that people normalise prompts with: lower case and strip, and the package clean-text
(`pip install clean-text`; lower case, no punctuation, spaces normalised; its conversion to ASCII is off, for it would
empty Korean and Russian texts). The pairs of ours that share a key and are labelled different are listed in
bench/out/normalization.json with the rules that made them one. That file holds texts of sets that may not be copied:
it stays where git ignores it.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

from labelled import CLUSTERS, MAY_BE_COPIED, PAIRS, Text, missing, read_clusters, read_pairs
from language_cost import LANGUAGES, Cost, cost_of, texts_of
from machine import describe, write

from normalize import VERSION, NormalizeError, Normalizer

Key = Callable[[str], str]
_DATA = Path(__file__).parents[2] / "shared" / "data"
_MOST_LISTED = 200
_NO_KEY = "no key: "  # a text that is refused shares its key with itself alone


@dataclass
class Count:
    """Pairs that mean the same and pairs that don't: how many there are, how many of them share a key."""

    same: int = 0
    same_shared: int = 0
    other: int = 0
    other_shared: int = 0

    def add(self, pairs: int, shared: int, *, same: bool) -> None:
        if same:
            self.same, self.same_shared = self.same + pairs, self.same_shared + shared
        else:
            self.other, self.other_shared = self.other + pairs, self.other_shared + shared

    @property
    def share(self) -> float:
        """Of the pairs that mean the same, the share with one key, in [0, 1]."""
        return self.same_shared / self.same if self.same else 0.0

    @property
    def odds(self) -> str:
        """`1 in N` of the pairs that don't mean the same."""
        return f"1 in {self.other / self.other_shared:.0f}" if self.other_shared else f"0 in {self.other}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "same": self.same, "same_shared": self.same_shared, "same_share": round(self.share, 5),
            "different": self.other, "different_shared": self.other_shared, "different_odds": self.odds,
        }  # fmt: skip


@dataclass
class Measured:
    """One way of making keys on one set: counts by language, and the wrongly joined texts."""

    by_language: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    wrong: list[tuple[str, str]] = field(default_factory=list)

    @property
    def total(self) -> Count:
        found = Count()
        for count in self.by_language.values():
            found.add(count.same, count.same_shared, same=True)
            found.add(count.other, count.other_shared, same=False)
        return found


def ways(normalizer: Normalizer) -> dict[str, Key]:
    """The ways of making a key, by name; each text is normalised once."""
    from cleantext import clean

    def ours(text: str) -> str:
        try:
            return normalizer(text).key
        except NormalizeError:
            return _NO_KEY + text

    def cleaned(text: str) -> str:
        return str(
            clean(text, lower=True, no_punct=True, normalize_whitespace=True, no_line_breaks=True, to_ascii=False)
        )

    named: dict[str, Key] = {
        "samewise": ours,
        "lower and strip": lambda text: text.lower().strip(),
        "clean-text": cleaned,
    }
    return {name: lru_cache(maxsize=None)(key) for name, key in named.items()}


def measure_pairs(data: Path, name: str, key: Key, language_of: Key) -> Measured:
    measured = Measured()
    for pair in read_pairs(data, name):
        shared = key(pair.one) == key(pair.other)
        language = PAIRS[name] if PAIRS[name] != "mixed" else language_of(pair.one)
        measured.by_language[language].add(1, int(shared), same=pair.same)
        if shared and not pair.same:
            measured.wrong.append((pair.one, pair.other))
    return measured


def measure_clusters(data: Path, name: str, key: Key) -> Measured:
    """Every pair of texts of one language: within a cluster they mean the same, across clusters they don't."""
    measured = Measured()
    by_language: dict[str, list[Text]] = defaultdict(list)
    for text in read_clusters(data, name):
        by_language[text.language].append(text)
    for language, texts in by_language.items():
        within = _pairs(Counter(text.cluster for text in texts).values())
        shared_within = _pairs(Counter((text.cluster, key(text.text)) for text in texts).values())
        shared = _pairs(Counter(key(text.text) for text in texts).values())
        count = measured.by_language[language]
        count.add(within, shared_within, same=True)
        count.add(_pairs([len(texts)]) - within, shared - shared_within, same=False)
        measured.wrong += _joined_across(texts, key)
    return measured


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _joined_across(texts: Sequence[Text], key: Key) -> list[tuple[str, str]]:
    by_key: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        by_key[key(text.text)].append(text)
    groups = [group for group in by_key.values() if len({text.cluster for text in group}) > 1]
    return [(a.text, b.text) for group in groups for a, b in combinations(group, 2) if a.cluster != b.cluster]


def explained(wrong: Sequence[tuple[str, str]], normalizer: Normalizer) -> list[dict[str, Any]]:
    """Each wrong merge with its key and the rules that only one of the two texts took."""
    rows = []
    for one, other in wrong[:_MOST_LISTED]:
        first, second = normalizer(one), normalizer(other)
        left, right = ([step.rule for step in question.steps] for question in (first, second))
        rules = [*(Counter(left) - Counter(right)).elements(), *(Counter(right) - Counter(left)).elements()]
        rows.append({"q1": one, "q2": other, "key": first.key, "rules": rules})
    return rows


def measure_sets(data: Path, names: Sequence[str], normalizer: Normalizer) -> dict[str, Any]:
    """By set: counts of each way, in all and by language, and the wrong merges of ours."""
    keys = ways(normalizer)
    sets: dict[str, Any] = {}
    for name in names:
        row: dict[str, Any] = {"kind": "pairs" if name in PAIRS else "clusters", "may_be_copied": name in MAY_BE_COPIED}
        for way, key in keys.items():
            measured = (
                measure_pairs(data, name, key, lambda text: normalizer(text).language)
                if name in PAIRS
                else measure_clusters(data, name, key)
            )
            languages = {language: count.as_dict() for language, count in sorted(measured.by_language.items())}
            row[way] = {**measured.total.as_dict(), "languages": languages}
            if way == "samewise":
                row["wrong_merges"] = explained(measured.wrong, normalizer)
        sets[name] = row
        _print_set(name, row, list(keys))
    return sets


def _print_set(name: str, row: dict[str, Any], ways: Sequence[str]) -> None:
    for language in row[ways[0]]["languages"]:
        cells = [name, language]
        for way in ways:
            count = row[way]["languages"][language]
            cells += [f"{count['same_share']:.1%}" if count["same"] else "–", count["different_odds"]]
        print(f"| {' | '.join(cells)} |", flush=True)


def _print_costs(costs: Sequence[Cost]) -> None:
    print("\n| language | median | p90 | questions | build | first question | memory: built | first | all | loaded |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for one in costs:
        print(
            f"| {one.language} | {one.median_ms:.2f} ms | {one.p90_ms:.2f} ms | {one.questions} | {one.build_s:.2f} s "
            f"| {one.first_s:.2f} s | {one.base_mb:.0f} MB | +{one.first_mb:.0f} MB | +{one.all_mb:.0f} MB "
            f"| {', '.join(one.analysers) or '–'} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=_DATA)
    parser.add_argument("--texts", type=int, default=2000, help="most texts of a language to time")
    parser.add_argument("--sets", nargs="+", choices=[*PAIRS, *CLUSTERS], default=[*PAIRS, *CLUSTERS])
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"The labelled data is not here: {options.data}. Name its folder with --data.")
    absent = missing(options.data)
    names = [name for name in options.sets if name not in absent]
    costs = [
        cost_of(language, texts) for language in LANGUAGES if (texts := texts_of(options.data, language, options.texts))
    ]
    print(
        "| set | language | Samewise: same | different "
        "| lower and strip: same | different | clean-text: same | different |"
    )
    print("|---|---|---|---|---|---|---|---|")
    sets = measure_sets(options.data, names, Normalizer())
    _print_costs(costs)
    if absent:
        print(f"\nMissing in {options.data}, and so not measured: {', '.join(absent)}")
    result = {
        **describe("clean-text", "kiwipiepy", "pymorphy3", "simplemma"),
        "normalizer": VERSION,
        "missing": absent,
        "sets": sets,
        "languages": {one.language: one.as_dict() for one in costs},
    }
    print(f"\nWritten to {write('normalization', result)}")


if __name__ == "__main__":
    main()
