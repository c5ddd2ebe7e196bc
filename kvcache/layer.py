"""A transformers cache that grows in place: appending a token copies that token, not all those before it.

The stock DynamicLayer concatenates, so every decoded token copies the whole prefix in every layer.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers.cache_utils import Cache, DynamicLayer

__all__ = ["BlockStates", "GrowingCache", "GrowingLayer"]

#: What is kept of one block, a tuple a layer: its keys and values, each (1, kv_heads, tokens, head_dim); in layers with
#: a recurrent state, that state after the block's last token (see snapshot.py).
BlockStates = tuple[tuple[torch.Tensor, ...], ...]


class GrowingLayer(DynamicLayer):  # type: ignore[no-untyped-call]  # transformers' __init_subclass__ has no types
    """Keys and values in buffers with room to grow; `keys` and `values` are views of the part that is filled.

    Args:
        capacity: Tokens to make room for at the first update. When it is full the room doubles.
    """

    def __init__(self, capacity: int = 0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._key_room = _Room(capacity)
        self._value_room = _Room(capacity)

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        *args: object,  # noqa: ARG002  (the signature is transformers')
        **kwargs: object,  # noqa: ARG002
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append states of shape (batch, kv_heads, tokens, head_dim); returns views of all states so far."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        self.keys = self._key_room.append(self.keys, [key_states])
        self.values = self._value_room.append(self.values, [value_states])
        return self.keys, self.values

    def fill(self, keys: Sequence[torch.Tensor], values: Sequence[torch.Tensor]) -> None:
        """Append stored blocks, copied one after the other."""
        if not self.is_initialized:
            self.lazy_initialization(keys[0], values[0])
        self.keys = self._key_room.append(self.keys, keys)
        self.values = self._value_room.append(self.values, values)

    @property
    def capacity(self) -> int:
        """Tokens that fit before the room must grow."""
        return self._key_room.capacity

    def keep(self, tokens: int) -> None:
        """Forget all but the first `tokens` tokens; the room stays."""
        if self.keys is not None and self.values is not None:
            self.keys, self.values = self.keys.narrow(-2, 0, tokens), self.values.narrow(-2, 0, tokens)

    def reset(self) -> None:
        """Forget all states and the room they took."""
        super().reset()
        self._key_room.clear()
        self._value_room.clear()


class GrowingCache(Cache):
    """One request's states in all layers. Private to that request, so writing in place is safe.

    Args:
        layers: How many layers the network has.
        capacity: Tokens to make room for.
    """

    def __init__(self, layers: int, capacity: int) -> None:
        self._growing = [GrowingLayer(capacity) for _ in range(layers)]
        super().__init__(layers=list(self._growing))

    @property
    def capacity(self) -> int:
        """Tokens that fit before the room must grow."""
        return min((layer.capacity for layer in self._growing), default=0)

    @torch.inference_mode()
    def keep(self, tokens: int) -> None:
        """Forget all but the first `tokens` tokens; the room stays."""
        for layer in self._growing:
            layer.keep(tokens)

    def restore(self, blocks: Sequence[BlockStates], held: int) -> None:
        """Hold exactly these blocks from now on, the first `held` of which the cache begins with already."""
        self.keep(sum(block[0][0].size(-2) for block in blocks[:held]))
        self.fill(blocks[held:])

    def mark(self) -> None:
        """Note that the prompt ends here: what comes is an answer, and `copy_block` may be asked for the end later."""

    @torch.inference_mode()
    def fill(self, blocks: Sequence[BlockStates]) -> None:
        """Copy stored blocks in, in prompt order."""
        for index, layer in enumerate(self._growing if blocks else ()):
            layer.fill([block[index][0] for block in blocks], [block[index][1] for block in blocks])

    @torch.inference_mode()
    def copy_block(self, start: int, end: int) -> BlockStates:
        """The states of tokens `start` to `end`, in memory of their own."""
        filled = [(layer.keys, layer.values) for layer in self._growing]
        keys = [states[..., start:end, :] for states, _ in filled if states is not None]
        values = [states[..., start:end, :] for _, states in filled if states is not None]
        return tuple(zip(_copied(keys), _copied(values), strict=True))


def _copied(parts: Sequence[torch.Tensor]) -> Sequence[torch.Tensor]:
    """Copies; in one piece where the shapes allow it, for one copy of many layers takes a third of the time of many."""
    if len({part.shape for part in parts}) == 1:
        return torch.stack(list(parts)).unbind()
    return [part.clone() for part in parts]


class _Room:
    """A buffer for one tensor that grows along its token axis."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._buffer: torch.Tensor | None = None

    @property
    def capacity(self) -> int:
        """Tokens that fit, or will at the first update."""
        return self._capacity if self._buffer is None else self._buffer.shape[-2]

    def append(self, filled: torch.Tensor | None, parts: Sequence[torch.Tensor]) -> torch.Tensor:
        """Put `parts` behind `filled`; returns a view of both, which is `filled` the next time."""
        held = 0 if filled is None or not filled.numel() else filled.shape[-2]
        end = held + sum(part.shape[-2] for part in parts)
        buffer = self._with_room(filled, held, end, parts[0])
        torch.cat(list(parts), dim=-2, out=buffer[..., held:end, :])
        return buffer[..., :end, :]

    def clear(self) -> None:
        self._buffer = None

    def _with_room(self, filled: torch.Tensor | None, held: int, end: int, like: torch.Tensor) -> torch.Tensor:
        """The buffer while `end` tokens fit and `filled` is still a part of it; else a bigger one with a copy."""
        buffer = self._buffer
        if buffer is not None and end <= buffer.shape[-2] and (filled is None or _is_view(filled, buffer)):
            return buffer
        room = max(end, self._capacity, 2 * held)
        self._buffer = like.new_empty((*like.shape[:-2], room, like.shape[-1]))
        if held and filled is not None:
            self._buffer[..., :held, :] = filled
        return self._buffer


def _is_view(part: torch.Tensor, whole: torch.Tensor) -> bool:
    """Whether `part` lies in `whole`: beam search, batching and offloading put tensors of their own in its place."""
    return part.untyped_storage().data_ptr() == whole.untyped_storage().data_ptr()
