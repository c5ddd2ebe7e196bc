"""Two things that change places while all other words stay: gross to net, net to gross. Pure, symmetric.

Honest people who put the same words in another order move a thing with the words that say its part in the question
(in Munich, 달러로), or the question word. Where two things alone change places around words that stay, each has the
other's part.
"""

from __future__ import annotations

from collections.abc import Sequence

from normalize.facts.stems import stem
from semantic_cache.matching.compared import Compared

__all__ = ["exchanged"]

_EITHER_WAY = {
    "en": "and or nor vs versus & same equal equals similar different compatible married related friends dating with",
    "es": "y e u o ni igual mismo compatible con",
    "pt": "e ou nem igual mesmo compatível com",
    "ru": "и или либо же с со такой",
    "ko": "와 랑 하고 나 또는 아니면 및 그리고",
}
"""Between two things these say nothing of which is which."""
_MOVES = {
    "en": "how what which who whom whose where when why if whether in on at for from of by before after during while "
    "since until within under over about into onto",
    "es": "qué que cómo cuál cuáles quién quiénes dónde cuándo cuánto cuánta cuántos cuántas por si en para de del "
    "desde hasta antes después durante sobre al a",
    "pt": "como que qual quais quem onde quando quanto quanta quantos quantas por porque se em no na nos nas num numa "
    "para de do da dos das pelo pela desde até antes depois durante sobre ao à a",
    "ru": "как что какой какая какое какие кто где куда когда почему зачем сколько если в во на за из от до для при по "
    "у к под над перед после между без про о об",
    "ko": "",
}
"""What begins with one of these is moved by people who mean the same."""


def _stems(words: dict[str, str]) -> dict[str, frozenset[str]]:
    return {language: frozenset(stem(word, language) for word in said.split()) for language, said in words.items()}


_NONE: frozenset[str] = frozenset()
_EITHER, _FIRST = _stems(_EITHER_WAY), _stems(_MOVES)


def exchanged(asked: Compared, stored: Compared) -> str | None:
    """Two things of which each stands where the other question has the other one, and all other words alike."""
    here, there = asked.seen, stored.seen
    if asked.language != stored.language or here.sorted_parts != there.sorted_parts or here.parts == there.parts:
        return None
    return _changed(here.parts, there.parts, asked.language)


def _changed(here: Sequence[str], there: Sequence[str], language: str) -> str | None:
    """The two of A x B in one and B x A in the other, whatever stands before and behind both."""
    unlike = [at for at, (one, other) in enumerate(zip(here, there, strict=True)) if one != other]
    start, end = unlike[0], unlike[-1] + 1
    mine, other, length = here[start:end], there[start:end], end - start
    for first in range(1, length - 1):
        if mine[:first] != other[length - first :]:
            continue
        for second in range(1, length - first):
            between, last = mine[first : length - second], mine[length - second :]
            if last != other[:second] or between != other[second : length - first]:
                continue
            # A Korean particle that says "and" stands behind the second: A는 B와 같은가요.
            if _EITHER.get(language, _NONE).intersection((*between, *here[end : end + 1])):
                return None
            if {mine[0], last[0]} & _FIRST.get(language, _NONE):
                return None
            one, two = " ".join(mine[:first]), " ".join(last)
            return f"places differ: {one} before {two} asked, {two} before {one} stored"
    return None
