"""What is learned from and what is measured are kept apart: by group, over languages, and text by text."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.clusters import joined, spoken
from training.evaluate_sets import CLUSTER_SETS
from training.examples import MEASURED_ONLY, SETS, Example, pair_sets, part_of, question_lists
from training.unlearned import Unlearned

_NOT_LICENSED = {
    "assin_pt",
    "bank_faq",
    "qqp",
    "stsb_en",
    "korsts",
    "smilestyle_q",
    "welfare_faq_ko",
    "text2sql_geography",
}


def _write(data: Path, name: str, header: str, rows: list[str]) -> None:
    (data / name).mkdir()
    (data / name / "dev.tsv").write_text("\n".join([header, *rows]) + "\n", "utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Every set that is read, with a few rows."""
    for name in (*SETS, *MEASURED_ONLY):
        _write(tmp_path, name, "q1\tq2\tlabel\tpair_id\ttest", [f"{name} one\t{name} other\t1\tp1\ttemplate: x"])
    for name in (*CLUSTER_SETS, "qqp_clusters"):
        _write(tmp_path, name, "text\tcluster_id", [f"{name} asks\tc1"])
    for name in ("banking77", "clinc150"):
        _write(tmp_path, name, "text\tintent", [f"{name} asks\ti1", "QQP, one?\ti1"])
    _write(tmp_path, "xquad_q", "text\tcluster_id\tlang\tparagraph", ["Who?\tx1\ten\tp1"])
    _write(tmp_path, "parakqc", "text\tcluster_id\ttopic", ["누구?\tk1\tmail"])
    (tmp_path / "chatbot_ko").mkdir()
    (tmp_path / "chatbot_ko" / "dev.jsonl").write_text('{"question": "뭐해?", "answer": "생각해요."}\n', "utf-8")
    return tmp_path


def test_the_same_pair_in_another_language_is_in_the_same_part(data: Path) -> None:
    rows = [f"a {number}\tb {number}\t1\tp{number}" for number in range(40)]
    for language in ("en", "ko", "es"):
        header = "q1\tq2\tlabel\tpair_id"
        (data / f"pawsx_{language}" / "dev.tsv").write_text(
            "\n".join([header, *(row.replace("a ", f"{language} a ").replace("b ", f"{language} b ") for row in rows)])
            + "\n"
        )
    parts = {
        language: [part_of(one.source, one.group) for one in pair_sets(data, [f"pawsx_{language}"])]
        for language in ("en", "ko", "es")
    }
    assert parts["en"] == parts["ko"] == parts["es"]
    assert len(parts["en"]) == 40
    assert {"train", "fit", "test"} == set(parts["en"])


def test_sentences_that_hang_together_in_one_language_are_in_one_group_in_all(data: Path) -> None:
    for language, shared in (("en", True), ("ko", False)):
        rows = ["x\ty\t1\tp1", ("x" if shared else "z") + "\tw\t0\tp2"]
        (data / f"pawsx_{language}" / "dev.tsv").write_text("\n".join(["q1\tq2\tlabel\tpair_id", *rows]) + "\n")
    assert len({one.group for one in pair_sets(data, ["pawsx_ko"])}) == 1


def test_nothing_without_a_licence_is_learned_from(data: Path) -> None:
    learned = {*SETS, *(row[0] for row in question_lists(data))}
    assert learned.isdisjoint(_NOT_LICENSED)


def test_texts_of_measured_sets_are_not_learned_whatever_their_case_and_marks(data: Path) -> None:
    unlearned = Unlearned(data, [Example("Made by rule?", "Rule made", True, "contrast_en", "g", "en")])
    kept_away = unlearned.of("banking77")
    assert spoken("QQP — One!") in kept_away
    assert spoken("kor_qpair ONE") in kept_away
    assert spoken("qqp_clusters asks?") in kept_away
    assert spoken("made BY rule") in kept_away
    assert spoken("banking77 asks") not in kept_away


def test_of_its_own_set_only_the_part_that_is_kept_back_is_kept_away(data: Path) -> None:
    rows = [f"frage {number}\tandere {number}\t1" for number in range(30)]
    (data / "kor_qpair" / "dev.tsv").write_text("\n".join(["q1\tq2\tlabel", *rows]) + "\n")
    unlearned = Unlearned(data, [])
    for one in pair_sets(data, ["kor_qpair"]):
        learned = part_of(one.source, one.group) == "train"
        assert (spoken(one.one) in unlearned.of("kor_qpair")) is not learned
        assert spoken(one.one) in unlearned.of("chatbot_ko")


def test_a_list_that_a_measured_set_was_drawn_from_is_kept_away_from_its_kept_back_part_alone(data: Path) -> None:
    rows = [f"질문 {number}\t다른 {number}\t1" for number in range(30)]
    (data / "parakqc_pairs" / "dev.tsv").write_text("\n".join(["q1\tq2\tlabel", *rows]) + "\n")
    unlearned = Unlearned(data, [])
    kept_back = {
        spoken(one.one) for one in pair_sets(data, ["parakqc_pairs"]) if part_of(one.source, one.group) != "train"
    }
    assert kept_back
    assert kept_back <= unlearned.of("parakqc")
    assert kept_back <= unlearned.kept_back("parakqc")
    assert not {spoken(one.one) for one in pair_sets(data, ["parakqc_pairs"])} <= unlearned.of("parakqc")


def test_clusters_that_share_a_question_are_one_whatever_stands_between() -> None:
    rows = [("What is your job?", "c2"), ("your job", "c2"), ("what is your job", "c7"), ("Job?", "c7"), ("job", "c1")]
    assert joined([*rows, ("Where do you live?", "c9")]) == {"c1": "c1", "c2": "c1", "c7": "c1", "c9": "c9"}


def test_texts_of_marks_alone_join_nothing() -> None:
    assert joined([("?!", "c1"), ("...", "c2")]) == {"c1": "c1", "c2": "c2"}
