"""Which rules are refused whatever the evidence: those about facts, names, question words and words with opposites."""

from collections.abc import Iterable
from typing import Final

from normalize.facts import extract
from normalize.learning_candidates import Candidate
from normalize.lexicon import Lexicon
from normalize.phrases import Tokens
from normalize.question import Facts

_WORD_MARKS: Final = str.maketrans("", "", "-'’.")
_LABEL_LISTS: Final = {"interrogatives": "a question word", "case": "a word that means something else in capitals"}


def refusal(candidate: Candidate, lexicon: Lexicon, named: Iterable[str]) -> str:
    """Why no evidence is enough for this rule; "" where nothing speaks against it.

    `named` are the words, in lower case, that the texts write as names.
    """
    names = frozenset(named) | lexicon.words.get("names", frozenset())
    for side in (candidate.words, candidate.result):
        for reason in (_fact(side, lexicon), _listed(side, lexicon), _name(side, names)):
            if reason:
                return reason
    return ""


def _fact(side: Tokens, lexicon: Lexicon) -> str:
    facts = extract([side], lexicon)
    for name in Facts.__dataclass_fields__:
        if getattr(facts, name):
            return f"{' '.join(side)!r} is a fact ({name}), which questions must share exactly"
    for name, finder in lexicon.labels.items():
        if finder.any(side):
            return f"{' '.join(side)!r} is a fact ({name}), which questions must share exactly"
    if any(word in lexicon.numbers or word in lexicon.multipliers for word in side):
        return f"{' '.join(side)!r} holds a number"
    return ""


def _listed(side: Tokens, lexicon: Lexicon) -> str:
    for name, what in _LABEL_LISTS.items():
        listed = lexicon.words.get(name, frozenset())
        if found := next((word for word in side if word in listed or word.upper() in listed), ""):
            return f"{found!r} is {what}"
    if odd := next((word for word in side if not word.translate(_WORD_MARKS).isalpha()), ""):
        return f"{odd!r} is no plain word"
    return ""


def _name(side: Tokens, names: frozenset[str]) -> str:
    found = next((word for word in side if word in names), "")
    return f"{found!r} is written as a name" if found else ""
