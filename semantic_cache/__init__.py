"""Samewise: a semantic response cache with prompt normalization, over a local model with a KV prefix cache.

from semantic_cache import ask
ask("How do I reset my password?").text
"""

from semantic_cache import errors
from semantic_cache.answer import Answer, Candidate, Hit, Miss, Source, Timing, Trace, Usage, Verdict
from semantic_cache.cache import SemanticCache
from semantic_cache.default import ask
from semantic_cache.errors import SamewiseError
from semantic_cache.explanation import Explanation
from semantic_cache.faq_file import ImportReport
from semantic_cache.learning import FeedbackReport, LearningStatus
from semantic_cache.matching.cut_table import Budget
from semantic_cache.prefix_miss import PrefixMiss
from semantic_cache.request import SamplingOptions
from semantic_cache.settings import DEFAULT_TENANT, Settings
from semantic_cache.stream import AnswerStream, AsyncAnswerStream
from storage import Lifetime
from storage.config import Eviction, SizeBudget
from storage.life import Removal

__all__ = [
    "DEFAULT_TENANT",
    "Answer",
    "AnswerStream",
    "AsyncAnswerStream",
    "Budget",
    "Candidate",
    "Eviction",
    "Explanation",
    "FeedbackReport",
    "Hit",
    "ImportReport",
    "LearningStatus",
    "Lifetime",
    "Miss",
    "PrefixMiss",
    "Removal",
    "SamewiseError",
    "SamplingOptions",
    "SemanticCache",
    "Settings",
    "SizeBudget",
    "Source",
    "Timing",
    "Trace",
    "Usage",
    "Verdict",
    "ask",
    "errors",
]
