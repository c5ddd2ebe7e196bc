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
    "en": "and or nor vs versus & same equal equals similar different compatible married related friends dating near "
    "beside next against plus times",
    "es": "y e u o ni igual mismo compatible contra cerca más",
    "pt": "e ou nem igual mesmo compatível contra perto mais",
    "ru": "и или либо же такой рядом против плюс",
    "ko": "-와 -랑 -하고 -나 또는 아니면 및 그리고",
}
"""Between two things these say nothing of which is which."""
_WITH = {"en": "with", "es": "con", "pt": "com", "ru": "с со"}
"""Nor do these, but behind one of the following."""
_PUT_FOR = {
    "en": "replace replaced replacing substitute substituted swap exchange exchanged cover covered fill filled trade",
    "es": "reemplazar reemplazo sustituir sustituyo cambiar cambio cubrir cubro llenar",
    "pt": "substituir substituo trocar troco cobrir cubro encher",
    "ru": "заменить заменять меняю заменю покрыть",
}
_MOVES = {
    "en": "how what which who whom whose where when why if whether in on at for from of by before after during while "
    "since until within under over about into onto today tomorrow tonight yesterday now monday mondays tuesday "
    "tuesdays wednesday wednesdays thursday thursdays friday fridays saturday saturdays sunday sundays weekend "
    "weekends",
    "es": "qué que cómo como cuál cual cuáles quién quien quiénes dónde donde cuándo cuando cuánto cuanto cuánta "
    "cuántos cuántas por si en para de del desde hasta antes después durante sobre al a hoy mañana ayer ahora lunes "
    "martes miércoles jueves viernes sábado sábados domingo domingos",
    "pt": "como que qual quais quem onde quando quanto quanta quantos quantas por porque se em no na nos nas num numa "
    "para de do da dos das pelo pela desde até antes depois durante sobre ao à hoje amanhã ontem agora segunda terça "
    "quarta quinta sexta sábado sábados domingo domingos",
    "ru": "как что какой какая какое какие кто где куда когда почему зачем сколько если в во на за из от до для при по "
    "у к под над перед после между без про о об сегодня завтра вчера сейчас",
    "ko": "",
}
"""What begins with one of these is moved by people who mean the same."""
_TO = "-로"
_IS = frozenset({("is",), ("are",), ("es",), ("son",), ("é",), ("são",)})


def _stems(words: dict[str, str]) -> dict[str, frozenset[str]]:
    return {language: frozenset(stem(word, language) for word in said.split()) for language, said in words.items()}


_NONE: frozenset[str] = frozenset()
_EITHER, _FIRST, _BESIDE, _REPLACING = map(_stems, (_EITHER_WAY, _MOVES, _WITH, _PUT_FOR))


def exchanged(asked: Compared, stored: Compared) -> str | None:
    """Two things of which each stands where the other question has the other one, and all other words alike."""
    here, there = asked.seen, stored.seen
    if asked.language == stored.language == "ko" and (turned := _turned(here.parts, there.parts)) is not None:
        return turned
    if asked.language != stored.language or here.sorted_parts != there.sorted_parts or here.parts == there.parts:
        return None
    return _changed(here.parts, there.parts, asked.language)


def _turned(here: Sequence[str], there: Sequence[str]) -> str | None:
    """What -로 stands behind in one stands elsewhere in the other, both ways: 적금 통장으로 청약 통장 돈을
    보내는 법, 적금 통장에서 청약 통장으로."""
    mine, other = _goals(here), _goals(there)
    for before, goal in mine:
        for earlier, aim in other:
            one, two = (goal, aim) if goal != aim else (before, earlier)
            if one == two or one not in there or two not in here or one.startswith("-") or two.startswith("-"):
                continue
            if goal == aim or (all(one != to for _, to in other) and all(two != to for _, to in mine)):
                return f"places differ: {one}로 asked, {two}로 stored"
    return None


def _goals(parts: Sequence[str]) -> list[tuple[str, str]]:
    """Each word before -로 with the one before it."""
    return [(parts[at - 2] if at > 1 else "-", parts[at - 1]) for at, part in enumerate(parts) if at and part == _TO]


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
            moved = {mine[0], last[0]} & _FIRST.get(language, _NONE)
            if moved or _says_nothing(between, here, end, language):
                continue
            one, two = " ".join(mine[:first]), " ".join(last)
            return f"places differ: {one} before {two} asked, {two} before {one} stored"
    return None


def _says_nothing(between: Sequence[str], parts: Sequence[str], end: int, language: str) -> bool:
    """Whether what stands between two things (and in Korean behind them) leaves open which is which."""
    if tuple(between) in _IS:
        return True
    if language == "ko":
        # A는 B와 같은가요; and two with one particle have one part: 3시에 집에.
        behind = parts[end : end + 1]
        return list(between) == list(behind) or not _EITHER["ko"].isdisjoint((*between, *behind))
    if not _EITHER.get(language, _NONE).isdisjoint(between):
        return True
    beside = not _BESIDE.get(language, _NONE).isdisjoint(between)
    return beside and _REPLACING.get(language, _NONE).isdisjoint(parts)
