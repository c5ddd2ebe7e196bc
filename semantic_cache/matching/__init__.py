"""Whether a stored answer is right for a question: guards, verifier and policy."""

from semantic_cache.matching.cut_table import Budget, Cut, CutTable, LabelledSet
from semantic_cache.matching.examined import Examined, examine
from semantic_cache.matching.guards import GUARDS, Compared, Guard, veto
from semantic_cache.matching.judge import Judge
from semantic_cache.matching.policy import BudgetRule, Policy, Served, Threshold
from semantic_cache.matching.verifier import Cascade, FeatureVerifier, PairVerifier, Verified, Verifier

__all__ = [
    "GUARDS",
    "Budget",
    "BudgetRule",
    "Cascade",
    "Compared",
    "Cut",
    "CutTable",
    "Examined",
    "FeatureVerifier",
    "Guard",
    "Judge",
    "LabelledSet",
    "PairVerifier",
    "Policy",
    "Served",
    "Threshold",
    "Verified",
    "Verifier",
    "examine",
    "veto",
]
