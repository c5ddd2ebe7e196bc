"""Where fetched models are kept."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

__all__ = ["models_directory"]


def models_directory() -> Path:
    """The folder of the fetched models: `$SAMEWISE_HOME/models`, or the platform's cache folder. Not created here."""
    home = os.environ.get("SAMEWISE_HOME")
    base = Path(home).expanduser() if home else Path(platformdirs.user_cache_dir("samewise", appauthor=False))
    return base / "models"
