"""What people say around a question: greetings, please and thank you, praise, and the frame they put it in."""

from collections.abc import Callable, Sequence
from typing import Final

from normalize.lexicon import Lexicon
from normalize.question import Step
from normalize.tokens import Sentence

Part = Callable[[list[str], Lexicon, list[Step]], list[str]]

_ROUNDS: Final = 8
_COMMA: Final = ","


def fillers(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Drops please and its like wherever they stand, with the commas around them."""
    tokens = sentence.tokens
    kept: list[str] = []
    at = 0
    while at < len(tokens):
        phrase = lexicon.fillers.at(tokens, at)
        if phrase is None:
            kept.append(tokens[at])
            at += 1
            continue
        steps.append(phrase.step())
        at += len(phrase.before)
        if kept and kept[-1] == _COMMA:
            kept.pop()
        if at < len(tokens) and tokens[at] == _COMMA:
            at += 1
    sentence.tokens = kept


def surroundings(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Takes greetings, openers and closers off the ends and brings the question's frame to its one form."""
    _repeat((_greeting, _opener, _closer, _frame), sentence, lexicon, steps)


def frames(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Brings the question's frame to its one form and leaves the words around it."""
    _repeat((_frame,), sentence, lexicon, steps)


def _repeat(parts: Sequence[Part], sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    for _ in range(_ROUNDS):
        before = sentence.tokens
        for part in parts:
            sentence.tokens = _without_edge_commas(sentence.tokens)
            if not sentence.tokens:
                return
            sentence.tokens = part(sentence.tokens, lexicon, steps)
        if sentence.tokens == before:
            return


def praise(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Drops 맛있는, delicious, вкусный beside a recipe: nobody asks for one that isn't."""
    for dropped, near in lexicon.praise:
        tokens = sentence.tokens
        if dropped.isdisjoint(tokens) or not near.any(tokens) or lexicon.negations.any(tokens):
            continue
        sentence.tokens = [token for token in tokens if token not in dropped]
        words = " ".join(token for token in tokens if token in dropped)
        steps.append(Step(f"{lexicon.language}.praise: {words}", " ".join(tokens), " ".join(sentence.tokens)))


def articles(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Drops articles where they tell nothing: after the words of the lexicon, or everywhere when it lists none.

    They stay before words that mean something else without (the US, a few) and in a short "what is the deposit",
    which asks for one deposit where "what is a deposit" asks what the word means.
    """
    tokens = sentence.tokens
    if lexicon.words.get("articles.drop", frozenset()).isdisjoint(tokens):
        return
    kept = [token for at, token in enumerate(tokens) if not _is_idle_article(tokens, at, lexicon)]
    if kept != tokens:
        steps.append(Step(f"{lexicon.language}.article", " ".join(tokens), " ".join(kept)))
        sentence.tokens = kept


def _is_idle_article(tokens: list[str], at: int, lexicon: Lexicon) -> bool:
    words = lexicon.words
    if tokens[at] not in words["articles.drop"] or at + 1 >= len(tokens) or not tokens[at + 1][0].isalpha():
        return False
    if tokens[at + 1].lower() in words.get("articles.keep_before", ()):
        return False
    if "articles.after" in words:
        return at > 0 and tokens[at - 1] in words["articles.after"]
    defines = at == 2 and tokens[0] in words.get("articles.defining", ()) and len(tokens) <= 5
    return not defines


def commas(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Drops commas at the edges and before the conjunctions of the lexicon; others may tell lists from phrases."""
    free = lexicon.words.get("commas", frozenset())
    tokens = _without_edge_commas(sentence.tokens)
    following = [*tokens[1:], ""]
    kept = [t for t, after in zip(tokens, following, strict=True) if t != _COMMA or after not in free]
    if kept != sentence.tokens:
        steps.append(Step(f"{lexicon.language}.comma", " ".join(sentence.tokens), " ".join(kept)))
        sentence.tokens = kept


def _greeting(tokens: list[str], lexicon: Lexicon, steps: list[Step]) -> list[str]:
    """A greeting goes where it stands apart: alone, at a comma, before a question word ("hello world" stays)."""
    begins = lexicon.words.get("leads", frozenset()) | lexicon.words.get("interrogatives", frozenset())
    if (phrase := lexicon.greetings.at(tokens, 0)) is not None:
        rest = tokens[len(phrase.before) :]
        if (
            not rest
            or rest[0] == _COMMA
            or rest[0] in begins
            or lexicon.greetings.at(rest, 0)
            or lexicon.openers.at(rest, 0)
        ):
            steps.append(phrase.step())
            return rest
    phrase = lexicon.greetings.ending(tokens)
    if phrase is not None and tokens[-len(phrase.before) - 1] == _COMMA:
        steps.append(phrase.step())
        return tokens[: -len(phrase.before)]
    return tokens


def _opener(tokens: list[str], lexicon: Lexicon, steps: list[Step]) -> list[str]:
    phrase = lexicon.openers.at(tokens, 0)
    if phrase is None:
        return tokens
    steps.append(phrase.step())
    return tokens[len(phrase.before) :]


def _closer(tokens: list[str], lexicon: Lexicon, steps: list[Step]) -> list[str]:
    phrase = lexicon.closers.ending(tokens)
    if phrase is None:
        return tokens
    steps.append(phrase.step())
    return tokens[: -len(phrase.before)]


def _frame(tokens: list[str], lexicon: Lexicon, steps: list[Step]) -> list[str]:
    if lexicon.keep.at(tokens, 0) is not None or (found := lexicon.frames.rewritten(tokens)) is None:
        return tokens
    frame, rewritten = found
    steps.append(frame.step())
    return rewritten


def _without_edge_commas(tokens: list[str]) -> list[str]:
    start, end = 0, len(tokens)
    while start < end and tokens[start] in {_COMMA, "~", ":"}:
        start += 1
    while end > start and tokens[end - 1] in {_COMMA, "~"}:
        end -= 1
    return tokens[start:end]
