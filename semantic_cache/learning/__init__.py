"""What is learned in use: feedback, decisions, checks of hits, and an alarm when too many are wrong."""

from semantic_cache.learning.comparison import AnswersAgree, Comparison, Scale
from semantic_cache.learning.drift import Drift, Judged, Tightening
from semantic_cache.learning.feedback import FeedbackReport
from semantic_cache.learning.learning import Learning, LearningStatus
from semantic_cache.learning.pairs import renew_pairs
from semantic_cache.learning.shadow import Shadow, ShadowCounts
from semantic_cache.learning.watch import DriftWatch

__all__ = [
    "AnswersAgree",
    "Comparison",
    "Drift",
    "DriftWatch",
    "FeedbackReport",
    "Judged",
    "Learning",
    "LearningStatus",
    "Scale",
    "Shadow",
    "ShadowCounts",
    "Tightening",
    "renew_pairs",
]
