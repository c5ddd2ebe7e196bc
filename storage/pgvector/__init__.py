"""Search by the server: vectors in pgvector's own type beside the entries, each width and embedder with its index."""

from storage.pgvector.search import PgvectorSearch
from storage.pgvector.table import write_vectors

__all__ = ["PgvectorSearch", "write_vectors"]
