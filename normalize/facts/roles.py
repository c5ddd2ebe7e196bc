"""Where from and where to, before and after what: `from:seoul`, `to:busan`; from A to B is not from B to A."""

import re
from collections.abc import Sequence
from typing import Final

from normalize.facts.stems import noun, stem
from normalize.lexicon import Lexicon

_WEAK: Final = "?"
_MOST_WORDS: Final = 3
_KO_ROLE: Final = re.compile(
    r"^(?P<place>[가-힣A-Za-z0-9:.]{1,20}?)"
    r"(?P<particle>에서|에게서|한테서|으로부터|로부터|부터|까지|으로|로|에게|한테|에선|에겐|한텐|대신)(?:는|도|만|의|요)?$"
)
_KO_LABELS: Final = {
    "에게": "to",
    "한테": "to",
    "에겐": "to",
    "한텐": "to",
    "까지": "to",
    "으로": "to?",
    "로": "to?",
    "대신": "instead of",
}
_KO_NO_ROLE: Final = frozenset(
    """
    바로 따로 새로 서로 별로 그대로 제로 앞으로 주로 실제로 정말로 진짜로 대로 이대로 함부로 스스로 홀로
    절대로 때로 이걸로 그걸로 무엇으로 뭘로 프로 경로 종로 진로 도로 회로
    """.split()  # noqa: SIM905
)


def directions(words: Sequence[str], lexicon: Lexicon) -> list[str]:
    """`role:word` for each role whose word is known, in the order of the sentence. A weak role (`to?`) counts only
    where a direction the other way stands in the same text: Spanish `de` and `a` say many things."""
    found = _korean(words) if lexicon.language == "ko" else _marked(words, lexicon)
    both = {"from", "to"} <= {label.rstrip(_WEAK) for label, _ in found}
    kept = [(label.rstrip(_WEAK), at) for label, at in found if both or not label.endswith(_WEAK)]
    filled = [(label, _place(words, at, lexicon)) for label, at in kept]
    return [f"{label}:{place}" for label, place in filled if place]


def _marked(words: Sequence[str], lexicon: Lexicon) -> list[tuple[str, int]]:
    labels = {entry.words: entry.result for entry in lexicon.entries.get("directions", ())}
    found = [(labels[word], at) for at, word in enumerate(words) if word in labels]
    moving = lexicon.words.get("moving")
    if not moving:
        return found
    # English `to` is a direction only where something moves: not in "how to pay", nor in "married to".
    first = min(
        (at for at, word in enumerate(words) if word in moving or labels.get(word) == "from"), default=len(words)
    )
    return [(label.rstrip(_WEAK), at) for label, at in found if not label.endswith(_WEAK) or at > first]


def _korean(words: Sequence[str]) -> list[tuple[str, int]]:
    found = ((at, _KO_ROLE.match(word)) for at, word in enumerate(words) if word not in _KO_NO_ROLE)
    return [(_KO_LABELS.get(match["particle"], "from"), at) for at, match in found if match is not None]


def _place(words: Sequence[str], at: int, lexicon: Lexicon) -> str:
    if lexicon.language != "ko":
        return following(words, at + 1, lexicon)
    match = _KO_ROLE.match(words[at])
    return known_as(noun(match["place"]), lexicon) if match is not None else ""


def following(words: Sequence[str], at: int, lexicon: Lexicon) -> str:
    """The stem of the next word that names something, from `at` on; "" where the next words don't."""
    unheeded = lexicon.words.get("determiners", frozenset())
    for word in words[at : at + _MOST_WORDS]:
        if not word[0].isalnum():
            return ""
        if word not in unheeded:
            return stem(word, lexicon.language)
    return ""


def known_as(word: str, lexicon: Lexicon) -> str:
    """What a word is called where the lexicon has one name for two: 비번 is 비밀번호."""
    return "".join(lexicon.synonyms.rewrite([word], []))
