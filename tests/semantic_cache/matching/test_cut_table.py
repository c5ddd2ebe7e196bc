"""A budget becomes a cut, or a refusal that says what is missing."""

from __future__ import annotations

import json
import math
import random

import pytest
from scipy.stats import beta

from semantic_cache.errors import SettingsError
from semantic_cache.matching.cut_table import Budget, CutTable, LabelledSet, counted
from semantic_cache.matching.policy import BudgetRule

_CUTS = tuple(place / 100 for place in range(1, 100))


def _table(pairs: list[tuple[float, bool]], name: str = "one") -> CutTable:
    return CutTable(_CUTS, (counted(name, "en", _CUTS, [p for p, _ in pairs], [same for _, same in pairs]),))


def _pairs(count: int, seed: int) -> list[tuple[float, bool]]:
    """Pairs whose probabilities are true."""
    rng = random.Random(seed)
    return [(p, rng.random() < p) for p in (rng.random() ** 0.3 for _ in range(count))]


def test_the_bound_is_the_exact_one_and_holds_at_the_cut() -> None:
    cut = _table(_pairs(20_000, 0)).cut(Budget(0.05, 0.9))
    assert cut.probability is not None
    assert cut.upper == pytest.approx(beta.ppf(0.9, cut.wrong + 1, cut.served - cut.wrong))
    assert cut.upper <= 0.05


def test_it_serves_the_most_that_the_bound_allows() -> None:
    table = _table(_pairs(20_000, 1))
    cut = table.cut(Budget(0.05, 0.9))
    assert cut.probability is not None
    (one,) = table.sets
    looser = _CUTS.index(cut.probability) - 1
    # Two sequences share the doubt of a tenth.
    assert beta.ppf(0.95, one.wrong[looser] + 1, one.served[looser] - one.wrong[looser]) > 0.05


def test_a_wrong_pair_among_the_surest_does_not_hide_what_many_prove() -> None:
    table = CutTable((0.8, 0.9, 0.95), (LabelledSet("x", "en", (700, 500, 60), (60, 6, 1)),))
    cut = table.cut(Budget(0.05))
    assert (cut.probability, cut.refusal) == (0.9, "")


def test_a_few_pairs_without_a_wrong_one_prove_what_more_of_them_do_not() -> None:
    table = CutTable((0.8, 0.9), (LabelledSet("x", "en", (700, 90), (60, 0)),))
    cut = table.cut(Budget(0.05))
    assert (cut.probability, cut.refusal) == (0.9, "")


def test_on_other_pairs_of_the_kind_the_budget_holds() -> None:
    kept = 0
    for seed in range(20):
        cut = _table(_pairs(4000, seed)).cut(Budget(0.05))
        served = [same for p, same in _pairs(4000, 1000 + seed) if cut.probability is not None and p >= cut.probability]
        kept += served.count(False) <= 0.05 * len(served)
    assert kept >= 19


def test_a_stricter_budget_never_has_a_looser_cut() -> None:
    table = _table(_pairs(20_000, 2))
    cuts = [table.cut(Budget(share)).probability or 2.0 for share in (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3)]
    assert cuts == sorted(cuts, reverse=True)


def test_a_budget_that_cannot_be_promised_is_not_served_more_freely_than_one_that_can() -> None:
    table = CutTable((0.8, 0.9, 0.95), (LabelledSet("x", "en", (500, 404, 377), (9, 1, 0)),))
    promised = table.cut(Budget(0.01))
    assert (promised.refusal, promised.probability) == ("", 0.95)
    stand_in = table.cut(Budget(0.005))
    assert stand_in.refusal
    assert (stand_in.probability or 2.0) >= 0.95


def test_too_few_labels_are_counted_and_a_strict_rule_stands_in() -> None:
    pairs = [(0.99, True)] * 100 + [(0.8, place % 2 == 0) for place in range(20)]
    cut = _table(pairs).cut(Budget(0.01))
    assert cut.missing_labels == 299 - 100  # 299 without a wrong one prove 1 % at 95 %
    assert "has 100, worth 100, 0 wrong: 199 are missing" in cut.refusal
    assert (cut.served, cut.wrong) == (100, 0)
    assert cut.upper > 0.01  # so nothing is promised
    rule = BudgetRule(Budget(0.01), _table(pairs))
    assert rule.decide(0.999, 0.999).serves
    assert not rule.decide(0.999, 0.8).serves
    assert "not promised" in str(rule)
    assert "199 are missing" in str(rule)


def test_the_strict_rule_keeps_away_from_the_first_wrong_pair() -> None:
    sets = (LabelledSet("x", "en", (300, 160, 130, 115, 60), (3, 0, 0, 0, 0)),)
    cut = CutTable((0.8, 0.85, 0.9, 0.95, 0.98), sets).cut(Budget(0.01))
    assert (cut.probability, cut.served) == (0.9, 130)  # nine tenths of 160 at most
    assert cut.refusal


