"""Looking after a store: check and repair, export and import, backup, salvage."""

from storage.upkeep.problem import Kind, Problem
from storage.upkeep.salvage import Salvaged, salvage
from storage.upkeep.upkeep import Upkeep

__all__ = ["Kind", "Problem", "Salvaged", "Upkeep", "salvage"]
