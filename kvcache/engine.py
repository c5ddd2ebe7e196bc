"""The forward pass: token ids in, logits out, states appended to a cache."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Sequence

import torch
from transformers import PreTrainedModel

from kvcache.activity import Activity
from kvcache.architecture import cache_maker
from kvcache.attention import read_in_place
from kvcache.errors import UnsupportedModelError
from kvcache.layer import BlockStates, GrowingCache, GrowingLayer
from kvcache.snapshot import HybridLayer, RecurrentLayer, SnapshotCache

__all__ = ["Engine"]

_PROBED_TOKENS = 2  # several, and no more: what a state has left to say fades with each token
_OTHER_STATE = 1e3


class Engine:
    """One network, used by many threads one forward pass at a time.

    The lock is held for a single pass (a block of prefill or one token of an answer), so requests take turns. A pass
    already uses all of torch's threads, and not every network of transformers may be entered twice.

    `token_bytes` are those of one token's keys and values in all layers, `state_bytes` those of what a block keeps
    beside them, 0 without recurrent layers; `activity` knows when requests compute.

    Raises:
        UnsupportedModelError: The network does not keep its whole state in the cache, or does not go on from it.
    """

    def __init__(self, network: PreTrainedModel) -> None:
        network.eval()  # type: ignore[no-untyped-call]
        read_in_place(network)
        self._network = network
        self._lock = threading.Lock()
        self.activity = Activity()
        self._new_cache = cache_maker(network.config)
        accepted = inspect.signature(network.forward).parameters
        if "past_key_values" not in accepted:
            raise UnsupportedModelError(f"{type(network).__name__} takes no past_key_values; use a decoder that does.")
        # Without it, prefill would compute the logits of every token of the prompt.
        self._options = {"logits_to_keep": 1} if "logits_to_keep" in accepted else {}
        # Some networks count from 0 in every pass unless they are told where they are.
        self._takes_positions = "position_ids" in accepted
        self.vocabulary = _rows(network.get_input_embeddings())
        self.token_bytes, self.state_bytes = self._probe()

    def new_cache(self, capacity: int) -> GrowingCache:
        """An empty cache with room for `capacity` tokens."""
        return self._new_cache(capacity)

    @torch.inference_mode()
    def forward(self, token_ids: Sequence[int], cache: GrowingCache) -> torch.Tensor:
        """Run the tokens that follow those in `cache`, and append their states to it.

        Args:
            token_ids: At least one id.
            cache: States of all tokens before them; changed in place.

        Returns:
            (vocab,) float32 logits after the last token.
        """
        device, options = self._network.device, dict[str, object](self._options)
        inputs = torch.tensor([list(token_ids)], device=device)
        if self._takes_positions:
            start = cache.get_seq_length()
            options["position_ids"] = torch.arange(start, start + len(token_ids), device=device)[None]
        with self.activity.one_pass(), self._lock:
            output = self._network(input_ids=inputs, past_key_values=cache, use_cache=True, **options)
        logits: torch.Tensor = output.logits[0, -1].float()
        return logits

    def _probe(self) -> tuple[int, int]:
        """Bytes of one token's keys and values, and of all else that a block keeps, as a pass over a token shows."""
        cache = self.new_cache(1)
        self.forward([0], cache)
        growing = [layer for layer in cache.layers if isinstance(layer, GrowingLayer)]
        sizes = [_token_bytes(states) for layer in growing for states in (layer.keys, layer.values)]
        if not sizes or None in sizes:
            name = type(self._network).__name__
            raise UnsupportedModelError(
                f"{name} does not put a key and a value per token into each attention layer of its cache; use a "
                "decoder that does, such as Llama, Qwen or Mistral."
            )
        token_bytes = sum(size for size in sizes if size)
        kept = sum(states.nbytes for layer in cache.copy_block(0, 1) for states in layer)
        if isinstance(cache, SnapshotCache):
            self._check_that_it_goes_on()
        return token_bytes, kept - token_bytes

    def _check_that_it_goes_on(self) -> None:
        """Refuse a network that forgets its recurrent state when it is given several tokens at once.

        Raises:
            UnsupportedModelError: The state after a pass is the same whatever it was before.
        """
        first = self._new_cache(2 * _PROBED_TOKENS)
        self.forward([0] * _PROBED_TOKENS, first)
        known = first.copy_block(0, _PROBED_TOKENS)
        after = [self._recurrences_after(first, states) for states in (known, _with_others(first, known))]
        if any(torch.equal(one, other) for one, other in zip(*after, strict=True)):
            raise UnsupportedModelError(
                f"{type(self._network).__name__} forgets its recurrent state in each pass of several tokens, in this "
                "version of transformers, so it cannot go on from a prefix. Use Bamba, Falcon-H1, LFM2 or Qwen3-Next, "
                "or a model without such a state."
            )

    def _recurrences_after(self, cache: GrowingCache, states: BlockStates) -> list[torch.Tensor]:
        """The recurrence of the first layer that has one, after a pass from `states`; those behind depend on it."""
        cache.restore([states], 0)
        self.forward([0] * _PROBED_TOKENS, cache)
        layers = [layer for layer in cache.layers if isinstance(layer, RecurrentLayer | HybridLayer)]
        return [states for layer in layers for states in layer.copy_states()[1::2] if states.numel()][:1]


def _with_others(cache: GrowingCache, block: BlockStates) -> BlockStates:
    """The block with other values where a recurrence is kept: in each layer, every other of its recurrent states."""
    changed = []
    for layer, states in zip(cache.layers, block, strict=True):
        pair = 2 if isinstance(layer, GrowingLayer) else 0
        others = (state + _OTHER_STATE if index % 2 else state for index, state in enumerate(states[pair:]))
        changed.append((*states[:pair], *others))
    return tuple(changed)


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
