"""English word order: one order for coordination, symmetric relations, active and passive, and what is said first.

A rule may put words where nobody would (did the castle Tom leave): the key is read by no one. It must only never bring
two questions to one key, so every rule could be undone, or gives what means the same.
"""

from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.lemmas import is_superlative, lemma
from normalize.order.coordination import coordinated
from normalize.order.english_asking import asked
from normalize.order.english_leading import leading_last
from normalize.politeness import frames
from normalize.question import Step
from normalize.tokens import Sentence

_BE: Final = frozenset({"is", "are", "was", "were"})
_AGENT: Final = {"is": "does", "are": "does", "was": "did", "were": "did"}
_ACCORDING: Final = ("according", "to")
_SAME_IN_BOTH: Final = frozenset({"hurt", "cut", "put", "hit", "set", "shut", "cost", "let", "beat", "read"})
_NOT_OWNERS: Final = frozenset({"it's", "he's", "she's", "that's", "there's", "what's", "who's", "one's", "let's"})


def english(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Brings one sentence to the one order; mutates it."""
    for rule in _RULES:
        tokens = rule(sentence.tokens, lexicon)
        if tokens == sentence.tokens:
            continue
        steps.append(Step(f"en.order: {rule.__name__.strip('_')}", " ".join(sentence.tokens), " ".join(tokens)))
        sentence.tokens = tokens
        if rule in _UNCOVERING:
            frames(sentence, lexicon, steps)


def _there(tokens: list[str], lexicon: Lexicon) -> list[str]:  # noqa: ARG001  (every rule takes the lexicon)
    """How many rivers are there in Texas → how many rivers in Texas."""
    if tokens[:2] != ["how", "many"]:
        return tokens
    for at in range(3, len(tokens) - 1):
        if tokens[at] in _BE and tokens[at] in {"are", "is"}:
            end = at + 2 if tokens[at + 1] in {"there", "found", "located"} else at + 1
            return tokens[:at] + tokens[end:] if tokens[end : end + 1] in (["in"], ["on"], ["at"]) else tokens
    return tokens


def _placed(tokens: list[str], lexicon: Lexicon) -> list[str]:  # noqa: ARG001
    """The highest point of Ohio → the highest point in Ohio."""
    if "of" not in tokens:
        return tokens
    at = tokens.index("of")
    if at < 3 or not tokens[at - 2].endswith("est") or not is_superlative(tokens[at - 2]):
        return tokens
    return [*tokens[:at], "in", *tokens[at + 1 :]]


def _owned(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """What is Canada's capital → what is the capital of Canada."""
    if len(tokens) < 4 or tokens[0] not in {"what", "who"} or tokens[1] not in _BE:
        return tokens
    at = next((i for i, token in enumerate(tokens) if token.endswith("'s") and token not in _NOT_OWNERS), 0)
    borders = lexicon.words.get("borders", frozenset())
    owner, owned = [*tokens[2:at], tokens[at][:-2]], tokens[at + 1 :]
    bare = owner[1:] if owner[0] == "the" else owner
    if at < 2 or not 0 < len(owned) <= 3 or not bare or not borders.isdisjoint([*bare, *owned]):
        return tokens
    return [*tokens[:2], "the", *owned, "of", *owner]


def _thinking(tokens: list[str], lexicon: Lexicon) -> list[str]:  # noqa: ARG001
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
    if not verb.islower() or (verb == tokens[by - 1] and verb not in _SAME_IN_BOTH):
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


_RULES: Final = (leading_last, asked, _there, _placed, _owned, _thinking, _passive, _described, _related, _coordinated)
_UNCOVERING: Final = (leading_last, asked)
"""What these leave at the beginning may be a question with a frame of its own."""
