"""A prefilled prompt → the tokens and the text of its answer, one step at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from kvcache.detokenizer import Detokenizer
from kvcache.engine import Engine
from kvcache.generation import FinishReason
from kvcache.prefill import Prefilled
from kvcache.sampler import Sampler
from kvcache.sampling import Sampling

__all__ = ["Decoded", "Decoder"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """The tokens of an answer, without the one that ended it, and why it ended."""

    token_ids: tuple[int, ...]
    finish_reason: FinishReason


class Decoder:
    """Decodes answers of one model; has no state of its own.

    Args:
        engine: Runs the forward passes.
        tokenizer: Turns tokens into text.
        ends: Token ids that end an answer.
    """

    def __init__(self, engine: Engine, tokenizer: PreTrainedTokenizerBase, ends: frozenset[int]) -> None:
        self._engine = engine
        self._tokenizer = tokenizer
        self._ends = ends

    def decode(self, prefilled: Prefilled, sampling: Sampling) -> Generator[str, None, Decoded]:
        """Yield the answer's text as tokens complete it. A piece is empty while a character is unfinished.

        The first piece comes right after the first token is chosen, so that it can be timed.
        """
        text, tokens = Detokenizer(self._text), list[int]()
        for token in self._tokens(prefilled, Sampler(sampling), sampling.max_tokens):
            if token in self._ends:
                yield text.finish()
                return Decoded(tuple(tokens), "stop")
            tokens.append(token)
            yield text.add(token)
        yield text.finish()
        return Decoded(tuple(tokens), "length")

    def _tokens(self, prefilled: Prefilled, sampler: Sampler, max_tokens: int) -> Iterator[int]:
        """At most `max_tokens` tokens; each but the first costs a forward pass when it is asked for."""
        yield (token := sampler.pick(prefilled.logits))
        if max_tokens > 1:
            prefilled.cache.mark()  # after the first token is out: it need not wait for this
        for _ in range(max_tokens - 1):
            yield (token := sampler.pick(self._engine.forward([token], prefilled.cache)))

    def _text(self, token_ids: Sequence[int]) -> str:
        return str(
            self._tokenizer.decode(list(token_ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        )
