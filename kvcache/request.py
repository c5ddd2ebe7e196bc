"""One request, from its token ids to its answer: prefill, decode, keep what is new."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvcache.answer_reader import Answered
from kvcache.breakpoints import Breakpoints
from kvcache.generation import Generation, Usage
from kvcache.sampling import Sampling
from kvcache.scopes import owners

if TYPE_CHECKING:
    from kvcache.assembly import Assembly
    from kvcache.prefill import Prefilled
    from kvcache.prompt import Prompt

__all__ = ["Request", "answer"]


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request; `LocalModel.stream` says what its parts mean. `began` is when it came, by its clock."""

    prompt: Prompt
    token_ids: tuple[int, ...]
    sampling: Sampling
    tenant: str
    user: str | None
    use_cache: bool
    points: Breakpoints
    began: float


def answer(parts: Assembly, request: Request, clock: Callable[[], float]) -> Generator[str, None, Generation]:
    """Yield the pieces of the answer. Closed early, it leaves the working buffer to the next request."""
    prefilled = _prefill(parts, request)
    try:
        steps = parts.decoder.decode(prefilled, request.sampling)
        piece, first_token_seconds = next(steps), clock() - request.began
        pieces = [piece]
        try:
            while True:
                if piece:
                    yield piece
                piece = next(steps)
                pieces.append(piece)
        except StopIteration as end:
            decoded = end.value
    except GeneratorExit:
        parts.prefiller.abandon(prefilled)
        raise
    exact = prefilled.exact and parts.checker.passes(prefilled)
    written, miss = prefilled.written_tokens + parts.prefiller.finish(prefilled), prefilled.miss
    done = Generation(
        text="".join(pieces),
        token_ids=decoded.token_ids,
        finish_reason=decoded.finish_reason,
        usage=Usage(
            len(request.token_ids), prefilled.cached_tokens, len(decoded.token_ids), written, _kept_until(prefilled)
        ),
        first_token_seconds=first_token_seconds,
        exact=exact,
        miss=None if miss is None else miss.decoded_by(parts.encoder.text),
    )
    _read_ahead(parts, request, prefilled, done)
    return done


def _prefill(parts: Assembly, request: Request) -> Prefilled:
    return parts.prefiller.prefill(
        request.token_ids,
        tenant=request.tenant,
        room=request.sampling.max_tokens,
        use_cache=request.use_cache,
        user=request.user,
        points=request.points,
    )


def _kept_until(prefilled: Prefilled) -> int:
    """Up to which token the prompt is kept: what is not exact never is."""
    return prefilled.lease.kept_until if prefilled.lease is not None and prefilled.exact else 0


def _read_ahead(parts: Assembly, request: Request, prefilled: Prefilled, done: Generation) -> None:
    if parts.answers is None or prefilled.lease is None or not (prefilled.exact and done.text):
        return
    whose, clears = owners(request.tenant, request.user), prefilled.lease.clears
    parts.answers.offer(Answered(request.prompt, request.token_ids, whose, request.points, clears), done)
