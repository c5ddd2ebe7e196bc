"""Spanish and Portuguese word order: A y B is B y A, and what is asked about may stand before or behind its verb."""

from typing import Final

from normalize.lexicon import Lexicon
from normalize.order.coordination import coordinated
from normalize.question import Step
from normalize.tokens import Sentence

_LONGEST: Final = 8
_ARTICLES: Final = frozenset({"o", "a", "os", "as"})
_POSSESSIVES: Final = frozenset(
    ("meu", "minha", "meus", "minhas", "seu", "sua", "seus", "suas", "teu", "tua", "nosso", "nossa", "nossos", "nossas")
)


def romance(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Brings one sentence to the one order; mutates it."""
    for rule in (_own, _subject_last, _coordinated):
        tokens = rule(sentence.tokens, lexicon)
        if tokens != sentence.tokens:
            name = f"{lexicon.language}.order: {rule.__name__[1:]}"
            steps.append(Step(name, " ".join(sentence.tokens), " ".join(tokens)))
            sentence.tokens = tokens


def _own(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """O meu pedido → meu pedido: Portuguese leaves the article out as often as not."""
    if lexicon.language != "pt":
        return tokens
    following = [*tokens[1:], ""]
    return [t for t, after in zip(tokens, following, strict=True) if not (t in _ARTICLES and after in _POSSESSIVES)]


def _subject_last(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """El envío cuánto cuesta, cuánto el envío cuesta → cuánto cuesta el envío, for the verbs of the lexicon."""
    if len(tokens) > _LONGEST or tokens[-1] not in lexicon.words.get("subject_after", ()):
        return tokens
    asks = lexicon.words.get("interrogatives", frozenset())
    at = next((i for i, token in enumerate(tokens[:-1]) if token in asks), None)
    if at is None:
        return tokens
    if at == len(tokens) - 2 and at > 0:
        return [*tokens[at:], *tokens[:at]]
    return [*tokens[: at + 1], tokens[-1], *tokens[at + 1 : -1]] if at == 0 and len(tokens) > 2 else tokens


def _coordinated(tokens: list[str], lexicon: Lexicon) -> list[str]:
    return coordinated(tokens, lexicon.words.get("borders", frozenset()))
