"""The command line, `samewise`."""

from semantic_cache.cli.app import main

__all__ = ["main"]
