"""The verifier and cut table that come with the project, `verifier.json` and `pair_model_*.npz`: see training/."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from semantic_cache.errors import EmbeddingError
from semantic_cache.matching.compared import Compared
from semantic_cache.matching.cut_table import CutTable
from semantic_cache.matching.features import FEATURES
from semantic_cache.matching.verifier import (
    Cascade,
    FeatureVerifier,
    Pairs,
    PairVerifier,
    SmallModel,
    Verified,
    Verifier,
)

if TYPE_CHECKING:  # it loads ONNX Runtime
    from semantic_cache.encoder import Encoder

__all__ = ["OwnCosines", "cascade_of", "open_verifier", "shipped_cut_table", "verifier_version"]


def open_verifier(*, own_cosines: bool, show_progress: bool = True) -> Verifier:
    """The verifier over the bundled encoder.

    Args:
        own_cosines: Whether the cosines it is given are another embedder's, and it has to make those it was fitted on.

    Raises:
        ModelFetchError: The encoder's weights could not be fetched.
        EmbeddingError: They cannot be read.
    """
    from semantic_cache.encoder import PairEnsemble, PairModel, open_encoder, shipped_weights  # noqa: PLC0415

    encoder = open_encoder(show_progress=show_progress)
    pairs = PairEnsemble(encoder, [PairModel(encoder, one) for one in shipped_weights(encoder.packed)])
    cascade = cascade_of(_shipped(), encoder, pairs)
    return OwnCosines(cascade, encoder) if own_cosines else cascade


def cascade_of(values: Mapping[str, Any], encoder: Encoder, pairs: Pairs) -> Cascade:
    """The cascade that a `verifier.json` describes, over an encoder and a pair model."""
    from semantic_cache.encoder import WordVectors  # noqa: PLC0415

    first = FeatureVerifier(_small(values["features"]), WordVectors(encoder.packed, encoder.pieces))
    low, high = values["band"]
    return Cascade(first, PairVerifier(_small(values["pair"]), pairs, first), low, high)


def shipped_cut_table() -> CutTable:
    """Labelled pairs, none of which a model was trained on, by the verifier's probability.

    Raises:
        EmbeddingError: The installed file cannot be read.
    """
    return replace(CutTable.read(_shipped()["cuts"]), verifier=verifier_version())


def verifier_version() -> str:
    """Twelve hex digits that say whose probabilities a cut table holds. The small models are fitted on the pair model,
    so that they change with it.

    Raises:
        EmbeddingError: As `shipped_cut_table`.
    """
    judging = {name: value for name, value in _shipped().items() if name != "cuts"}
    return hashlib.sha256(json.dumps(judging, sort_keys=True).encode()).hexdigest()[:12]


class OwnCosines:
    """A verifier that is given cosines of other vectors than it was fitted on, and makes its own."""

    def __init__(self, verifier: Verifier, encoder: Encoder) -> None:
        self._verifier, self._encoder = verifier, encoder
        self.name = verifier.name

    def verify(self, asked: Compared, stored: Sequence[Compared], cosines: Sequence[float]) -> list[Verified]:  # noqa: ARG002
        """As the Protocol says."""
        texts = [one.text or one.key for one in (asked, *stored)]
        vectors = self._encoder.vectors(texts)
        return self._verifier.verify(asked, stored, [float(vectors[0] @ row) for row in vectors[1:]])


def _small(values: Mapping[str, Any]) -> SmallModel:
    return SmallModel(values["weights"], values["bias"])


@cache
def _shipped() -> Mapping[str, Any]:
    try:
        values: Mapping[str, Any] = json.loads(
            files("semantic_cache.matching").joinpath("verifier.json").read_text("utf-8")
        )
        known = {*FEATURES, "pair_for", "pair_against"}
        strange = {name for part in ("features", "pair") for name in values[part]["weights"]} - known
        if strange or not {"cuts", "band"} <= set(values):
            raise ValueError(f"it is of another version: {', '.join(sorted(strange))}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EmbeddingError(f"The installed verifier cannot be read ({error}): install it anew.") from error
    return values
