"""Proof for one model on one machine: what is read from the cache is, bit for bit, what would have been computed.

    case           kept before                              asked
    repeat         the prompt                               the prompt
    partial        its beginning, and something else        the prompt
    longer         the prompt, and more behind it           its beginning
    overwritten    the prompt, then a shorter one           the prompt
    growing        all turns before                         the next turn, three times

Each case is asked with and without the cache. States, logits and greedy tokens must be the same.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kvcache.difference import Difference, first_difference
from kvcache.errors import ConfigError
from kvcache.model import LocalModel
from kvcache.prompt import Prompt

__all__ = ["Case", "Failure", "VerifyConfig", "VerifyReport", "verify"]

Ids = tuple[int, ...]
CaseName = Literal["repeat", "partial", "longer", "overwritten", "growing"]

_TURNS = 3
_TURN_TOKENS = 19


@dataclass(frozen=True, slots=True)
class VerifyConfig:
    """How much to try.

    Args:
        splits: Places where each prompt is cut, drawn at random, for each kind of case that cuts.
        answer_tokens: Greedy tokens to compare after each prompt.
        seed: Of what is drawn.
    """

    splits: int = 3
    answer_tokens: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value in (("splits", self.splits), ("answer_tokens", self.answer_tokens)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ConfigError(f"{name} is {value!r}; it must be a whole number of at least 1.")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int):
            raise ConfigError(f"seed is {self.seed!r}; it must be a whole number.")


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to try: what is asked before, so that it is kept, and the prompt that should find it."""

    name: CaseName
    before: tuple[Ids, ...]
    prompt: Ids


