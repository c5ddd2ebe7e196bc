"""Word order: one order for the words where their language and the construction leave it free."""

from normalize.lexicon import Lexicon
from normalize.order.english import english
from normalize.order.romance import romance
from normalize.order.russian import russian
from normalize.question import Step
from normalize.tokens import Sentence

_ORDERS = {"en": english, "es": romance, "pt": romance, "ru": russian}


def order(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Brings one sentence to the one order; mutates it. A language without rules of order stays as it is."""
    if (arrange := _ORDERS.get(lexicon.language)) is not None:
        arrange(sentence, lexicon, steps)
