"""Made-up traffic of many tenants: who asks what after which document and when, in token ids.

    prompt   | system, of all | document, of the tenant | question 1 | answer 1 | question 2 |
    segments |       a        |            b            |     c      |    d     |     e      |    answer 2: what follows

Tenants and their documents are drawn by Zipf's law. Tokens are random, so two prompts share whole segments or nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain

from kvcache.grid import Block, Grid

__all__ = ["OPENING", "PAGE_TOKENS", "Request", "Segment", "Shape", "traffic"]

_OPENER, _END, _SYSTEM, _USER, _ASSISTANT, _LINE = range(6)
_FIRST_WORD, _WORDS = 10, 49_000
#: What opens an answer; see kvcache/grid.py.
OPENING = (_OPENER, _ASSISTANT, _LINE)
_ASKED = (_OPENER, _USER, _LINE)
#: Tokens of a hashed block of vLLM, by its default.
PAGE_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Shape:
    """What the traffic looks like. Lengths are medians of log-normal draws, in tokens.

    Args:
        conversations: How many begin.
        seconds: In how long a time they begin, at times drawn evenly.
        tenants: How many there are; the k-th is drawn with weight k ** -exponent.
        documents: Of each tenant; drawn in the same way.
        exponent: Of Zipf's law.
        drift_seconds: After this time the ranks of tenants and documents move on by one; 0 leaves them.
        turns: Shares of conversations with 1, 2, … questions.
        pause_seconds: Mean time between two questions of a conversation, drawn exponentially.
        system, document, question, answer: Lengths.
    """

    conversations: int = 700
    seconds: float = 7200.0
    tenants: int = 200
    documents: int = 20
    exponent: float = 1.0
    drift_seconds: float = 0.0
    turns: tuple[float, ...] = (0.35, 0.22, 0.16, 0.12, 0.08, 0.07)
    pause_seconds: float = 60.0
    system: int = 512
    document: int = 1500
    question: int = 16
    answer: int = 120


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens that prompts share as a whole. `number` is its own; equal segments are the same object."""

    number: int
    tokens: Block


@dataclass(frozen=True, slots=True)
class Request:
    """One question.

    Args:
        at: Seconds since the start.
        tenant: Who asks.
        path: The prompt.
        answer: What the model says, and what opens the next question.
        blocks: The prompt as kvcache cuts it.
        pages: Names of the whole 16-token blocks of prompt and answer; one stands for all tokens up to its end.
        tokens: The prompt's length.
    """

    at: float
    tenant: str
    path: tuple[Segment, ...]
    answer: Segment
    blocks: tuple[Block, ...]
    pages: tuple[int, ...]
    tokens: int

    @property
    def answer_turn(self) -> Block:
        """What the model says, up to where the next question is opened."""
        return self.answer.tokens[: -len(_ASKED)]


@dataclass(slots=True)
class _Maker:
    """Draws segments and knows those that exist."""

    shape: Shape
    draw: random.Random
    documents: dict[tuple[int, int], Segment] = field(default_factory=dict)
    blocks: dict[Block, Block] = field(default_factory=dict)
    pages: dict[tuple[int, Block], int] = field(default_factory=dict)
    made: int = 0

    def segment(self, before: Block, length: int, after: Block) -> Segment:
        self.made += 1
        words = self.draw.choices(range(_FIRST_WORD, _FIRST_WORD + _WORDS), k=length)
        return Segment(self.made, (*before, *words, *after))

    def system(self) -> Segment:
        return self.segment((_OPENER, _SYSTEM, _LINE), self.shape.system, (_END,))

    def document(self, tenant: int, number: int) -> Segment:
        known = self.documents.get((tenant, number))
        if known is None:
            length = self.length(self.shape.document, 0.8, 200, 12_000)
            known = self.segment((_OPENER, _SYSTEM, _LINE), length, (_END, *_ASKED))
            self.documents[tenant, number] = known
        return known

    def length(self, middle: int, sigma: float, lowest: int, highest: int) -> int:
        return min(highest, max(lowest, round(middle * self.draw.lognormvariate(0.0, sigma))))

    def rank(self, count: int, at: float) -> int:
        """Which of `count` is drawn, by Zipf's law; the ranks move with time where the shape says so."""
        (rank,) = self.draw.choices(range(count), cum_weights=_zipf(count, self.shape.exponent))
        moved = int(at / self.shape.drift_seconds) if self.shape.drift_seconds else 0
        return (rank + moved) % count

    def request(self, at: float, tenant: int, path: tuple[Segment, ...], grid: Grid) -> Request:
        answer = self.segment((), self.length(self.shape.answer, 0.6, 8, 800), (_END, *_ASKED))
        prompt = tuple(chain.from_iterable(segment.tokens for segment in path))
        cut = tuple(self.blocks.setdefault(block, block) for block in grid.cut(prompt))
        pages = tuple(self._pages((*prompt, *answer.tokens[: -len(_ASKED)])))
        return Request(at, f"tenant {tenant}", path, answer, cut, pages, len(prompt))

    def _pages(self, ids: Block) -> Iterator[int]:
        before = -1
        for end in range(PAGE_TOKENS, len(ids) + 1, PAGE_TOKENS):
            before = self.pages.setdefault((before, ids[end - PAGE_TOKENS : end]), len(self.pages))
            yield before


def traffic(shape: Shape, seed: int, grid: Grid) -> tuple[Segment, list[Request]]:
    """The system prompt of all, and the requests in order of time.

    Args:
        shape: What it looks like.
        seed: The same again gives the same traffic.
        grid: Cuts prompts; its opening must be OPENING.
    """
    maker = _Maker(shape, random.Random(seed))
    system = maker.system()
    starts = sorted(maker.draw.uniform(0.0, shape.seconds) for _ in range(shape.conversations))
    requests = [request for start in starts for request in _conversation(maker, start, system, grid)]
    return system, sorted(requests, key=lambda request: request.at)


def _conversation(maker: _Maker, at: float, system: Segment, grid: Grid) -> Iterator[Request]:
    shape, draw = maker.shape, maker.draw
    tenant = maker.rank(shape.tenants, at)
    path: tuple[Segment, ...] = (system, maker.document(tenant, maker.rank(shape.documents, at)))
    (questions,) = draw.choices(range(1, len(shape.turns) + 1), weights=shape.turns)
    for _ in range(questions):
        path = (*path, maker.segment((), maker.length(shape.question, 0.6, 3, 200), (_END, *OPENING)))
        request = maker.request(at, tenant, path, grid)
        yield request
        path = (*path, request.answer)
        at += draw.expovariate(1.0 / shape.pause_seconds)


def _zipf(count: int, exponent: float) -> Sequence[float]:
    return list(accumulate((rank + 1) ** -exponent for rank in range(count)))
