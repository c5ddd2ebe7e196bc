"""How a question is put: whose things, how many of them, whether one may or must, and what is asked."""

from collections.abc import Sequence, Set
from typing import Final

from normalize.facts.korean_wording import korean_labels
from normalize.lexicon import Lexicon

_AT_START: Final = frozenset({"yes-no", "request"})
_GENERAL: Final = "what"
_DRIVEN: Final = frozenset({"how", "where", "when"})


def persons(words: Sequence[str], lexicon: Lexicon) -> set[str]:
    """Whose: `my`, `our`, `your`, `his`, `her`, `their`."""
    return _labels("persons", words, lexicon)


def modality(words: Sequence[str], lexicon: Lexicon, types: Set[str] = frozenset()) -> set[str]:
    """`can`, `must`, `should`; `types` are those of the question. "How can I" and "how do I" ask the same, so that
    `can` is left out where the question is how, where or when; Korean asks so with `must` as well."""
    found = _labels("modality", words, lexicon)
    if lexicon.language == "ko":
        return found - ({"can"} if types - _AT_START else set()) - ({"must"} if "how" in types else set())
    return found if _DRIVEN.isdisjoint(types) else found - {"can"}


def quantifiers(words: Sequence[str], lexicon: Lexicon) -> set[str]:
    """`only`, `all`, `except`, `at least`, `at most`, `more than`, `less than`, `half`, `both`."""
    return _labels("quantifiers", words, lexicon)


def question_types(words: Sequence[str], lexicon: Lexicon, *, asks: bool) -> set[str]:
    """What is asked: `how`, `how much`, `when`, …; without such a word `request` or `yes-no`; else nothing."""
    labels = _labels("question_types", words, lexicon)
    if found := labels - _AT_START:
        return found if found == {_GENERAL} else found - {_GENERAL}
    if "yes-no" in labels:
        return {"yes-no"}
    if lexicon.language == "ko":
        return korean_labels("moods", words) or ({"yes-no"} if asks else set())
    if not words:
        return set()
    if lexicon.labels["question_types"].labels(words[:1]) == ["request"]:
        return {"request"}
    return {"yes-no"} if asks or words[0] in lexicon.words.get("leads", ()) else set()


def _labels(section: str, words: Sequence[str], lexicon: Lexicon) -> set[str]:
    found = set(lexicon.labels[section].labels(words))
    return found | korean_labels(section, words) if lexicon.language == "ko" else found
