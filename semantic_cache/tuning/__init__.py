"""Labelled pairs → the threshold that keeps a budget of wrong hits. Importing this loads no model and draws nothing."""

from semantic_cache.tuning.choose import Choice, Reason, Refusal, choose_by_bound, choose_by_estimate
from semantic_cache.tuning.curve import Curve, CurvePoint, hit_curve
from semantic_cache.tuning.cuts import CUTS, Judged, cut_table_of, judge_pairs, served_later
from semantic_cache.tuning.errors import EvidenceError, FigureError, PairsFileError, TuningError
from semantic_cache.tuning.figures import curve_figure, score_figure
from semantic_cache.tuning.guarded import vetoed_by_guards
from semantic_cache.tuning.pairs import SHIPPED_PAIRS, LabelledPair, read_pairs
from semantic_cache.tuning.report import conclusion, curve_table, pair_table, terminal_report
from semantic_cache.tuning.score import ScoredPair, Scores, score_pairs
from semantic_cache.tuning.split import Halves, split, split_by_group, split_by_time
from semantic_cache.tuning.tune import TuningReport, tune, tune_scores

__all__ = [
    "CUTS",
    "SHIPPED_PAIRS",
    "Choice",
    "Curve",
    "CurvePoint",
    "EvidenceError",
    "FigureError",
    "Halves",
    "Judged",
    "LabelledPair",
    "PairsFileError",
    "Reason",
    "Refusal",
    "ScoredPair",
    "Scores",
    "TuningError",
    "TuningReport",
    "choose_by_bound",
    "choose_by_estimate",
    "conclusion",
    "curve_figure",
    "curve_table",
    "cut_table_of",
    "hit_curve",
    "judge_pairs",
    "pair_table",
    "read_pairs",
    "score_figure",
    "score_pairs",
    "served_later",
    "split",
    "split_by_group",
    "split_by_time",
    "terminal_report",
    "tune",
    "tune_scores",
    "vetoed_by_guards",
]
