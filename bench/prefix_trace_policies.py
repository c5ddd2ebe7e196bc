"""Ways to keep prefixes within a budget: ours, a simulation of vLLM's, and what nobody can beat.

Each takes requests in order of time and says how many tokens of each prompt it had. Requests come one at a time: what a
running request holds is free again before the next.
"""

from __future__ import annotations

import heapq
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from prefix_trace_traffic import OPENING, PAGE_TOKENS, Request, Segment

from kvcache.config import Eviction, KVCacheConfig
from kvcache.grid import Block, Grid
from kvcache.kept import Kept
from kvcache.leases import Computed
from kvcache.prefix_cache import PrefixCache
from kvcache.scopes import Owners, owners

__all__ = ["Cost", "Setting", "Sizes", "optimum", "ours", "paged_lru", "working_set"]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of prefill: linear × tokens + quadratic × tokens², counted from the start of the prompt."""

    linear: float
    quadratic: float

    def seconds(self, start: int, end: int) -> float:
        """Of the tokens from `start` up to `end`."""
        return self.linear * (end - start) + self.quadratic * (end * end - start * start)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of a token's keys and values, entries of the vocabulary, and tokens of one of our blocks."""

    token_bytes: int
    vocabulary: int
    block_tokens: int = 128

    @property
    def grid(self) -> Grid:
        """How prompts are cut."""
        return Grid(self.block_tokens, OPENING)


@dataclass(frozen=True, slots=True)
class Setting:
    """How our cache is set up; `buffers` is the share of its budget that goes to working buffers.

    `answers` is whether it finds a quiet moment to read each answer before the next request comes.
    """

    eviction: Eviction
    buffers: float = 0.0
    answers: bool = True


class _Clock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class _Ours:
    """kvcache's own books, driven as its prefill drives them. The states take no memory; their sizes count."""

    def __init__(self, config: KVCacheConfig, sizes: Sizes, cost: Cost) -> None:
        self.clock = _Clock()
        self.cache = PrefixCache(config, sizes.token_bytes, grid=sizes.grid, clock=self.clock)
        self._sizes = sizes
        self._cost = cost
        self._inside = Kept(())
        self._end = Kept((), torch.empty(sizes.vocabulary, dtype=torch.float32, device="meta"))

    def declare(self, tokens: Block) -> None:
        """Keep a public prefix, as LocalModel.warm does."""
        lease = self.cache.acquire(owners("operator", scope="public"), self._sizes.grid.cut(tokens))
        for index in range(len(lease.blocks)):
            self.cache.insert(lease, index, self._computed(lease.ends, lease.blocks, index))
        self.cache.release(lease)

    def ask(self, whose: Owners, blocks: Sequence[Block]) -> int:
        """Tokens of the prompt that were kept. The last block is kept when the answer is out."""
        lease = self.cache.acquire(whose, blocks)
        read, last = len(lease.kept), len(blocks) - 1
        read -= read == len(blocks) and lease.kept[-1].logits is None
        for index in range(read, last):
            self.cache.insert(lease, index, self._computed(lease.ends, blocks, index))
        self.cache.release(lease)
        again = self.cache.reopen(lease)
        if again is None:
            raise AssertionError("nothing was cleared, but the lease cannot be reopened")
        self.cache.insert(again, last, self._computed(lease.ends, blocks, last))
        self.cache.release(again)
        return lease.tokens(read)

    def read_on(self, whose: Owners, blocks: Sequence[Block], answer: Block) -> None:
        """Keep an answer behind its prompt, as kvcache's AnswerReader does."""
        lease = self.cache.acquire(whose, (*blocks, *self._sizes.grid.cut(answer)))
        for index in range(len(lease.kept), len(lease.blocks)):
            self.cache.insert(lease, index, self._computed(lease.ends, lease.blocks, index))
        self.cache.release(lease)

    def _computed(self, ends: Sequence[int], blocks: Sequence[Block], index: int) -> Computed:
        size = len(blocks[index])
        is_end = size < self._sizes.block_tokens or index + 1 == len(blocks)
        return Computed(self._end if is_end else self._inside, self._cost.seconds(ends[index] - size, ends[index]))


