"""The bundled encoder in ONNX Runtime: vectors of questions, and models of pairs and of conversations over the
same lower layers."""

from semantic_cache.encoder.e5_embedder import E5Embedder
from semantic_cache.encoder.encoder import Encoder
from semantic_cache.encoder.opened import open_encoder
from semantic_cache.encoder.pair_ensemble import PairEnsemble
from semantic_cache.encoder.pair_model import PairModel
from semantic_cache.encoder.pair_weights import shipped_weights
from semantic_cache.encoder.turn_model import TurnModel, shipped_turn_weights
from semantic_cache.encoder.word_vectors import WordVectors

__all__ = [
    "E5Embedder",
    "Encoder",
    "PairEnsemble",
    "PairModel",
    "TurnModel",
    "WordVectors",
    "open_encoder",
    "shipped_turn_weights",
    "shipped_weights",
]
