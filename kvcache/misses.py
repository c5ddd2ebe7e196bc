"""Why a prompt, or the rest of it, was computed and not read: a value that says where, what and for what reason."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from kvcache.grid import Block
from kvcache.scopes import Owner, Owners

__all__ = ["Gone", "Miss", "MissCause", "Tombstones", "common_tokens"]

MissCause = Literal[
    "new",
    "expired",
    "evicted",
    "cleared",
    "below_minimum",
    "lookback",
    "no_breakpoint",
    "inner_end",
    "larger_than_budget",
    "cache_off",
    "other_model",
    "other_tenant",
]
"""Why something was computed.

new: nothing that this tenant and user may read goes on like this. What others keep is never told; only `explain` with
`operator=True` says other_tenant instead. expired, evicted, cleared: it was kept, and went in that way.
below_minimum: the prompt, or what is kept of it, is shorter than the lifetime's minimum. lookback: it is kept, but
ends too many content blocks before a breakpoint. no_breakpoint: this lifetime keeps what ends at a breakpoint only, and
the prompt has none. inner_end: the prompt is kept as the beginning of longer ones, so its last block was read again for
the logits after it. larger_than_budget: the prompt does not fit into the budget, so it is never kept. cache_off: the
request or the configuration asked for none. other_model: a tier below has it of another model or version, which never
is used.
"""

#: How a kept block can go.
Gone = Literal["expired", "evicted", "cleared"]

_MOST_TOMBSTONES = 16_384


def _numbers(token_ids: Sequence[int]) -> str:
    return " ".join(map(str, token_ids))


@dataclass(frozen=True, slots=True)
class Miss:
    """What was not read.

    Args:
        cause: Why.
        position: Tokens of the prompt before the first one that differs from everything kept; where the causes other
            than `new` apply, before the first one that was not read.
        lost_tokens: Tokens of the prompt that had to be computed.
        lost_seconds: What computing them took.
        token_ids: The prompt from `position` on, a few tokens.
        turns: First tokens of each turn up to `position`, a few each; empty when the template marks no turns.
    """

    cause: MissCause
    position: int
    lost_tokens: int
    lost_seconds: float
    token_ids: Block = ()
    turns: tuple[Block, ...] = ()
    _decode: Callable[[Sequence[int]], str] = field(default=_numbers, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The text at `position`, decoded when asked for."""
        return self._decode(self.token_ids) if self.token_ids else ""

    @property
    def segment(self) -> str:
        """The turn that `position` lies in: its role, and for all but the system prompt its number among those."""
        roles = [_role(self._decode(turn)) for turn in self.turns]
        if not roles:
            return "prompt"
        number = roles.count(roles[-1])
        return roles[-1] if roles[-1] == "system" and number == 1 else f"{roles[-1]} {number}"

    def decoded_by(self, decode: Callable[[Sequence[int]], str]) -> Miss:
        """The same with a way to turn token ids, control tokens included, into text."""
        return replace(self, _decode=decode)


def _role(head: str) -> str:
    found = [(head.find(word), role) for word, role in _ROLE_WORDS if word in head]
    return min(found)[1] if found else "turn"


_ROLE_WORDS = (("system", "system"), ("user", "user"), ("assistant", "assistant"), ("model", "assistant"))


def common_tokens(block: Block, others: Iterable[Block]) -> int:
    """How many tokens `block` begins with that the one of `others` closest to it begins with too."""
    most, size = 0, len(block)
    if not size:
        return 0
    token = block[0]
    for other in others:
        # One token rules out nearly all: this is on the way to a first token, and there may be many to compare with.
        if len(other) > most and other[most] == token and other[:most] == block[:most]:
            length = min(size, len(other))
            while most < length and block[most] == other[most]:
                most += 1
            if most == size:
                return size
            token = block[most]
    return most


class Tombstones:
    """Hashes of blocks that went, the latest ones. Equal hashes could give a wrong reason, never wrong states.

    Args:
        most: How many are remembered.
    """

    def __init__(self, most: int = _MOST_TOMBSTONES) -> None:
        self._most = most
        self._gone: OrderedDict[tuple[Owner, int], Gone] = OrderedDict()

    def add(self, owner: Owner, path_hash: int, how: Gone) -> None:
        """Remember that an owner's block went."""
        self._gone[owner, path_hash] = how
        self._gone.move_to_end((owner, path_hash))
        if len(self._gone) > self._most:
            self._gone.popitem(last=False)

    def remove(self, owner: Owner, path_hash: int) -> None:
        """It is kept again."""
        self._gone.pop((owner, path_hash), None)

    def find(self, owners: Owners, path_hash: int) -> Gone | None:
        """How a block of one of these owners went, the narrowest first."""
        ways = (self._gone.get((owner, path_hash)) for owner in reversed(owners))
        return next((way for way in ways if way is not None), None)
