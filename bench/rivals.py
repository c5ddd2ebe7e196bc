"""Decision rules of other semantic caches: given the nearest stored question, is its answer served?

All of them see one number, the cosine similarity of the asked question to the nearest stored one, so that they can be
replayed on the same vectors (see `streams`). What they would find in their own indexes and models is not measured.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

__all__ = ["Boundary", "CosineThreshold", "GPTCacheDefault", "OnlineRule", "RedisVLDefault", "VCache", "fit_boundary"]

_EPSILONS = np.linspace(1e-6, 1 - 1e-6, 50)
_QUANTILES = norm.ppf(1 - _EPSILONS)
# The variance of t for observations that one cut separates, by their number (see `fit_boundary`).
_SEPARATED_COUNTS = (6, 8, 10, 12, 15, 20, 30, 40, 44, 45, 48)
_SEPARATED_VARIANCES = (0.0354, 0.0264, 0.0194, 0.0114, 0.0093, 0.0131, 0.0080, 0.0070, 0.0098, 0.0165, 0.0153)
_GPTCACHE_SIMILARITY_THRESHOLD = 0.8
_GPTCACHE_MAX_DISTANCE = 4.0
_REDISVL_DISTANCE_THRESHOLD = 0.1


class OnlineRule(Protocol):
    """Decides about one stored entry at a time and may learn from what it did not serve.

    An entry is named by any int that stays the same for it; a similarity is a cosine in [-1, 1].
    """

    @property
    def name(self) -> str: ...

    @property
    def stores_confirmed(self) -> bool:
        """After a miss whose new answer equals the nearest entry's: is the question stored as an entry of its own?"""

    def decide(self, entry: int, similarity: float, rng: random.Random) -> bool:
        """Whether the stored answer of `entry` is served. Draws from `rng` only if the rule is a random one."""

    def learn(self, entry: int, similarity: float, correct: bool) -> None:
        """Called after it decided not to serve: `correct` says whether the stored answer would have been right."""


@dataclass(frozen=True, slots=True)
class CosineThreshold:
    """Serves at a cosine of `cut` or more, for every entry alike. ValueError for a cut outside [-1, 1]."""

    cut: float

    def __post_init__(self) -> None:
        if not -1 <= self.cut <= 1:
            raise ValueError(f"a cosine cut of {self.cut} is outside [-1, 1]")

    @property
    def name(self) -> str:
        return f"cosine >= {self.cut:g}"

    @property
    def stores_confirmed(self) -> bool:
        return True

    def decide(self, entry: int, similarity: float, rng: random.Random) -> bool:  # noqa: ARG002 - the Protocol's
        return similarity >= self.cut

    def learn(self, entry: int, similarity: float, correct: bool) -> None:
        """A fixed cut learns nothing."""


@dataclass(frozen=True, slots=True)
class GPTCacheDefault(CosineThreshold):
    """The rule of GPTCache 0.1.44 with its semantic search at default settings: cosine >= 0.6.

    `SSDataManager` normalises every vector and FAISS returns the squared L2 distance d = 2 - 2 cos.
    `SearchDistanceEvaluation(max_distance=4.0)` scores 4 - d, with the range [0, 4]; `adapter.adapt` serves when the
    score is at least (4 - 0) * `Config.similarity_threshold` = 4 * 0.8 = 3.2. Hence d <= 0.8 and cos >= 1 - 0.8 / 2.
    Only the nearest entry counts: `top_k` is 1 unless the caller sets a temperature.
    """

    cut: float = field(
        default=1 - _GPTCACHE_MAX_DISTANCE * (1 - _GPTCACHE_SIMILARITY_THRESHOLD) / 2,
        init=False,
    )

    @property
    def name(self) -> str:
        return "GPTCache default"


@dataclass(frozen=True, slots=True)
class RedisVLDefault(CosineThreshold):
    """The rule of RedisVL's `SemanticCache` at default settings: a cosine distance of at most 0.1, cosine >= 0.9.

    `redisvl/extensions/cache/llm/semantic.py`: `distance_threshold=0.1` goes into a `VectorRangeQuery` in Redis's own
    unit, 1 - cos in [0, 2], with one result. (LangChain's `RedisSemanticCache` on top of it defaults to 0.2.)
    """

    cut: float = field(default=1 - _REDISVL_DISTANCE_THRESHOLD, init=False)

    @property
    def name(self) -> str:
        return "RedisVL default"


