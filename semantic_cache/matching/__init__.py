"""Whether a stored answer is right for a question: guards, calibration and policy."""

from semantic_cache.matching.calibration import Calibration, calibration_for
from semantic_cache.matching.guards import GUARDS, Compared, Guard, veto
from semantic_cache.matching.judge import Judge
from semantic_cache.matching.policy import Policy, Threshold

__all__ = ["GUARDS", "Calibration", "Compared", "Guard", "Judge", "Policy", "Threshold", "calibration_for", "veto"]
