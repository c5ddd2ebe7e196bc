"""The cache over HTTP, for clients of OpenAI's API."""

from semantic_cache.server.app import make_app, run_server

__all__ = ["make_app", "run_server"]
