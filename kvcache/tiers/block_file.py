"""One block as a safetensors file: its states, the logits after it, and the token ids of the whole path to it.

    tokens   int32, all ids from the prompt's beginning on     cuts    int32, how many of them each block has
    0, 1, …  states, stacked over the layers; see packing.py   logits  float32, if the block ends a turn
    0.scales, 1.scales, …                                      what int8 states are multiplied by

The prompt's text is not there, but whoever has the tokenizer can make it from the token ids.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from kvcache.grid import Block
from kvcache.kept import Kept
from kvcache.tiers.int8 import from_int8, to_int8
from kvcache.tiers.packing import Layout, pack, unpack

__all__ = ["BlockContent", "CorruptBlockError", "encode", "read"]

_STATES_DIM = 4


class CorruptBlockError(Exception):
    """A file's bytes are not those that were written. Never leaves the tier: the block is dropped and counted."""


@dataclass(frozen=True, slots=True)
class BlockContent:
    """A block and how it is reached: all blocks of its path, its own tokens last."""

    path: tuple[Block, ...]
    kept: Kept


def encode(content: BlockContent, *, int8: bool) -> bytes:
    """The file's bytes. With `int8` keys and values are rounded; states of other kinds never are."""
    packs, layout = pack(content.kept.states)
    tensors = {
        "tokens": torch.tensor([token for block in content.path for token in block], dtype=torch.int32),
        "cuts": torch.tensor([len(block) for block in content.path], dtype=torch.int32),
    }
    if content.kept.logits is not None:
        tensors["logits"] = content.kept.logits.cpu()
    rounds = _keys_and_values(packs, layout, len(content.path[-1])) if int8 else {}
    dtypes: dict[int, str] = {}
    for number, states in packs.items():
        rounded = to_int8(states, over=rounds[number]) if number in rounds else None
        tensors[str(number)] = (states if rounded is None else rounded[0]).cpu()
        if rounded is not None:
            tensors[f"{number}.scales"] = rounded[1].cpu()
            dtypes[number] = str(states.dtype).removeprefix("torch.")
    exact = content.kept.exact and not dtypes
    notes = {"layout": layout, "rounded": dtypes, "exact": exact, "logits": "logits" in tensors}
    return save(tensors, {name: json.dumps(note) for name, note in notes.items()})


def read(path: Path, size: int, checksum: int, device: torch.device) -> BlockContent:
    """A block's content, in memory of its own on `device`.

    Args:
        path: The file.
        size: Its bytes.
        checksum: CRC-32 of all of them.
        device: Where the states are wanted.

    Raises:
        FileNotFoundError: It is gone.
        CorruptBlockError: Its bytes are others, or the disk cannot read them.
    """
    try:
        _check(path, size, checksum)
        with safe_open(path, framework="pt") as file:  # mapped, not read: the states are copied once, to where they go
            return _decode(file, device)
    except FileNotFoundError:
        raise
    except (OSError, SafetensorError) as exc:
        raise CorruptBlockError(f"{path} cannot be read: {exc}") from exc


def _check(path: Path, size: int, checksum: int) -> None:
    with path.open("rb") as file:
        found = os.fstat(file.fileno()).st_size
        if found != size:  # looked at first: bytes that are not there end the process that reads them from a map
            raise CorruptBlockError(f"{path} has {found} bytes, but {size} were written")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            if zlib.crc32(mapped) != checksum:
                raise CorruptBlockError(f"{path} does not agree with its checksum")


def _decode(file: Any, device: torch.device) -> BlockContent:
    notes = {name: json.loads(note) for name, note in file.metadata().items()}
    layout = tuple(tuple(places) for places in notes["layout"])
    dtypes = {int(number): getattr(torch, name) for number, name in notes["rounded"].items()}
    packs = {}
    for number in {place for places in layout for place in places}:
        states = file.get_tensor(str(number))
        if number in dtypes:
            scales = file.get_tensor(f"{number}.scales")
            packs[number] = from_int8(states.to(device), scales.to(device), dtypes[number])
        else:
            packs[number] = states.to(device, copy=True)
    logits = file.get_tensor("logits").to(device, copy=True) if notes["logits"] else None
    path = _cut(file.get_tensor("tokens").tolist(), file.get_tensor("cuts").tolist())
    return BlockContent(path, Kept(unpack(packs, layout), logits, notes["exact"]))


def _cut(tokens: Sequence[int], lengths: Sequence[int]) -> tuple[Block, ...]:
    blocks, start = [], 0
    for length in lengths:
        blocks.append(tuple(tokens[start : start + length]))
        start += length
    return tuple(blocks)


def _keys_and_values(packs: Mapping[int, torch.Tensor], layout: Layout, tokens: int) -> dict[int, int]:
    """Packs of keys and of values, and the dimension that shares a scale: tokens for keys, channels for values.

    Only layers of exactly two (batch, kv_heads, tokens, head_dim) count: other states, such as recurrent ones, are
    summed up over the whole prompt, and so would be what rounding takes from them.
    """
    chosen: dict[int, int] = {}
    for places in layout:
        shapes = [packs[number].shape[1:] for number in places]
        if len(places) == 2 and all(len(shape) == _STATES_DIM and shape[-2] == tokens for shape in shapes):
            chosen |= {places[0]: -2, places[1]: -1}
    return {number: over for number, over in chosen.items() if packs[number].is_floating_point()}
