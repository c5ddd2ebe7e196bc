"""Host memory and disk below the prefix cache. This front loads no torch; `kvcache.tiers.opening` opens real tiers."""

from kvcache.tiers.config import TierConfig
from kvcache.tiers.limits import Limits
from kvcache.tiers.lower_tiers import LowerTiers, NoLowerTiers, TierBlock, TierCounts, TierStats

__all__ = ["Limits", "LowerTiers", "NoLowerTiers", "TierBlock", "TierConfig", "TierCounts", "TierStats"]
