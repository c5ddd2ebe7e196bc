"""Spanish and Portuguese: unstressed pronouns by their verb, and the infinitive where a question asks how.

Cómo me suscribo, cómo me puedo suscribir → como suscribirme; como me cadastro, como cadastrar-me → como me cadastrar.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.lemmas import lemma
from normalize.tokens import Sentence

_HOW: Final = "como"
_SPEAKERS: Final = frozenset({"yo", "eu"})
_CLITICS: Final = {"es": frozenset({"me", "lo", "la", "los", "las", "le", "nos"}), "pt": frozenset({"me", "nos"})}
_CAN: Final = frozenset({"puedo", "posso"})
_MODALS: Final = frozenset(
    {"puedo", "puede", "pueden", "podría", "debo", "quiero", "posso", "pode", "podem", "devo", "quero"}
)
_NOT_FOLDED: Final = _MODALS | {"consigo", "tengo", "tenho", "cuando", "quando"}
_INFINITIVES: Final = ("ar", "er", "ir", "ír")
_IMPERSONAL: Final = "se"
_OWN: Final = {"o": _INFINITIVES, "eio": ("ear",)}
_DONE: Final = {"a": ("ar",), "e": ("er", "ir"), "an": ("ar",), "en": ("er", "ir"), "am": ("ar",), "em": ("er", "ir")}


def asked_how(sentence: Sentence, lexicon: Lexicon) -> list[str]:
    """Como cancelo, como se cancela → como cancelar; como lo cancelo → como cancelarlo."""
    tokens = sentence.tokens
    if tokens[0] != _HOW or len(tokens) < 2:
        return tokens
    at = 2 if tokens[1] in _SPEAKERS else 1
    clitic = tokens[at] if at < len(tokens) and tokens[at] in _CLITICS[lexicon.language] | {_IMPERSONAL} else ""
    at += bool(clitic)
    at += bool(clitic) and at < len(tokens) and tokens[at] in _CAN
    if at >= len(tokens) or not (verb := _infinitive(tokens[at], lexicon, is_impersonal=clitic == _IMPERSONAL)):
        return tokens
    if clitic == _IMPERSONAL:
        clitic = ""
    return [_HOW, *_with_clitic(verb, clitic, lexicon.language), *tokens[at + 1 :]]


def _infinitive(token: str, lexicon: Lexicon, *, is_impersonal: bool) -> str:
    """The infinitive of what the speaker does; of what is done, only for the verbs that the lexicon lists."""
    if not token.isalpha() or token in _NOT_FOLDED:
        return ""
    listed = _listed(token, lexicon.words.get("articles.after", frozenset()), _DONE if is_impersonal else _OWN)
    if listed or is_impersonal:
        return listed
    base = lemma(token, lexicon.language)
    return base if base.endswith(_INFINITIVES) and (token.endswith("o") or base == token) else ""


def _listed(token: str, verbs: frozenset[str], endings: Mapping[str, Sequence[str]]) -> str:
    """The regular verb of the lexicon that `token` is a form of: the dictionary takes contrato for a contract."""
    candidates = {
        token.removesuffix(end) + infinitive
        for end, infinitives in endings.items()
        if token.endswith(end)
        for infinitive in infinitives
    }
    found = sorted(candidates & verbs)
    return found[0] if len(found) == 1 else ""


def pronoun_by_its_verb(sentence: Sentence, lexicon: Lexicon) -> list[str]:
    """Lo puedo cancelar → puedo cancelarlo; posso cadastrar-me → posso me cadastrar."""
    tokens = _hyphened(sentence.tokens) if lexicon.language == "pt" else sentence.tokens
    for at in range(len(tokens) - 2):
        clitic, modal, verb = tokens[at : at + 3]
        if clitic in _CLITICS[lexicon.language] and modal in _MODALS and _is_infinitive(verb, lexicon.language):
            return [*tokens[:at], modal, *_with_clitic(verb, clitic, lexicon.language), *tokens[at + 3 :]]
    return tokens


def _hyphened(tokens: Sequence[str]) -> list[str]:
    result: list[str] = []
    for token in tokens:
        verb, hyphen, clitic = token.partition("-")
        is_bound = bool(hyphen) and clitic in {"me", "nos"} and verb.endswith(("ar", "er", "ir"))
        result.extend([clitic, verb] if is_bound else [token])
    return result


def _is_infinitive(token: str, language: str) -> bool:
    return token.endswith(_INFINITIVES) and lemma(token, language) == token


def _with_clitic(verb: str, clitic: str, language: str) -> list[str]:
    if not clitic:
        return [verb]
    return [verb + clitic] if language == "es" else [clitic, verb]