@pytest.mark.parametrize(("wrong", "cut"), [((1, 0), 0.9), ((0, 0), 0.8)])
def test_where_no_cut_keeps_a_tenth_away_the_loosest_without_a_wrong_pair_stands_in(
    wrong: tuple[int, int], cut: float
) -> None:
    found = CutTable((0.8, 0.9), (LabelledSet("x", "en", (260, 240), wrong),)).cut(Budget(0.01))
    assert found.probability == cut
    assert found.refusal
    assert found.upper > 0.01


def test_one_wrong_pair_that_comes_early_does_not_hide_a_bound_that_is_kept_later() -> None:
    found = CutTable((0.8, 0.85, 0.9, 0.95), (LabelledSet("x", "en", (700, 400, 310, 150), (1, 1, 1, 0)),)).cut(
        Budget(0.01)
    )
    assert (found.probability, found.served) == (0.8, 700)
    assert found.upper < 0.01
    assert "not at all stricter cuts" in found.refusal
    assert found.missing_labels == 0


@pytest.mark.parametrize(("wrong", "cut"), [(1, 0.8), (2, 0.8), (3, 0.9)])
def test_a_kind_of_pairs_that_is_likely_to_break_the_budget_ends_the_search(wrong: int, cut: float) -> None:
    sets = (
        LabelledSet("kind", "ko", (40, 20), (wrong, 0)),
        LabelledSet("all others", "en", (2000, 1500), (5, 0)),
    )
    assert CutTable((0.8, 0.9), sets).cut(Budget(0.05)).probability == cut


def test_one_wrong_label_among_the_surest_does_not_end_the_strict_rule() -> None:
    cut = CutTable((0.8, 0.9, 0.95), (LabelledSet("x", "en", (300, 250, 60), (4, 1, 1)),)).cut(Budget(0.01))
    assert (cut.probability, cut.served, cut.wrong) == (0.9, 250, 1)
    assert cut.refusal


def test_the_strict_rule_goes_no_further_than_to_a_cut_that_is_disproved() -> None:
    table = CutTable((0.8, 0.9, 0.95), (LabelledSet("x", "en", (1000, 220, 110), (5, 5, 0)),))
    assert table.cut(Budget(0.01)).probability == 0.95


def test_almost_no_labels_serve_nothing() -> None:
    cut = _table([(0.99, True)] * 40).cut(Budget(0.01))
    assert cut.probability is None
    assert "259 are missing" in cut.refusal
    assert not BudgetRule(Budget(0.01), _table([(0.99, True)] * 40)).decide(0.999, 0.999).serves


def test_no_number_of_labels_helps_where_too_many_are_wrong() -> None:
    cut = _table([(0.99, place % 10 > 0) for place in range(5000)]).cut(Budget(0.01))
    assert cut.probability is None
    assert cut.missing_labels == 0
    assert "500 wrong of 5000" in cut.refusal


def test_one_set_that_disproves_a_cut_is_not_outvoted() -> None:
    many = [(p, p >= 0.3) for p in (place / 10_000 for place in range(10_000))]
    few = [(p, p >= 0.9) for p in (place / 200 for place in range(200))]
    good = counted("good", "en", _CUTS, [p for p, _ in many], [same for _, same in many])
    bad = counted("bad", "ko", _CUTS, [p for p, _ in few], [same for _, same in few])
    alone, both = CutTable(_CUTS, (good,)).cut(Budget(0.02)), CutTable(_CUTS, (good, bad)).cut(Budget(0.02))
    assert alone.probability is not None
    assert both.probability is not None
    assert alone.probability < 0.31
    assert both.probability > 0.8


def test_tenants_and_tags_have_budgets_of_their_own_and_the_strictest_holds() -> None:
    table = _table(_pairs(20_000, 3))
    rule = BudgetRule(Budget(0.05), table, {"tenant:acme": Budget(0.2), "tag:medical": Budget(0.003)})
    general, acme = rule.cut().probability, rule.cut("acme").probability
    medical = rule.cut("acme", ["medical", "other"]).probability
    assert general is not None
    assert acme is not None
    assert acme < general < (medical or 2.0)
    assert rule.decide(0.9, (general + acme) / 2, tenant="acme").serves
    assert not rule.decide(0.9, (general + acme) / 2, tenant="else").serves


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, float("nan"), True, "1%"])
def test_a_share_outside_of_its_range_is_refused_by_name(value: object) -> None:
    with pytest.raises(SettingsError, match=r"wrong_hits=.*must lie between"):
        Budget(value)  # type: ignore[arg-type]


def test_counts_are_those_of_a_loop() -> None:
    pairs = _pairs(300, 4)
    one = counted("x", "en", _CUTS, [p for p, _ in pairs], [same for _, same in pairs])
    for cut, served, wrong in zip(_CUTS, one.served, one.wrong, strict=True):
        above = [same for p, same in pairs if p >= cut]
        assert (served, wrong) == (len(above), above.count(False))