@dataclass(frozen=True, slots=True)
class Boundary:
    """What is known of one entry: P(its answer is right | similarity s) = sigmoid(steepness * (s - middle)).

    `middle` is a similarity in [0, 1], `variance` the squared standard error of it.
    """

    middle: float
    steepness: float
    variance: float

    def exploring(self, similarity: float, delta: float) -> float:
        """The probability, in [0, 1], with which the model is asked all the same so that P(wrong) stays under `delta`.

        For each epsilon, t' is the upper bound of `middle` at confidence 1 - epsilon, and the answer is right with a
        probability of at least a = (1 - epsilon) * sigmoid(steepness * (s - t')). Serving a share 1 - tau of such
        requests goes wrong in (1 - tau) * (1 - a) of them, which is `delta` at tau = 1 - delta / (1 - a). Every
        epsilon gives a valid bound, so the smallest tau is taken.
        """
        bounds = np.clip(self.middle + _QUANTILES * np.sqrt(self.variance), 0.0, 1.0)
        right = (1 - _EPSILONS) * expit(self.steepness * (similarity - bounds))
        return max(0.0, float(np.min(1 - delta / (1 - right))))


def fit_boundary(similarities: NDArray[np.float64], correct: NDArray[np.bool_]) -> Boundary | None:
    """The logistic curve of greatest likelihood through one entry's observations; both arrays are of shape (n,).

    None if there is only one class, or if the curve leaves the variance undefined. It is the delta method's,
    except when one cut separates the classes: there the likelihood has no maximum (the steepness is where the solver
    stops), and the reference implementation takes the variance of t from a table by n, of which a few rounded points
    are kept here and joined by straight lines.
    """
    if correct.all() or not correct.any():
        return None
    design = np.column_stack([np.ones_like(similarities), similarities])
    model = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000, fit_intercept=False).fit(design, correct)
    intercept, slope = (float(number) for number in model.coef_[0])
    steepness = max(slope, 1e-6)  # a similarity that tells against the answer is taken to tell nothing
    if similarities[correct].min() > similarities[~correct].max():
        variance = float(np.interp(len(similarities), _SEPARATED_COUNTS, _SEPARATED_VARIANCES))
    else:
        chance = model.predict_proba(design)[:, 1]
        information = design.T @ ((chance * (1 - chance))[:, None] * design)
        gradient = np.array([-1 / steepness, intercept / steepness**2])
        try:
            variance = max(0.0, float(gradient @ np.linalg.solve(information, gradient)))
        except np.linalg.LinAlgError:
            return None
    if not np.isfinite(variance):
        return None
    return Boundary(float(np.clip(-intercept / steepness, 0.0, 1.0)), steepness, variance)


class VCache:
    """vCache: for every entry a boundary of its own, learned from the questions for which the model was asked.

    Schroeder et al., "vCache: Verified Semantic Prompt Caching", arXiv 2502.03771 (2025), written anew after the
    authors' code, github.com/vcache-project/vCache (`vcache_policy/strategies/verified.py`, `VerifiedDecisionPolicy`),
    from which come: the unpenalised logistic fit, the 50 epsilons, tau, t' clipped to [0, 1], similarities rounded to
    three digits, always exploring under six observations, the two observations that every entry begins with
    (similarity 0 wrong, 1 right; they count among the six), and that a question is stored only if its new answer
    differs from the nearest entry's - stored every time, entries would split the observations among themselves.

    `delta` bounds the wrong answers per request, not per hit. Differences: the variance of separated observations is
    approximated (`fit_boundary`); labels come at once, where the original compares answers in the background.
    ValueError for a delta outside (0, 1).
    """

    def __init__(self, delta: float, *, least_observations: int = 6, seeded: bool = True) -> None:
        if not 0 < delta < 1:
            raise ValueError(f"a delta of {delta} is outside (0, 1)")
        self.delta = delta
        self._least_observations = least_observations
        self._first = ((0.0, False), (1.0, True)) if seeded else ()
        self._observations: dict[int, list[tuple[float, bool]]] = {}
        self._boundaries: dict[int, Boundary | None] = {}

    @property
    def name(self) -> str:
        return f"vCache {self.delta:g}"

    @property
    def stores_confirmed(self) -> bool:
        return False

    def decide(self, entry: int, similarity: float, rng: random.Random) -> bool:
        tau = self.exploring(entry, similarity)
        return tau < 1 and rng.random() > tau

    def exploring(self, entry: int, similarity: float) -> float:
        """The probability in [0, 1] that the model is asked though `entry` lies at `similarity`."""
        if entry not in self._boundaries:
            self._boundaries[entry] = self._fit(entry)
        boundary = self._boundaries[entry]
        return 1.0 if boundary is None else boundary.exploring(round(similarity, 3), self.delta)

    def learn(self, entry: int, similarity: float, correct: bool) -> None:
        self._observations.setdefault(entry, list(self._first)).append((round(similarity, 3), correct))
        self._boundaries.pop(entry, None)

    def _fit(self, entry: int) -> Boundary | None:
        seen = self._observations.get(entry, [])
        if len(seen) < self._least_observations:
            return None
        return fit_boundary(np.array([at for at, _ in seen]), np.array([correct for _, correct in seen]))
