"""The databases a store may be in."""

from storage.backends.opening import open_database

__all__ = ["open_database"]
