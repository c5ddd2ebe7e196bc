"""Does the last turn of a conversation mean the same without the turns before it?

What a turn leaves open (`and in winter?`, `how do I cancel?`) and what a turn sets for later ones (`I am vegan`,
`answer in French`) can be told from the states of its tokens half-way up the encoder. A few learned queries look for
each, and what they find, with how near the turns are to each other, makes one probability (training/turns.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from normalize import Message
from semantic_cache.encoder.encoder import Encoder
from semantic_cache.errors import EmbeddingError

__all__ = ["MOST_TURN_TOKENS", "MOST_USER_TURNS", "TurnModel", "TurnWeights", "relations", "shipped_turn_weights"]

TurnWeights = Mapping[str, NDArray[np.float32]]
"""Names are those of `training.turn_net.TurnNet`, with a first axis for the nets whose mean log odds count."""

MOST_TURN_TOKENS = 128
"""Of a turn that is read, the encoder's own tokens included. What is longer may have said anything."""
MOST_USER_TURNS = 8
"""A condition may stand in any of them, and each takes milliseconds. It learned from conversations of three at most; of
more turns it finds a condition in one sooner."""
RELATIONS = 5
QUERIES, INNER = 12, 24
"""Learned queries of each side, and the width of the layer that reads what they found."""
_GREETING = "hi"  # what an assistant answers that speaks first; it learned from conversations that users begin
_MOST_CHARS = 2_000
"""Of an assistant's words those at the end are compared; a user's turn with more is too long without counting."""
_WIDTH = 384
_SHAPES = {
    "mean": (_WIDTH,), "deviation": (_WIDTH,),
    **{f"{side}.{part}.weight": (QUERIES, _WIDTH) for side in ("last", "before") for part in ("query", "value")},
    "inner.weight": (INNER, 2 * QUERIES + RELATIONS), "inner.bias": (INNER,),
    "out.weight": (1, INNER), "out.bias": (1,),
}  # fmt: skip
_WORD = re.compile(r"\w+")
_HANGUL = re.compile(r"[가-힣]")
_END = 200


class TurnModel:
    """Thread-safe.

    Args:
        encoder: Gives the states of each turn.
        weights: What was learned.
    """

    def __init__(self, encoder: Encoder, weights: TurnWeights) -> None:
        self._encoder, self._weights = encoder, weights

    def stands_alone(self, history: Sequence[Message], last: str) -> float | None:
        """How probable it is that `last` would get the same answer as the first turn; None where that is not read:
        the user said more than `MOST_USER_TURNS` turns before it, or a turn is longer than `MOST_TURN_TOKENS`.

        Args:
            history: What user and assistant said before, oldest first.
            last: What the user says now.

        Raises:
            EmbeddingError: A turn cannot be read.
        """
        said = [one.content for one in history if one.role == "user" and one.content.strip()] or [_GREETING]
        if len(said) > MOST_USER_TURNS or any(self._is_long(one) for one in (*said, last)):
            return None
        states = [self._encoder.states(one) for one in said]
        mine = self._encoder.states(last)
        return _probability(self._weights, mine, states, relations(history, last, mine, states))

    def _is_long(self, text: str) -> bool:
        return len(text) > _MOST_CHARS or self._encoder.count_tokens(text) > MOST_TURN_TOKENS


def relations(
    history: Sequence[Message], last: str, mine: NDArray[np.float32], states: Sequence[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """(RELATIONS,) float32 of the last turn and those before, of which the user said one at least: how near the nearest
    and the one just before are, what share of its words was said before, whether the assistant asked back, and how long
    it is.

    Args:
        mine: (tokens, width) of the last turn.
        states: (tokens, width) of each of the user's turns in `history`.
    """
    centre = mine.mean(0)
    near = [_cosine(centre, one.mean(0)) for one in states]
    words = _beginnings(last)
    before = {word for one in history for word in _beginnings(one.content[-_MOST_CHARS:])}
    shared = sum(word in before for word in words) / max(len(words), 1)
    replies = [one.content for one in history if one.role == "assistant"]
    asked_back = float(bool(replies) and "?" in replies[-1][-_END:])
    return np.array([max(near), near[-1], shared, asked_back, math.log(len(mine))], dtype=np.float32)


def shipped_turn_weights() -> TurnWeights:
    """What `training` made.

    Raises:
        EmbeddingError: It cannot be read.
    """
    try:
        data = files("semantic_cache.encoder").joinpath("turns.npz").read_bytes()
        with np.load(BytesIO(data)) as file:
            weights = {name: file[name].astype(np.float32) for name in file.files}
        strange = [name for name, shape in _SHAPES.items() if weights[name].shape[1:] != shape]
        if strange or not all(np.isfinite(value).all() for value in weights.values()):
            raise ValueError(f"of another kind: {', '.join(strange)}")
        return weights
    except Exception as error:  # a damaged archive is told in many ways
        raise EmbeddingError(
            f"The model of conversations of this installation cannot be read ({error}): install it anew."
        ) from error


def _probability(
    weights: TurnWeights,
    mine: NDArray[np.float32],
    states: Sequence[NDArray[np.float32]],
    related: NDArray[np.float32],
) -> float:
    logits = []
    for net in range(len(weights["out.bias"])):
        w = {name: value[net] for name, value in weights.items()}
        left_open = _looked_for(w, "last", mine)
        set_before = [_looked_for(w, "before", one) for one in states]
        read = np.concatenate([left_open, np.max(set_before, axis=0), related])
        inner = np.maximum(w["inner.weight"] @ read + w["inner.bias"], 0)
        logits.append(float((w["out.weight"] @ inner + w["out.bias"]).item()))
    return 1 / (1 + math.exp(-max(float(np.mean(logits)), -700.0)))


def _looked_for(w: TurnWeights, side: str, states: NDArray[np.float32]) -> NDArray[np.float32]:
    """(queries,) what each query found at the tokens that it attends to."""
    scaled = (states - w["mean"]) / w["deviation"]
    scores = scaled @ w[f"{side}.query.weight"].T
    scores -= scores.max(axis=0)
    attention = np.exp(scores)
    attention /= attention.sum(axis=0)
    found: NDArray[np.float32] = (attention * (scaled @ w[f"{side}.value.weight"].T)).sum(axis=0)
    return found


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def _beginnings(text: str) -> list[str]:
    """Of the words that are long enough to be about something, what an ending does not change."""
    words = _WORD.findall(text.lower())
    cut = [(word, 2 if _HANGUL.search(word) else 4) for word in words]
    return [word[:letters] for word, letters in cut if len(word) >= letters]
