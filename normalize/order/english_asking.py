"""English questions within questions: why the app is slow, whether you ship → why is the app slow, do you ship."""

from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.lemmas import is_word, lemma

_MOVED: Final = frozenset(
    {"is", "are", "was", "were", "can", "will", "should", "do", "does", "did", "could", "would", "must", "has", "have"}
)
_SUBJECTS: Final = frozenset({"i", "you", "we", "they", "he", "she", "it"})
_PLURAL: Final = frozenset({"i", "you", "we", "they"})
_BEGINNINGS: Final = (
    ("how", "much"), ("how", "many"), ("how", "long"), ("how", "often"), ("how", "far"), ("why",), ("when",),
    ("where",), ("what",), ("who",), ("whether",),
)  # fmt: skip
_SAME_IN_PAST: Final = frozenset({"hurt", "cut", "put", "hit", "set", "shut", "cost", "let", "beat", "read", "bet"})
_NO_VERBS: Final = frozenset(
    {"not", "and", "or", "all", "both", "also", "only", "never", "ever", "guys", "still", "just"}
)
_PREPOSITIONS: Final = frozenset({"in", "on", "at", "for", "from", "to", "with", "by"})
_NO_NOUNS: Final = frozenset({"of", "one", "ones", "i", "you", "we", "they", "he", "she", "it", "the", "a", "an", ","})
_NOT: Final = "not"


def asked(tokens: list[str], lexicon: Lexicon) -> list[str]:  # noqa: ARG001  (every rule takes the lexicon)
    """One sentence in the order of a question that stands alone."""
    return _which(_with_auxiliary_first(_with_not_behind_subject(tokens)))


def _which(tokens: list[str]) -> list[str]:
    """Which courses, in which courses → what courses, in what courses; which is the best → what is the best."""
    at = 1 if tokens[0] in _PREPOSITIONS else 0
    if tokens[at : at + 1] != ["which"] or len(tokens) < at + 3 or tokens[at + 1] in _NO_NOUNS:
        return tokens
    of_all = tokens[at + 1] in {"is", "are"} and tokens[at + 2] == "the"
    return [*tokens[:at], "what", *tokens[at + 1 :]] if of_all or tokens[at + 1] not in _MOVED else tokens


def _with_not_behind_subject(tokens: list[str]) -> list[str]:
    """Why do not you ship, as "why don't you ship" is written out, → why do you not ship."""
    for at in range(min(len(tokens) - 2, 4)):
        if tokens[at] in _MOVED and tokens[at + 1] == _NOT and tokens[at + 2] in _SUBJECTS:
            return [*tokens[: at + 1], tokens[at + 2], _NOT, *tokens[at + 3 :]]
    return tokens


def _with_auxiliary_first(tokens: list[str]) -> list[str]:
    beginning = next((words for words in _BEGINNINGS if tuple(tokens[: len(words)]) == words), ())
    rest = tokens[len(beginning) :]
    if not beginning or len(rest) < 2 or rest[0] in _MOVED:
        return tokens
    first = [] if beginning == ("whether",) else list(beginning)
    if (rest[0] in _PLURAL or (beginning == ("why",) and _is_plural(rest[0]))) and _is_present(rest[1]):
        return [*first, "do", *rest]
    at = next((i for i, token in enumerate(rest) if token in _MOVED), None)
    if at is None or "," in rest[:at] or (beginning[0] in {"what", "who"} and rest[0] not in _SUBJECTS):
        return tokens  # what happens is, who works can: the beginning may be the subject itself
    if beginning[0] == "how" and rest[0] not in {*_SUBJECTS, "the", "my", "your"}:
        return tokens  # how much money is left: the word behind belongs to the beginning
    return [*first, rest[at], *rest[:at], *rest[at + 1 :]]


def _is_plural(word: str) -> bool:
    return word.endswith("s") and lemma(word, "en") in {word[:-1], word[:-2]}


def _is_present(word: str) -> bool:
    """Whether `word` can be a verb behind you: in its base form, and not the same in the past."""
    if word in _MOVED or word in _SAME_IN_PAST or word in _NO_VERBS or not word.isalpha():
        return False
    return is_word(word, "en") and lemma(word, "en") == word
