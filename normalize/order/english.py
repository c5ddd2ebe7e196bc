"""English word order: one order for coordination, symmetric relations, active and passive, and what is said first."""

from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.lemmas import lemma
from normalize.order.coordination import coordinated
from normalize.question import Step
from normalize.tokens import Sentence

_BE: Final = frozenset({"is", "are", "was", "were"})
_MOVED: Final = frozenset(
    {"is", "are", "was", "were", "can", "will", "should", "do", "does", "did", "could", "would", "must", "has", "have"}
)
_AGENT: Final = {"is": "does", "are": "does", "was": "did", "were": "did"}
_ACCORDING: Final = ("according", "to")
_SAME_IN_BOTH: Final = frozenset({"hurt", "cut", "put", "hit", "set", "shut", "cost", "let", "beat", "read"})


def english(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Brings one sentence to the one order; mutates it."""
    for rule in (_embedded, _there, _thinking, _passive, _described, _related, _coordinated):
        tokens = rule(sentence.tokens, lexicon)
        if tokens != sentence.tokens:
            steps.append(Step(f"en.order: {rule.__name__[1:]}", " ".join(sentence.tokens), " ".join(tokens)))
            sentence.tokens = tokens


def _embedded(tokens: list[str], lexicon: Lexicon) -> list[str]:  # noqa: ARG001
    """Why the app is slow, as it stands in "tell me why the app is slow" → why is the app slow."""
    if tokens[0] not in {"why", "when", "where"} or len(tokens) < 3 or not _MOVED.isdisjoint(tokens[1:2]):
        return tokens
    at = next((i for i, token in enumerate(tokens) if token in _MOVED), None)
    return tokens if at is None else [tokens[0], tokens[at], *tokens[1:at], *tokens[at + 1 :]]


def _there(tokens: list[str], lexicon: Lexicon) -> list[str]:  # noqa: ARG001
    """How many rivers are there in Texas → how many rivers in Texas."""
    if tokens[:2] != ["how", "many"]:
        return tokens
    for at in range(3, len(tokens) - 1):
        if tokens[at] in _BE and tokens[at] in {"are", "is"}:
            end = at + 2 if tokens[at + 1] == "there" else at + 1
            return tokens[:at] + tokens[end:] if tokens[end : end + 1] in (["in"], ["on"], ["at"]) else tokens
    return tokens


def _thinking(tokens: list[str], lexicon: Lexicon) -> list[str]:  # noqa: ARG001  (every rule takes the lexicon)
    """Who do critics think is the best singer → who is the best singer according to critics."""
    if tokens[:2] not in (["who", "do"], ["who", "does"], ["what", "do"], ["what", "does"]) or "think" not in tokens:
        return tokens
    at = tokens.index("think")
    if at < 3 or at + 2 >= len(tokens) or tokens[at + 1] not in _BE:
        return tokens
    return [tokens[0], tokens[at + 1], *tokens[at + 2 :], *_ACCORDING, *tokens[2:at]]


def _passive(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """Was the castle left by Tom → did Tom leave the castle. Only where the last `by` follows a participle."""
    if tokens[0] not in _BE or tokens.count("by") != 1:
        return tokens
    by = tokens.index("by")
    if by < 3 or by + 1 == len(tokens) or tokens[by - 2] in {"being", "been", "not"}:
        return tokens
    verb = lexicon.participles.get(tokens[by - 1]) or lemma(tokens[by - 1], "en")
    if verb == tokens[by - 1] and verb not in _SAME_IN_BOTH:
        return tokens
    return [_AGENT[tokens[0]], *tokens[by + 1 :], verb, *tokens[1 : by - 1]]


def _described(tokens: list[str], lexicon: Lexicon) -> list[str]:  # noqa: ARG001
    """Is she a nurse and Russian → is she a Russian nurse."""
    if len(tokens) < 5 or tokens[0] not in _BE or tokens[-2] != "and" or tokens[-4] not in {"a", "an"}:
        return tokens
    return [*tokens[:-4], "a", tokens[-1], tokens[-3]]


def _related(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """Is A married to B = is B married to A, for the relations that the lexicon calls symmetric."""
    if tokens[0] not in _BE:
        return tokens
    for at in range(2, len(tokens) - 1):
        phrase = lexicon.symmetric.at(tokens, at)
        if phrase is None:
            continue
        end = at + len(phrase.before)
        left, right = tokens[1:at], tokens[end:]
        if right and right < left:
            return [tokens[0], *right, *phrase.before, *left]
        return tokens
    return tokens


def _coordinated(tokens: list[str], lexicon: Lexicon) -> list[str]:
    return coordinated(tokens, lexicon.words.get("borders", frozenset()))
