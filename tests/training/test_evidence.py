"""Which labelled pairs a cut table counts: of one meaning not too many, chosen without a look at what they say."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from semantic_cache.matching.labelled_set import worth
from training.evidence import MOST_OF_A_MEANING, evidence, table_of
from training.examples import Example


def _made(template: str, count: int, source: str = "contrast_en") -> list[Example]:
    return [
        Example(f"{template} {n}?", f"{template} {n}, please?", True, source, template, "en", "k") for n in range(count)
    ]


def test_of_one_meaning_so_many_pairs_count_and_no_more() -> None:
    pairs = [*_made("many", 300), *_made("few", 3), *_made("many", 7, "contrast_ko")]
    chosen = [pairs[place] for place in evidence(pairs)]
    assert Counter((one.source, one.group) for one in chosen) == {
        ("contrast_en", "many"): MOST_OF_A_MEANING,
        ("contrast_en", "few"): 3,
        ("contrast_ko", "many"): 7,
    }


def test_what_counts_is_the_same_each_time_and_whatever_the_labels_are() -> None:
    pairs = _made("many", 300)
    turned = [Example(one.one, one.other, False, one.source, one.group, one.language, one.kind) for one in pairs]
    assert evidence(pairs) == evidence(pairs) == evidence(turned)
    assert evidence(pairs) != list(range(MOST_OF_A_MEANING))  # drawn, not the first that come


def test_the_pairs_left_out_would_have_proved_less() -> None:
    assert worth([MOST_OF_A_MEANING]) > 0.89 * worth([10**6])
    alone = [_made(f"t{n}", 1)[0] for n in range(60)]
    pairs = [*_made("many", 300), *alone]
    table = table_of((0.5,), pairs, np.full(len(pairs), 0.9), np.full(len(pairs), True))
    assert table.sets[0].served == (60 + MOST_OF_A_MEANING,)
    assert table.sets[0].independent(0) == pytest.approx(worth([MOST_OF_A_MEANING, *[1] * 60]), abs=0.1)
    assert table.sets[0].independent(0) > 2 * worth([300, *[1] * 60])


def test_every_set_is_counted_by_itself() -> None:
    pairs = [*_made("a", 2), *_made("a", 3, "contrast_ko")]
    same = np.array([True, False, True, True, True])
    table = table_of((0.5, 0.8), pairs, np.array([0.9, 0.9, 0.9, 0.6, 0.4]), same)
    assert [(one.name, one.served, one.wrong) for one in table.sets] == [
        ("contrast_en", (2, 2), (1, 1)),
        ("contrast_ko", (2, 1), (0, 0)),
    ]
