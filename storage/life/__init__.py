"""The life of entries: selections to invalidate, expiry, and budgets held by evictions."""

from storage.config import Eviction, SizeBudget
from storage.life.eviction import Candidate, choose, value
from storage.life.life import Life
from storage.life.removal import DELETED_KEPT, Dropped, Removal
from storage.life.selection import Near, Selection
from storage.life.solitude import ExactNearby, Nearby
from storage.life.usage import Usage

__all__ = [
    "DELETED_KEPT",
    "Candidate",
    "Dropped",
    "Eviction",
    "ExactNearby",
    "Life",
    "Near",
    "Nearby",
    "Removal",
    "Selection",
    "SizeBudget",
    "Usage",
    "choose",
    "value",
]
