"""The forward pass: token ids in, logits out, states appended to a cache."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Sequence

import torch
from transformers import PreTrainedModel
from transformers.cache_utils import Cache, DynamicLayer

from kvcache.attention import read_in_place
from kvcache.errors import UnsupportedModelError
from kvcache.layer import GrowingCache, GrowingLayer

__all__ = ["Engine"]


class Engine:
    """One network, used by many threads one forward pass at a time.

    The lock is held for a single pass (a block of prefill or one token of an answer), so requests take turns. A pass
    already uses all of torch's threads, and not every network of transformers may be entered twice.

    Raises:
        UnsupportedModelError: The network does not keep one key and one value per token in every layer.
    """

    def __init__(self, network: PreTrainedModel) -> None:
        network.eval()  # type: ignore[no-untyped-call]
        read_in_place(network)
        self._network = network
        self._lock = threading.Lock()
        accepted = inspect.signature(network.forward).parameters
        # Without it, prefill would compute the logits of every token of the prompt.
        self._options = {"logits_to_keep": 1} if "logits_to_keep" in accepted else {}
        self.vocabulary = _rows(network.get_input_embeddings())
        self._layers, self.token_bytes = self._probe()

    def new_cache(self, capacity: int) -> GrowingCache:
        """An empty cache with room for `capacity` tokens."""
        return GrowingCache(self._layers, capacity)

    @torch.inference_mode()
    def forward(self, token_ids: Sequence[int], cache: Cache) -> torch.Tensor:
        """Run the tokens that follow those in `cache`, and append their states to it.

        Args:
            token_ids: At least one id.
            cache: States of all tokens before them; changed in place.

        Returns:
            (vocab,) float32 logits after the last token.
        """
        inputs = torch.tensor([list(token_ids)], device=self._network.device)
        with self._lock:
            output = self._network(input_ids=inputs, past_key_values=cache, use_cache=True, **self._options)
        logits: torch.Tensor = output.logits[0, -1].float()
        return logits

    def _probe(self) -> tuple[int, int]:
        """Layers, and bytes of their keys and values per token, as one pass over one token shows them."""
        cache = Cache(layer_class_to_replicate=GrowingLayer)
        self.forward([0], cache)
        tensors = [(layer.keys, layer.values) for layer in cache.layers if isinstance(layer, DynamicLayer)]
        sizes = [_token_bytes(tensor) for pair in tensors for tensor in pair]
        if not sizes or None in sizes:
            name = type(self._network).__name__
            raise UnsupportedModelError(
                f"{name} does not keep a key and a value per token in each layer; use a decoder."
            )
        return len(tensors), sum(size for size in sizes if size)


def _token_bytes(states: torch.Tensor | None) -> int | None:
    """Bytes of one token's states, or None when they are not one token's (batch, kv_heads, 1, head_dim)."""
    if states is None or states.dim() != 4 or states.shape[-2] != 1:
        return None
    return states.numel() * states.element_size()


def _rows(embedding: torch.nn.Module) -> int:
    weight = embedding.weight
    if not isinstance(weight, torch.Tensor):
        raise UnsupportedModelError(f"{type(embedding).__name__} is no table of token embeddings.")
    return weight.shape[0]