def test_an_empty_table_serves_nothing() -> None:
    assert CutTable((), ()).cut(Budget()).probability is None
    assert CutTable(_CUTS, (LabelledSet("none", "en", (0,) * 99, (0,) * 99),)).cut(Budget()).probability is None


def test_a_table_is_the_same_after_it_was_written_and_read() -> None:
    table = _table(_pairs(500, 5))
    assert CutTable.read(json.loads(json.dumps(table.values()))) == table


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "no cut table"),
        ({"cuts": [0.5], "sets": [{"name": "x"}]}, "no cut table"),
        ({"cuts": [0.9, 0.5], "sets": []}, "ascend"),
        ({"cuts": [0.5, 1.5], "sets": []}, "ascend"),
        ({"cuts": [0.5], "sets": [{"name": "x", "language": "", "served": [1, 2], "wrong": [0]}]}, "one count"),
        ({"cuts": [0.5], "sets": [{"name": "x", "language": "", "served": [1], "wrong": [2]}]}, "more wrong"),
        ({"cuts": [0.5, 0.6], "sets": [{"name": "x", "language": "", "served": [1, 2], "wrong": [0, 0]}]}, "stricter"),
    ],
)
def test_what_is_no_table_is_refused(values: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        CutTable.read(values)


def test_pairs_of_one_group_prove_less_than_strangers() -> None:
    probabilities, same = [0.99] * 400, [True] * 400
    strangers = counted("x", "en", _CUTS, probabilities, same, [str(place) for place in range(400)])
    together = counted("x", "en", _CUTS, probabilities, same, [str(place // 80) for place in range(400)])
    assert CutTable(_CUTS, (strangers,)).cut(Budget(0.01)).refusal == ""
    refused = CutTable(_CUTS, (together,)).cut(Budget(0.01))
    assert "there are 400, worth 8, 291 are missing" in refused.refusal  # 400² / (5 · 80 · (1 + 79 · 0.6)) = 8.3
    assert refused.missing_labels == 291


def test_the_bound_over_sets_is_that_of_all_their_groups_together() -> None:
    first = counted("a", "en", (0.5,), [0.9] * 60, [True] * 59 + [False], ["one"] * 30 + ["two"] * 30)
    second = counted("b", "ko", (0.5,), [0.9] * 40, [True] * 40, list(range(40)))
    cut = CutTable((0.5,), (first, second)).cut(Budget(0.9))
    alike = round(60**2 / (2 * 30 * (1 + 29 * 0.6)), 1)  # a table keeps one digit of what each set is worth
    worth = 100**2 / (60**2 / alike + 40)
    assert cut.worth == pytest.approx(worth, rel=0.01)
    assert cut.upper == pytest.approx(beta.ppf(0.95, 0.01 * worth + 1, 0.99 * worth), rel=0.01)


def test_on_pairs_of_other_groups_the_budget_holds_though_a_group_is_wrong_together() -> None:
    def pairs(seed: int) -> tuple[list[float], list[bool], list[int]]:
        rng, rows = random.Random(seed), []
        for group in range(60):
            leans = rng.gauss(0, 2.5)
            for _ in range(20):
                p = rng.random() ** 0.3
                lean = leans + math.log(p / (1 - p)) * math.sqrt(1 + 2.5**2 * math.pi / 8)
                rows.append((p, rng.random() < 1 / (1 + math.exp(-lean)), group))
        return [p for p, _, _ in rows], [same for _, same, _ in rows], [group for _, _, group in rows]

    kept = 0
    for seed in range(40):
        cut = CutTable(_CUTS, (counted("x", "en", _CUTS, *pairs(seed)),)).cut(Budget(0.05))
        p, same, _ = pairs(1000 + seed)
        served = [one for chance, one in zip(p, same, strict=True) if chance >= (cut.probability or 2.0)]
        kept += served.count(False) <= 0.05 * len(served)
    assert kept >= 37  # 33 where every pair counts for itself


def test_a_table_with_groups_is_the_same_after_it_was_written_and_read() -> None:
    table = CutTable(_CUTS, (counted("x", "en", _CUTS, [0.9, 0.8, 0.7], [True, True, False], ["a", "a", "b"]),))
    assert CutTable.read(json.loads(json.dumps(table.values()))) == table


@pytest.mark.parametrize("worth", [[1.0, 1.0], [3.0], [-1.0]])
def test_more_independent_pairs_than_served_ones_are_refused(worth: list[float]) -> None:
    one = {"name": "x", "language": "", "served": [2], "wrong": [0], "worth": worth}
    with pytest.raises(SettingsError, match="worth more pairs"):
        CutTable.read({"cuts": [0.5], "sets": [one]})
