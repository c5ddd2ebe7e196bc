"""Vector indexes: exact ones for small stores, a graph with a file behind it for large ones."""

from storage.indexes.faiss_index import FaissIndex
from storage.indexes.flat_index import FlatIndex
from storage.indexes.graph import Graph
from storage.indexes.index import VectorIndex
from storage.indexes.large_index import LargeIndex
from storage.indexes.large_settings import LargeSettings
from storage.indexes.segment import Segment

__all__ = ["FaissIndex", "FlatIndex", "Graph", "LargeIndex", "LargeSettings", "Segment", "VectorIndex"]
