"""`python -m semantic_cache` is `samewise`."""

from semantic_cache.cli import main

main()
