"""Caches of networks that keep more than keys and values: a state that each token changes, in some layers or all.

    tokens        |0 … 127|128 … 255|256 … 299|answer …
    keys, values  |   a   |    b    |    c    |          may be cut anywhere
    recurrent     0       1         2         3          known only where a copy was made: after each block

A recurrent state after 256 tokens cannot be had from the one after 300. So a block keeps the state after its last token
beside its own keys and values, and a prefix is taken up again only where a block ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

import torch
from transformers.cache_utils import (
    Cache,
    DummyLayer,
    LinearAttentionAndFullAttentionLayer,
    LinearAttentionCacheLayerMixin,
    LinearAttentionLayer,
)

from kvcache.errors import KVCacheError
from kvcache.layer import BlockStates, GrowingCache, GrowingLayer

__all__ = ["EmptyLayer", "HybridLayer", "RecurrentLayer", "SnapshotCache", "SnapshotLayer"]

States = tuple[torch.Tensor, ...]


class RecurrentLayer(LinearAttentionLayer):
    """A layer with nothing but a recurrent state."""

    def copy_states(self) -> States:
        """The state now, in memory of its own: a convolution and a recurrence each, empty where there is none."""
        return _copied(self)

    def set_states(self, states: States) -> None:
        """Go on from `states`, which are copied; none at all means from the beginning."""
        _set(self, states)


class HybridLayer(LinearAttentionAndFullAttentionLayer, GrowingLayer):  # type: ignore[misc, override]  # as in transformers
    """A layer with keys and values, and a recurrent state beside them.

    Args:
        states: How many recurrences the layer has.
        capacity: Tokens to make room for at the first update.
    """

    def __init__(self, states: int, capacity: int) -> None:
        GrowingLayer.__init__(self, capacity)
        LinearAttentionLayer.__init__(self, number_of_states=states)  # type: ignore[no-untyped-call]

    def copy_states(self) -> States:
        """As RecurrentLayer."""
        return _copied(self)

    def set_states(self, states: States) -> None:
        """As RecurrentLayer."""
        _set(self, states)


class EmptyLayer(DummyLayer):
    """A layer that keeps nothing: it has no attention, or attends to what another layer keeps."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]


SnapshotLayer = GrowingLayer | RecurrentLayer | HybridLayer | EmptyLayer


class SnapshotCache(GrowingCache):
    """A GrowingCache of any layers that can be restored at the end of a block. At least one has keys and values.

    Args:
        layers: A layer of the cache for each of the network's.
    """

    def __init__(self, layers: Sequence[SnapshotLayer]) -> None:
        Cache.__init__(self, layers=list(layers))
        self._growing = [layer for layer in layers if isinstance(layer, GrowingLayer)]
        self._all = tuple(layers)
        self._marked: tuple[int, tuple[States, ...]] | None = None

    @torch.inference_mode()
    def mark(self) -> None:
        """Remember the recurrent states that are here now, so that this point can be copied or kept later."""
        self._marked = self.get_seq_length(), self._recurrent()

    @torch.inference_mode()
    def keep(self, tokens: int) -> None:
        """Forget all but the first `tokens` tokens.

        Raises:
            KVCacheError: The recurrent states after so many tokens are not known any more.
        """
        states = self._states_at(tokens)
        super().keep(tokens)
        self._set(states)

    @torch.inference_mode()
    def restore(self, blocks: Sequence[BlockStates], held: int) -> None:
        """Hold exactly these blocks from now on, the first `held` of which the cache begins with already."""
        first = next(index for index, layer in enumerate(self._all) if isinstance(layer, GrowingLayer))
        GrowingCache.keep(self, sum(block[first][0].size(-2) for block in blocks[:held]))
        self.fill(blocks[held:])
        self._set(self._recurrent_of(blocks[-1]) if blocks else tuple(() for _ in self._all))

    @torch.inference_mode()
    def fill(self, blocks: Sequence[BlockStates]) -> None:
        """Copy stored blocks in, in prompt order."""
        for index, layer in enumerate(self._all if blocks else ()):
            if isinstance(layer, GrowingLayer):
                layer.fill([block[index][0] for block in blocks], [block[index][1] for block in blocks])
        if blocks:
            self._set(self._recurrent_of(blocks[-1]))

    @torch.inference_mode()
    def copy_block(self, start: int, end: int) -> BlockStates:
        """The states of tokens `start` to `end`, and the recurrent ones after them, in memory of their own.

        Raises:
            KVCacheError: `end` is neither the end of what is here nor where `mark` was called.
        """
        states = self._states_at(end)
        pairs = (_cut(layer, start, end) for layer in self._all)
        return tuple((*pair, *state) for pair, state in zip(pairs, states, strict=True))

    def _states_at(self, tokens: int) -> tuple[States, ...]:
        """Copies of the recurrent states after `tokens` tokens, one a layer."""
        if tokens == self.get_seq_length():
            return self._recurrent()
        if tokens == 0:
            return tuple(() for _ in self._all)
        if self._marked is not None and self._marked[0] == tokens:
            return tuple(tuple(state.clone() for state in states) for states in self._marked[1])
        raise KVCacheError(
            f"The recurrent states after {tokens} tokens are gone, {self.get_seq_length()} have been read; they can be "
            "copied where a pass ends or where mark() was called."
        )

    def _recurrent(self) -> tuple[States, ...]:
        return tuple(layer.copy_states() if _is_recurrent(layer) else () for layer in self._all)

    def _recurrent_of(self, block: BlockStates) -> tuple[States, ...]:
        kept = zip(self._all, block, strict=True)
        return tuple(states[2:] if isinstance(layer, GrowingLayer) else states for layer, states in kept)

    def _set(self, states: Sequence[States]) -> None:
        for layer, state in zip(self._all, states, strict=True):
            if _is_recurrent(layer):
                layer.set_states(state)
        self._marked = None


def _is_recurrent(layer: SnapshotLayer) -> TypeGuard[RecurrentLayer | HybridLayer]:
    return isinstance(layer, RecurrentLayer | HybridLayer)


def _cut(layer: SnapshotLayer, start: int, end: int) -> States:
    if not isinstance(layer, GrowingLayer) or layer.keys is None or layer.values is None:
        return ()
    return layer.keys[..., start:end, :].clone(), layer.values[..., start:end, :].clone()


def _copied(layer: LinearAttentionCacheLayerMixin) -> States:
    pairs = [(layer.conv_states[index], layer.recurrent_states[index]) for index in range(layer.number_of_states)]
    return tuple(torch.empty(0) if state is None else state.clone() for pair in pairs for state in pair)


def _set(layer: LinearAttentionCacheLayerMixin, states: States) -> None:
    for index in range(layer.number_of_states):
        conv, recurrent = (_own(state) for state in states[2 * index : 2 * index + 2]) if states else (None, None)
        layer.conv_states[index] = conv
        layer.is_conv_states_initialized[index] = conv is not None
        layer.recurrent_states[index] = recurrent
        layer.is_recurrent_states_initialized[index] = recurrent is not None
        layer.has_previous_state[index] = bool(states)
        if conv is not None:
            layer.conv_kernel_size[index] = conv.shape[-1]


def _own(state: torch.Tensor) -> torch.Tensor | None:
    return state.clone() if state.numel() else None