@dataclass(frozen=True, slots=True)
class Failure:
    """A case in which a hit was not what a miss is.

    `difference` is None when states and logits were the same and only greedy tokens after them differed.
    """

    case: Case
    cached_tokens: int
    difference: Difference | None

    def __str__(self) -> str:
        what = self.difference or "the greedy tokens of the answer"
        size = f"{len(self.case.prompt)} tokens, {self.cached_tokens} of them read from the cache"
        return f"{self.case.name}, {size}: {what}"


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was tried and what came out.

    Args:
        cases: How many were tried, up to the first failure.
        hits: In how many something was read from the cache.
        cached_tokens: How much was read in all.
        failure: The first case that failed, or None.
        one_pass_difference: The largest difference of logits to those of a single pass over the whole prompt. Passes
            cut elsewhere round elsewhere, so it is not 0; a large one says that the model does not read in pieces.
    """

    cases: int
    hits: int
    cached_tokens: int
    failure: Failure | None
    one_pass_difference: float

    @property
    def passed(self) -> bool:
        """Whether all was the same, and each case really was read from the cache."""
        return self.failure is None and self.hits == self.cases > 0


def verify(
    model: LocalModel,
    prompts: Sequence[Prompt] | None = None,
    config: VerifyConfig | None = None,
    progress: Callable[[Case], None] | None = None,
) -> VerifyReport:
    """Prove that hits equal misses. Other tenants' prefixes stay, but may be evicted to make room.

    Args:
        model: Any model that could be loaded, with a cache that is on.
        prompts: Messages or token ids, each longer than a block; None takes two of random ids.
        config: How much to try.
        progress: Called before each case.

    Raises:
        ConfigError: There are no prompts, the model's cache is off, or its lifetime does not keep every prompt.
        PromptError: A prompt cannot be used, or is too long for the answers and turns that come after it.
    """
    if prompts is not None and not prompts:
        raise ConfigError("There are no prompts to verify; give one, or None for two of random ids.")
    if model.cache.is_off:
        raise ConfigError("The model's cache is off, so there are no hits to verify; give it a larger max_bytes.")
    if model.cache.lifetime.explicit or model.cache.lifetime.min_tokens:
        raise ConfigError("The model's lifetime keeps only some prompts; load it with lifetime='local' to verify it.")
    config = config or VerifyConfig()
    draw = random.Random(config.seed)
    trial = _Trial(model, config)
    try:
        for ids in _token_ids(model, prompts, draw):
            trial.compare_with_one_pass(ids)
            for case in _cases(ids, trial.block_tokens, config.splits, draw):
                if progress is not None:
                    progress(case)
                if not trial.run(case):
                    return trial.report()
        return trial.report()
    finally:
        trial.close()


class _Trial:
    """Runs cases as a tenant of its own, and counts."""

    def __init__(self, model: LocalModel, config: VerifyConfig) -> None:
        self._model = model
        self._answer_tokens = config.answer_tokens
        self._tenant = f"verify-{uuid.uuid4().hex}"
        self._cases = self._hits = self._cached = 0
        self._failure: Failure | None = None
        self._one_pass = 0.0
        self.block_tokens = model.cache.stats().block_tokens

    def run(self, case: Case) -> bool:
        """Try a case. False when it failed."""
        self._model.cache.clear(tenant=self._tenant)
        for ids in case.before:
            self._tokens(ids, use_cache=True)
        cached, difference = self._compare(case.prompt)
        self._cases += 1
        self._hits += cached > 0
        self._cached += cached
        answers = [self._tokens(case.prompt, use_cache=use) for use in (True, False)]
        if difference is not None or answers[0] != answers[1]:
            self._failure = Failure(case, cached, difference)
        return self._failure is None

    def compare_with_one_pass(self, ids: Ids) -> None:
        """Note how far the logits are from those of a single pass."""
        engine = self._model.parts.engine
        at_once = engine.forward(ids, engine.new_cache(len(ids)))
        in_blocks = self._model.next_logits(ids, cache=False)
        self._one_pass = max(self._one_pass, (at_once - in_blocks).abs().max().item())

    def report(self) -> VerifyReport:
        return VerifyReport(self._cases, self._hits, self._cached, self._failure, self._one_pass)

    def close(self) -> None:
        self._model.cache.clear(tenant=self._tenant)

    def _compare(self, ids: Ids) -> tuple[int, Difference | None]:
        """Tokens that were read from the cache, and where they led to something else."""
        prefiller = self._model.parts.prefiller
        cold = prefiller.prefill(ids, tenant=self._tenant, room=0, use_cache=False)
        warm = prefiller.prefill(ids, tenant=self._tenant, room=0, use_cache=True)
        difference = first_difference(warm, cold, len(ids))
        prefiller.finish(warm)
        return warm.cached_tokens, difference

    def _tokens(self, ids: Ids, *, use_cache: bool) -> Ids:
        room = self._answer_tokens
        return self._model.generate(ids, max_tokens=room, tenant=self._tenant, cache=use_cache).token_ids


def _cases(ids: Ids, block_tokens: int, splits: int, draw: random.Random) -> Iterator[Case]:
    """What to try with a prompt that is longer than a block."""

    def other(tokens: int) -> Ids:
        return tuple(draw.choice(ids) for _ in range(tokens))

    yield Case("repeat", (ids,), ids)
    for cut in (draw.randint(block_tokens, len(ids) - 1) for _ in range(splits)):
        yield Case("partial", ((*ids[:cut], *other(_TURN_TOKENS)),), ids)
        yield Case("longer", ((*ids, *other(_TURN_TOKENS)),), (*ids[:cut], *ids[:1]))
        yield Case("overwritten", (ids, (*ids[:cut], *other(1))), ids)
    turns = [ids]
    for _ in range(_TURNS):
        turns.append((*turns[-1], *other(_TURN_TOKENS)))
        yield Case("growing", tuple(turns[:-1]), turns[-1])


def _token_ids(model: LocalModel, prompts: Sequence[Prompt] | None, draw: random.Random) -> Iterator[Ids]:
    """The prompts as token ids, each longer than a block."""
    block_tokens = model.cache.stats().block_tokens
    if prompts is None:
        vocabulary = model.parts.engine.vocabulary
        for length in (2 * block_tokens + block_tokens // 3, block_tokens + 1):
            yield tuple(draw.randrange(vocabulary) for _ in range(length))
        return
    for prompt in prompts:
        ids = model.parts.encoder.encode(prompt)
        if len(ids) <= block_tokens:
            raise ConfigError(
                f"A prompt has {len(ids)} tokens; it must be longer than a block of {block_tokens}. Give a longer one, "
                "or a model with a smaller block_tokens."
            )
        yield ids
