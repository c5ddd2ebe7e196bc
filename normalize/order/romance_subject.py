"""Spanish and Portuguese subjects: behind their verb, where a question has them before it as well.

El envío cuánto tarda, cuánto el envío tarda → cuánto tarda el envío. Only a subject with an article or its like, and
only verbs that the lexicon lists under `subject_after`: such a noun behind them can not be their object.
"""

from collections.abc import Sequence
from typing import Final

from normalize.lexicon import Lexicon
from normalize.tokens import Sentence

_LONGEST: Final = 12
_DETERMINERS: Final = frozenset(
    ("el", "la", "los", "las", "un", "una", "mi", "mis", "tu", "tus", "su", "sus", "nuestro", "nuestra", "este", "esta",
     "estos", "estas", "ese", "esa", "o", "a", "os", "as", "um", "uma", "meu", "minha", "meus", "minhas", "seu", "sua",
     "seus", "suas", "nosso", "nossa", "esse", "essa", "esses", "essas")
)  # fmt: skip
_BEFORE_VERB: Final = frozenset({"no", "não", "se", "me", "ya", "já", "aún", "ainda", "todavía"})
_LINKING: Final = frozenset({"es", "son", "está", "están", "fue", "será", "é", "são", "estão", "foi", "foram"})
_COUNTED: Final = frozenset({"tiempo", "días", "horas", "tempo", "dias", "meses", "semanas"})
_ASKED_WITH_NOUN: Final = frozenset({"que", "cual", "qual"})
_PREPOSITIONS: Final = frozenset({"a", "en", "de", "por", "con", "para", "desde", "em", "com"})


def subject_last(sentence: Sentence, lexicon: Lexicon) -> list[str]:
    """The words of `sentence` with its subject behind the verb, or as they are."""
    tokens = sentence.tokens
    if len(tokens) > _LONGEST or len(tokens) < 3:
        return tokens
    asks = lexicon.words.get("interrogatives", frozenset())
    start = next((at for at in range(len(tokens)) if _asking(tokens, at, asks)), None)
    if start is None:
        return _placed([], tokens, [], lexicon) or tokens if sentence.asks else tokens
    length = _asking(tokens, start, asks)
    question, rest = tokens[start : start + length], tokens[start + length :]
    subject = tokens[:start]
    if not subject:
        return _placed(question, rest, [], lexicon) or tokens
    if len(subject) == 1 or subject[0] not in _DETERMINERS or question == ["que"]:
        return tokens  # o que é isso; la tarjeta que funciona
    return _placed(question, rest, subject, lexicon) or tokens


def _asking(tokens: Sequence[str], at: int, asks: frozenset[str]) -> int:
    """How many words ask: cuanto, por que, a que hora, cuanto tiempo; 0 where none begins at `at`."""
    first, second = tokens[at], "".join(tokens[at + 1 : at + 2])
    if first == "por" and second == "que":
        return 2
    if first in _PREPOSITIONS and second in _ASKED_WITH_NOUN and at + 3 < len(tokens):
        return 3
    if first not in asks or first == "por":
        return 0
    return 2 if second in _COUNTED and first.startswith(("cuant", "quant")) else 1


def _placed(question: list[str], rest: list[str], subject: list[str], lexicon: Lexicon) -> list[str] | None:
    """`question`, verb, subject; the subject stands before `question`, or between it and the verb."""
    verb = _verb_length(rest, lexicon.words.get("subject_after", frozenset()))
    if not verb:
        return None
    between = rest[:-verb]
    while between and between[-1] in _BEFORE_VERB:
        between, verb = between[:-1], verb + 1
    if subject:
        return None if between else [*question, *rest, *subject]
    is_subject = len(between) > 1 and between[0] in _DETERMINERS and not set(between) & lexicon.words["interrogatives"]
    return [*question, *rest[-verb:], *between] if is_subject else None


def _verb_length(tokens: Sequence[str], verbs: frozenset[str]) -> int:
    """How many of the last words are the verb: funciona; es gratis, está bloqueada."""
    if not tokens:
        return 0
    if tokens[-1] in verbs:
        return 1
    is_linked = len(tokens) > 1 and tokens[-2] in _LINKING and tokens[-1].isalpha()
    return 2 if is_linked and tokens[-1] not in _DETERMINERS else 0
