"""The benches of matching: cosines chosen like the verifier's cut, sets that arrive in turn, the product on a stream."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from labelled import Text
from matching_budgets import Outcome, Split, outcomes, summary
from matching_cosine import BUDGETS, CosineCut, cosine_cuts, served_at
from matching_pairs import Cuts
from matching_pooled import pooled
from matching_product import Played, play, steps
from matching_time import arrival, split_at
from matching_traps import by_order, hard_pairs, hard_table

from semantic_cache.matching import Budget
from semantic_cache.matching.cut_table import Cut, CutTable
from semantic_cache.matching.features import FEATURES
from semantic_cache.matching.labelled_set import LabelledSet
from training.examples import Example, part_of
from training.scoring import Scored

_SOURCES = ("checklist_qqp", "parakqc_pairs", "contrast_en", "kor_qpair")
_COSINE, _LANGUAGE = FEATURES.index("cosine"), FEATURES.index("guard_language")


def _scored(sources: tuple[str, ...] = _SOURCES, count: int = 400, trap: str = "") -> Scored:
    """Pairs of their own groups, right from a cosine of 0.9 on; of the source `trap`, wrong from there on."""
    rng = np.random.default_rng(0)
    examples = [
        Example(f"{source} {place} a", f"{source} {place} b", True, source, f"g{place}", "en")
        for source in sources
        for place in range(count)
    ]
    table = np.zeros((len(examples), len(FEATURES)), dtype=np.float32)
    table[:, _COSINE] = rng.uniform(0.8, 1.0, len(examples))
    near = table[:, _COSINE] >= 0.9
    labels = near ^ np.array([one.source == trap for one in examples])
    examples = [replace(one, same=bool(label)) for one, label in zip(examples, labels, strict=True)]
    logits = (4.0 * np.where(labels, 1.0, -1.0)).astype(np.float32)
    return Scored(examples, labels, np.zeros(len(examples), dtype=bool), table, {"1": logits})


def _named(cuts: tuple[CosineCut, ...], name: str) -> CosineCut:
    return next(one for one in cuts if one.name == name)


def test_the_cosine_is_cut_where_the_labelled_pairs_turn_wrong() -> None:
    cuts = cosine_cuts(_scored())
    assert len({one.name for one in cuts}) == len(cuts) == 3 * len(BUDGETS)
    rule = _named(cuts, "guards, cosine for 5%")
    assert not rule.cut.refusal
    assert rule.cosine is not None
    assert 0.88 <= rule.cosine <= 0.9  # a few wrong ones below 0.9 are within the budget


def test_the_cosine_is_refused_where_near_pairs_are_wrong_and_not_once_they_are_left_out() -> None:
    cuts = cosine_cuts(_scored(trap="contrast_en"))
    assert _named(cuts, "guards, cosine for 5%").cosine is None
    assert _named(cuts, "guards, cosine for 5%, no contrast pairs").cosine is not None


def test_only_the_part_that_fits_chooses_the_cosine() -> None:
    scored = _scored()
    fits = [part_of(one.source, one.group) == "fit" for one in scored.examples]
    # Were the other parts counted, all of their labels turned round would disprove every cut.
    turned = replace(scored, same=np.where(fits, scored.same, ~scored.same))
    assert [one.cut for one in cosine_cuts(turned)] == [one.cut for one in cosine_cuts(scored)]


def test_a_guarded_cosine_serves_one_key_and_never_what_a_guard_refuses() -> None:
    scored = _scored(("kor_qpair",), 3)
    scored.features[:, _COSINE] = (0.99, 0.99, 0.5)
    scored.features[0, _LANGUAGE] = 1.0
    one_key = replace(scored, one_key=np.array([False, False, True]))
    assert served_at(one_key, CosineCut(0.01, True, True, Cut(0.9))).tolist() == [False, True, True]
    assert served_at(one_key, CosineCut(0.01, False, True, Cut(0.9))).tolist() == [True, True, False]
    assert served_at(one_key, CosineCut(0.01, False, True, Cut(None))).tolist() == [False, False, False]


def test_one_threshold_for_all_is_worse_than_the_best_of_each_set() -> None:
    scored = _scored(("qqp", "kor_qpair", "contrast_en", "pawsx_en", "assin_pt", "shipped"))
    other = np.array([one.source == "kor_qpair" for one in scored.examples])
    scored.features[other, _COSINE] -= 0.1  # right from 0.8 on
    every = np.ones(len(other), dtype=bool)
    rules = {"verifier": np.where(scored.same, 0.99, 0.01)}
    rows = pooled(scored, every, rules, Cuts({}, ()))
    assert {name: row["pairs"] for name, row in rows.items()} == {
        "questions of people": 800,
        "of these, never trained on": 400,
        "these and contrast pairs": 1200,
        "everything that is asked": 1600,
    }
    alone, together = rows["of these, never trained on"], rows["questions of people"]
    assert alone["cosine"]["hits at 2% wrong"] == pytest.approx(1.0, abs=0.03)
    assert together["cosine"]["hits at 2% wrong"] < 0.7
    assert together["verifier"]["hits at 2% wrong"] == 1.0
    left = pooled(scored, every & ~other, rules, Cuts({}, ()))
    assert left["questions of people"]["pairs"] == 400


def test_outcomes_count_wrong_ones_on_the_counted_part_alone() -> None:
    rows = _scored(("kor_qpair",), 800)
    first = np.arange(800) < 500
    rows.same[~first] = False
    made = outcomes(rows, Split(first, ~first, rows.features[:, _COSINE].astype(np.float64)))
    cosine = [one for one in made if one.rule == "guards, cosine"]
    assert {one.budget for one in cosine} == set(BUDGETS)
    assert all(one.wrong == one.served > 0 for one in cosine if one.promised)
    assert any(one.promised for one in cosine)


def test_a_summary_says_how_many_were_kept_promised_and_broken() -> None:
    made = [
        Outcome("verifier", 0.05, promised=True, served=100, wrong=9, hits=0.5),
        Outcome("verifier", 0.05, promised=True, served=100, wrong=5, hits=0.3),
        Outcome("verifier", 0.05, promised=False, served=0, wrong=0, hits=0.0),
        Outcome("verifier", 0.05, promised=False, served=10, wrong=2, hits=0.1),
        *(Outcome("verifier", budget, promised=False, served=0, wrong=0, hits=0.0) for budget in (0.01, 0.02)),
    ]
    said = summary(made)["verifier"]["5%"]
    counted = {name: said[name] for name in ("splits", "serving", "kept", "promised", "promised and broken")}
    assert counted == {"splits": 4, "serving": 3, "kept": 2, "promised": 2, "promised and broken": 1}
    assert said["worst share"] == 0.2
    assert said["all together"] == [16, 210]


def test_what_came_first_makes_the_rule_and_what_comes_later_never_changes_it() -> None:
    rows = _scored()
    split = split_at(rows, "1", ["checklist_qqp", "contrast"])
    early = [one.source in ("checklist_qqp", "contrast_en") for one in rows.examples]
    assert split.cut.tolist() == early
    assert split.count.tolist() == [not one for one in early]
    later_is_other = replace(rows, same=np.where(early, rows.same, ~rows.same))
    same_rule = split_at(later_is_other, "1", ["checklist_qqp", "contrast"])
    assert np.array_equal(split.probability, same_rule.probability)


def test_a_pair_that_makes_the_table_has_a_probability_that_was_not_fitted_on_it() -> None:
    rows = _scored(("kor_qpair",), 60)
    alone = rows.features[:, _COSINE] > 0
    whole = split_at(rows, "1", ["kor_qpair"])
    turned = replace(rows, same=rows.same.copy())
    turned.same[0] = not turned.same[0]
    crossed = split_at(turned, "1", ["kor_qpair"])
    assert alone.all()
    assert whole.probability[0] == crossed.probability[0]
    assert not np.array_equal(whole.probability, crossed.probability)


def test_contrast_pairs_of_all_languages_arrive_together() -> None:
    assert {arrival(one) for one in ("contrast_en", "contrast_ko", "qqp")} == {"contrast", "qqp"}


@pytest.fixture(scope="module")
def played() -> Played:
    texts = (
        ("How do I cancel my order?", "cancel"),
        ("How do I cancel my order?", "cancel"),
        ("how do i cancel my order", "another answer"),
        ("What does shipping to Japan cost?", "japan"),
    )
    return play([Text(text, cluster, "en") for text, cluster in texts], Budget())


def test_the_product_answers_a_stream_in_its_order_out_of_what_it_stored_before(played: Played) -> None:
    assert [one.source for one in played.requests] == ["miss", "exact", "normalized", "miss"]
    assert [one.right for one in played.requests] == [False, True, False, False]
    assert [one.reachable for one in played.requests] == [False, True, False, False]
    figures = played.figures()
    assert (figures["requests"], figures["exact"], figures["hits"], figures["wrong"]) == (4, 1, 1, 1)
    assert figures["by key"] == [1, 1]
    assert figures["served rate"] == 0.5
    assert figures["over time"][-1] == [4, 1, 1]


def test_steps_say_how_many_lookups_come_so_far(played: Played) -> None:
    said = steps(played.requests)
    assert said["lookups"] == 4
    assert said["steps"]["exact"]["reached by"] == 1.0
    assert said["steps"]["embed"]["reached by"] == 0.5
    read = [one.read > 0 for one in played.requests]
    assert said["lookups that reach the pair model"] == sum(read) / 4
    assert said["candidates read, of those judged"] == [
        sum(one.read for one in played.requests),
        sum(one.judged for one in played.requests),
    ]


def test_an_order_is_worth_what_it_serves_before_one_trap_in_twenty() -> None:
    score = np.array([0.9, 0.8, 0.8, 0.7, -np.inf, *([0.1] * 19), 0.75])
    same = np.array([True, True, True, True, True, *([False] * 20)])
    assert by_order(score, same) == {"honest at 5% of the traps": 0.8, "traps at 75% of the honest": 0.05}
    assert by_order(np.where(same, -np.inf, score), same) == {
        "honest at 5% of the traps": 0.0,
        "traps at 75% of the honest": 1.0,
    }


def test_hard_pairs_are_served_by_the_cut_of_each_budget() -> None:
    scored = _scored(("shipped",), 200)
    table = CutTable((0.5, 0.9), (LabelledSet("x", "en", (4000, 2000), (300, 4)),))
    likely = np.where(scored.same, 0.95, 0.6)
    likely[~scored.same] = np.linspace(0.3, 0.8, (~scored.same).sum())
    found = hard_pairs(scored, np.ones(200, dtype=bool), {"verifier": likely}, table)["shipped"]
    assert (found["honest"], found["traps"]) == (scored.same.sum(), (~scored.same).sum())
    strict, loose = found["by budget"]["0.01"], found["by budget"]["0.1"]
    assert (strict["least"], strict["hits"], strict["traps served"]) == (0.9, 1.0, 0.0)
    assert loose["least"] == 0.5
    assert loose["wrong"] == (likely[~scored.same] >= 0.5).sum() == loose["served"] - found["honest"]
    text = "\n".join(hard_table({"shipped": found}))
    assert "| 0.01 | 0.900 | yes | 100.0%, 0.0% (0 of" in text