def ours(
    system: Segment, requests: Sequence[Request], budget: int, setting: Setting, model: tuple[Sizes, Cost]
) -> list[int]:
    """Tokens that PrefixCache has of each prompt within `budget` bytes. The system prompt is declared public."""
    config = KVCacheConfig(
        max_bytes=budget,
        buffer_bytes=int(budget * setting.buffers),
        eviction=setting.eviction,
        pin_bytes=0,
    )
    books = _Ours(config, *model)
    books.declare(system.tokens)
    found = []
    for request in requests:
        books.clock.now = request.at
        found.append(books.ask(owners(request.tenant), request.blocks))
        if setting.answers:
            books.read_on(owners(request.tenant), request.blocks, request.answer_turn)
    found[0] -= min(found[0], len(system.tokens))  # declaring it was computing it
    books.cache.check()
    return found


def paged_lru(requests: Sequence[Request], pages: int, *, answers: bool) -> list[int]:
    """Tokens that the policy of vLLM has of each prompt: least recently used first, over hashed blocks of 16 tokens.

    A request takes its blocks out of the queue of free ones, new ones from the front of it, and lays them down at its
    end, the last of them first. At least one token of a prompt is computed. Only the policy: one request at a time, no
    tenants, nothing preempted.

    Args:
        requests: In order of time.
        pages: How many blocks there is room for.
        answers: Whether what was decoded is kept too, as vLLM does.
    """
    free: OrderedDict[int, None] = OrderedDict()
    found = []
    for request in requests:
        path = request.pages if answers else request.pages[: request.tokens // PAGE_TOKENS]
        most = (request.tokens - 1) // PAGE_TOKENS
        found.append(PAGE_TOKENS * next((at for at, page in enumerate(path[:most]) if page not in free), most))
        for page in path:
            free.pop(page, None)
        while free and len(free) + len(path) > pages:
            free.popitem(last=False)
        for page in reversed(path[:pages]):
            free[page] = None
    return found


def optimum(requests: Sequence[Request], tokens: int, *, answers: bool) -> list[int]:
    """The most tokens of all prompts together that any rule can have, knowing the future (Belady).

    Every token is a block of its own, is kept only if it will be read, and goes when its next use is the farthest. A
    token's next use is never before that of one it hangs on, so the farthest is a leaf. Blocks of any size can only do
    worse. It counts tokens, not seconds: for seconds it is an estimate.

    Args:
        requests: In order of time.
        tokens: How many tokens there is room for.
        answers: Whether what was decoded may be kept too.
    """
    uses = list(_next_uses(requests, answers=answers))
    due, farthest, held, found = Counter[int](), list[int](), 0, []
    for number, runs in enumerate(uses):
        found.append(due[number])
        held -= due.pop(number, 0)
        for following, size in runs:
            if following not in due:
                heapq.heappush(farthest, -following)
            due[following] += size
            held += size
        while held > tokens:
            last = -farthest[0]
            gone = min(due[last], held - tokens)
            due[last] -= gone
            held -= gone
            if not due[last]:
                del due[last]
                heapq.heappop(farthest)
    return found


def _next_uses(requests: Sequence[Request], *, answers: bool) -> Iterator[list[tuple[int, int]]]:
    """For each request: when parts of it are next read, and their tokens. What is read no more is left out."""
    seen: dict[int, int] = {}
    backwards = []
    for number, request in reversed(list(enumerate(requests))):
        path = (*request.path, request.answer) if answers else request.path
        backwards.append([(seen[part.number], len(part.tokens)) for part in path if part.number in seen])
        seen |= dict.fromkeys((part.number for part in request.path), number)
    return reversed(backwards)


def working_set(requests: Sequence[Request]) -> int:
    """Different tokens of all prompts: what keeping every one of them would take."""
    parts = {part.number: len(part.tokens) for request in requests for part in request.path}
    return sum(parts.values())
