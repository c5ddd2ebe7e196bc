"""The names of blocks: SHA-256 chains over model, owner and token ids.

    first block    H(H(model, owner), tokens)
    next block     H(name of the block before, tokens)

Equal names of different prompts are not to be expected, and still the stored token ids decide: they are compared when a
block is loaded.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Sequence
from itertools import accumulate

from kvcache.grid import Block

__all__ = ["NAME_LENGTH", "owner_name", "path_names"]

#: Characters of a name.
NAME_LENGTH = 64


def owner_name(owner: str) -> str:
    """What stands for an owner in files: whose blocks they are need not be read there.

    Owners may lie in one another, as `tenant/acme/eva` does in `tenant/acme`: then the name of the one begins with that
    of the other, and in no other case does it.
    """
    steps = accumulate(owner.split("/"), lambda outer, inner: f"{outer}/{inner}")
    return "".join(hashlib.sha256(json.dumps(["owner", step]).encode()).hexdigest() for step in steps)


def path_names(model: str, owner: str, blocks: Sequence[Block]) -> list[str]:
    """The names of all blocks of a path, in order.

    Args:
        model: What stands for the model and everything else that shapes its states.
        owner: What stands for the owner; the same tokens of another owner have another name.
        blocks: From the prompt's beginning on; ids below 2**31.
    """
    above = hashlib.sha256(json.dumps(["path", model, owner]).encode()).digest()
    names = []
    for block in blocks:
        above = hashlib.sha256(above + array("i", block).tobytes()).digest()
        names.append(above.hex())
    return names
