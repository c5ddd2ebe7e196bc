"""Spanish and Portuguese word order: one order where the language leaves it free.

What is asked about may stand before or behind its verb (el envío cuánto cuesta), a phrase before the question may stand
behind it (en Madrid, ¿dónde…?), an unstressed pronoun before or behind its verb (lo puedo cancelar, puedo cancelarlo),
and A y B is B y A.
"""

from typing import Final

from normalize.lexicon import Lexicon
from normalize.order.coordination import coordinated
from normalize.order.romance_pronouns import asked_how, pronoun_by_its_verb
from normalize.order.romance_subject import subject_last
from normalize.politeness import frames
from normalize.question import Step
from normalize.tokens import Sentence

_COMMA: Final = ","
_HIDDEN: Final = "\0"
_LONGEST_PHRASE: Final = 6
_PREPOSITIONS: Final = {
    "es": frozenset({"en", "desde", "para", "con", "sin"}),
    "pt": frozenset({"em", "no", "na", "nos", "nas", "para", "com", "sem", "desde"}),
}
_ARTICLES: Final = frozenset({"o", "a", "os", "as"})
_POSSESSIVES: Final = frozenset(
    ("meu", "minha", "meus", "minhas", "seu", "sua", "seus", "suas", "teu", "tua", "nosso", "nossa", "nossos", "nossas")
)


def romance(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Brings one sentence to the one order; mutates it. A sentence about words stays as it is."""
    if lexicon.mentions.any(sentence.tokens):
        return
    for rule in (_own, _phrase_last, asked_how, pronoun_by_its_verb, subject_last, _coordinated):
        before = Sentence(list(sentence.tokens), sentence.asks)
        tokens = rule(before, lexicon)
        if tokens != sentence.tokens:
            name = f"{lexicon.language}.order: {rule.__name__.lstrip('_')}"
            steps.append(Step(name, " ".join(sentence.tokens), " ".join(tokens)))
            sentence.tokens = tokens
            if rule is _phrase_last:  # now the question begins, and may have a frame
                frames(sentence, lexicon, steps)


def _own(sentence: Sentence, lexicon: Lexicon) -> list[str]:
    """O meu pedido → meu pedido: Portuguese leaves the article out as often as not."""
    tokens = sentence.tokens
    if lexicon.language != "pt":
        return tokens
    following = [*tokens[1:], ""]
    return [t for t, after in zip(tokens, following, strict=True) if not (t in _ARTICLES and after in _POSSESSIVES)]


def _phrase_last(sentence: Sentence, lexicon: Lexicon) -> list[str]:
    """En Madrid, donde puedo pagar → donde puedo pagar en Madrid."""
    tokens = sentence.tokens
    if tokens.count(_COMMA) != 1 or tokens[0] not in _PREPOSITIONS[lexicon.language]:
        return tokens
    at = tokens.index(_COMMA)
    begins = lexicon.words.get("interrogatives", frozenset()) | lexicon.words.get("leads", frozenset())
    if not 1 < at <= _LONGEST_PHRASE or tokens[at + 1] not in begins:
        return tokens
    return [*tokens[at + 1 :], *tokens[:at]]


def _coordinated(sentence: Sentence, lexicon: Lexicon) -> list[str]:
    tokens, borders = sentence.tokens, lexicon.words.get("borders", frozenset())
    if lexicon.language == "es":
        return coordinated(tokens, borders)
    hidden = [_HIDDEN if token == "o" else token for token in tokens]  # Spanish or, Portuguese the
    return ["o" if token == _HIDDEN else token for token in coordinated(hidden, borders)]
