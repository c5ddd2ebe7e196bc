"""The command line, `samewise`."""

from __future__ import annotations

import os

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    # OpenMP's threads wait by spinning unless told otherwise. Where another program computes on the same cores, that
    # made the first token come up to thirty times later. It is read when torch is loaded, so it is said before.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from semantic_cache.cli.app import run  # noqa: PLC0415

    run()
