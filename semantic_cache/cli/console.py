"""Where the commands print."""

from __future__ import annotations

import os
import sys

from rich.console import Console

__all__ = ["console"]

_PIPE_WIDTH = 150

# A pipe has no width of its own: tables get one that fits them.
console = Console() if sys.stdout.isatty() or "COLUMNS" in os.environ else Console(width=_PIPE_WIDTH)
