"""On labelled pairs of real questions: nothing that wants another answer gets the same key.

The sets lie beside the project and are not part of it; without them these tests are skipped.
"""

import csv
from pathlib import Path

import pytest

from normalize import EmptyTextError, Normalizer

DATA = Path(__file__).parents[3] / "shared" / "data"
NORMALIZER = Normalizer()
# name: the most pairs labelled "another answer" that may share a key, the fewest labelled "same answer" that must.
# At most one in 2,000 may: none in the smaller sets. The five of qqp are labels that contradict other labels of qqp.
BOUNDS = {
    "checklist_qqp": (0, 1000),
    "covid_qsim": (0, 0),
    "qqp": (5, 120),
    "text2sql_advising": (0, 4),
    "text2sql_geography": (0, 15),
    "pawsx_en": (0, 15),
    "stsb_en": (0, 6),
    "kor_qpair": (0, 25),
    "parakqc_pairs": (0, 60),
    "pawsx_ko": (0, 4),
    "korsts": (0, 5),
    "stsb_ru": (0, 2),
    "stsb_pt": (0, 1),
    "assin_pt": (0, 0),
    "stsb_es": (0, 1),
    "pawsx_es": (0, 1),
}


def key(text: str) -> str:
    """The key, or the text itself where it can be no question: qqp holds lone apostrophes."""
    try:
        return NORMALIZER(text).key
    except EmptyTextError:
        return "empty " + text


def counts(name: str) -> tuple[int, int]:
    """(pairs labelled 0 that share a key, pairs labelled 1 that do)"""
    shared = [0, 0]
    for path in (DATA / name).glob("*.tsv"):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                shared[int(row["label"])] += key(row["q1"]) == key(row["q2"])
    return shared[0], shared[1]


@pytest.mark.skipif(not DATA.is_dir(), reason="the labelled pair sets are not beside the project (../shared/data)")
@pytest.mark.parametrize("name", BOUNDS)
def test_questions_with_other_answers_do_not_share_a_key(name: str) -> None:
    wrong, merged = counts(name)
    print(f"{name}: {wrong} wrong, {merged} merged")  # noqa: T201
    assert wrong <= BOUNDS[name][0]
    assert merged >= BOUNDS[name][1]
