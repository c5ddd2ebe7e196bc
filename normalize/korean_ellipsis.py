"""A Korean follow-up that names only what changes: `겨울에는?` after `여름에 토마토를 어떻게 심어?`."""

from collections.abc import Sequence
from typing import Final

from normalize.clues import Clues

_TOPICS: Final = ("에서는요", "에서는", "에는요", "에는", "은요", "는요", "은", "는")
_PLACES: Final = ("에서", "에")
_AFTER_NOUN: Final = {
    "": "",
    "은": "는",
    "는": "은",
    "이": "가",
    "가": "이",
    "을": "를",
    "를": "을",
    "의": "의",
    "에": "에",
    "에서": "에서",
}
_CLOSED: Final = frozenset({"은", "이", "을"})
_ENDS_OF_PHRASES: Final = tuple("은는이가을를에서로의도만")
_LONGEST: Final = 2
_BEGINNINGS: Final = frozenset({"그럼", "그러면", "그리고"})

Change = tuple[tuple[str, ...], tuple[str, ...], str]


def replacement_in_korean(words: Sequence[str], before: Sequence[str], clues: Clues) -> Change | None:
    """The words of `before` that give way, what comes in their place, and the rule; None when that is not sure."""
    beginning = words[0] if words[0] in _BEGINNINGS else ""
    rest = words[1:] if beginning else words
    if not 0 < len(rest) <= _LONGEST or clues.pointers.any(rest):
        return None
    topic = next((end for end in _TOPICS if rest[-1].endswith(end) and rest[-1] != end), None)
    if topic is None:
        return None
    stem, place = rest[-1].removesuffix(topic), next((p for p in _PLACES if topic.startswith(p)), "")
    change = _of_kind(stem, place, before, clues) if len(rest) == 1 else None
    if change is None and len(rest) == _LONGEST and not place:
        change = None if clues.lexicon.markers.any(before[:1]) else _of_noun(rest[0], stem, before)
    return (*change, f"ko.follow_ups: {beginning or '…' + topic}") if change is not None else None


def _of_kind(
    stem: str, place: str, before: Sequence[str], clues: Clues
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The one word of the same kind; a particle of place or time must be the same too."""
    kind, _ = clues.kind_at((stem,), 0)
    found = [(at, *parts) for at, word in enumerate(before) if (parts := _parts(word, kind, clues)) is not None]
    if not kind or len(found) != 1:
        return None
    at, _, particle = found[0]
    # 부산은 after 서울에서 may be where from or where to.
    if particle != place and (place or particle == "에서"):
        return None
    return (before[at],), (stem + _fitting(stem, particle),)


def _parts(word: str, kind: str, clues: Clues) -> tuple[str, str] | None:
    """The word's stem of `kind`, and its particle."""
    for particle in sorted(_AFTER_NOUN, key=len, reverse=True):
        stem = word.removesuffix(particle)
        if word.endswith(particle) and stem and clues.kind_at((stem,), 0)[0] == kind:
            return stem, particle
    return None


def _of_noun(modifier: str, head: str, before: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The same noun with another word before it, where that word begins the question: 기본 요금제, 프로 요금제."""
    found = [at for at, word in enumerate(before) if any(word == head + end for end in _AFTER_NOUN)]
    if found != [1] or head in modifier or before[0].endswith(_ENDS_OF_PHRASES):
        return None
    return (before[0], before[1]), (modifier, before[1])


def _fitting(stem: str, particle: str) -> str:
    """The particle in the form that the stem's last letter takes."""
    last = stem[-1]
    if not "가" <= last <= "힣" or _AFTER_NOUN[particle] == particle:
        return particle
    is_closed = (ord(last) - ord("가")) % 28 > 0
    return particle if (particle in _CLOSED) == is_closed else _AFTER_NOUN[particle]
