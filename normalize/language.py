"""Which language a text is in: by script for Korean and Russian, by its words for those in Latin script."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import Final

from normalize.signs import laughs
from normalize.words import shares

UNDETERMINED: Final = "und"
_HANGUL: Final = re.compile("[\uac00-\ud7a3\u3131-\u318e]")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_NOT_RUSSIAN: Final = re.compile("[іїєґўјљњћђџѓќѕӣӯқғҳҷәөүұһңІЇЄҐЎЈЉЊЋЂЏ]")
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_TELLING: Final = ((re.compile("[ñ¿¡]", re.I), "es"), (re.compile("[ãõ]|ção|ções", re.I), "pt"))
_NEIGHBOURS: Final = ("ca", "da", "de", "fr", "it", "nl", "pl", "ro", "sv", "tr")
"""Whose words would otherwise be taken for Spanish, Portuguese or English."""
_OTHERS: Final = {
    "fr": "le la les un une des du et est je vous mon ma mes comment pourquoi quel dans pour avec sur pas que qui au",
    "it": "il lo la gli un una di del della e è come perché quale che per con non mio mia posso si dove quando",
    "de": "der die das ein eine und ist ich wie was warum kann mein meine zu mit für auf nicht den dem wo wann",
    "nl": "de het een en is ik hoe wat waarom kan mijn te met voor op niet van waar wanneer",
}
"""The most frequent words of those that a short text is most often in."""
_UNLISTED: Final = 3e-8  # share of a word that a list has not; the rarest ones listed are at 1e-6
_SIGN: Final = 4.0  # a letter or mark of one language
_AHEAD: Final = 2.0  # how much likelier than the next language the best must be, as a logarithm
_OTHER_SCRIPTS: Final = frozenset({"ko", "ru"})


class LanguageDetector:
    """Letters, then how likely the words are by wordfreq's lists; where two languages are about as likely, the frequent
    words of each profile are counted, and a tie is `und`, so that no rule is applied by guess.

    Args:
        profiles: The frequent words of each known language.
    """

    def __init__(self, profiles: Mapping[str, Iterable[str]]) -> None:
        self._languages: dict[str, set[str]] = {}
        # Shared with English they would make every other English question a tie.
        english = set(profiles.get("en", ()))
        others = {name: set(words.split()) - english for name, words in _OTHERS.items() if name not in profiles}
        self._known = frozenset(profiles)
        for language, words in {**others, **profiles}.items():
            for word in words:
                self._languages.setdefault(word, set()).add(language)

    @cached_property
    def _compared(self) -> frozenset[str]:
        """The languages that have a list; wordfreq is not loaded before a text in Latin script comes."""
        return _have_lists() & {*self._known, *_NEIGHBOURS}

    @cached_property
    def _unlisted(self) -> frozenset[str]:
        """The known ones that only their profile tells."""
        return self._known - _have_lists() - _OTHER_SCRIPTS

    def detect(self, text: str, tokens: Iterable[str]) -> str:
        """`ko`, `ru`, the profile that fits best, or `und`."""
        hangul, cyrillic = len(_HANGUL.findall(text)), len(_CYRILLIC.findall(text))
        latin = len(_LATIN.findall(text))
        if not hangul and not cyrillic:
            return self._by_words(text, list(tokens)) if latin else UNDETERMINED
        # A Korean or Russian question about an English product may hold more Latin letters than its own;
        # an English question about a Korean word has English words around it.
        words = self._by_profile(tokens, _signs(text)) if latin > 4 * hangul + 2 * cyrillic else UNDETERMINED
        return words if words != UNDETERMINED else self._by_script(text, hangul * 2 >= cyrillic)

    def _by_script(self, text: str, is_hangul: bool) -> str:
        if is_hangul:
            return self._known_or_und("ko")
        return UNDETERMINED if _NOT_RUSSIAN.search(text) else self._known_or_und("ru")

    def _known_or_und(self, language: str) -> str:
        return language if language in self._known else UNDETERMINED

    def _by_words(self, text: str, tokens: Sequence[str]) -> str:
        signs = _signs(text)
        if not any(self._unlisted & self._languages.get(token, set()) for token in tokens):
            likeliest = _likeliest(tokens, signs, self._compared)
            # Of one word alone the lists of others say little: ca has more "hi" than en.
            if likeliest in self._known or (likeliest is not None and len(tokens) > 1):
                return self._known_or_und(likeliest)
        return self._by_profile(tokens, signs)

    def _by_profile(self, tokens: Iterable[str], signs: Sequence[str]) -> str:
        scores: dict[str, int] = {}
        for token in tokens:
            for language in self._languages.get(token, ()):
                scores[language] = scores.get(language, 0) + 1
        for language in signs:
            scores[language] = scores.get(language, 0) + 2
        if not scores:
            return UNDETERMINED
        best = max(scores.values())
        winners = [language for language, score in scores.items() if score == best]
        return self._known_or_und(winners[0]) if len(winners) == 1 else UNDETERMINED


def _signs(text: str) -> list[str]:
    """The languages that a letter or a mark of the text stands for."""
    return [] if text.isascii() else [language for pattern, language in _TELLING if pattern.search(text)]


def _likeliest(tokens: Iterable[str], signs: Iterable[str], languages: Iterable[str]) -> str | None:
    """The language whose lists make the words likeliest; None where another one is about as likely."""
    said = [token for token in map(str.lower, tokens) if _WORD.fullmatch(token) and not laughs(token)]
    likely = {}
    for name in languages:
        listed = shares(name)
        likely[name] = sum(math.log(listed.get(word, _UNLISTED)) for word in said)
    for language in signs:
        likely[language] = likely.get(language, 0.0) + _SIGN
    (second, _), (best, name) = sorted((value, name) for name, value in likely.items())[-2:]
    return name if best - second >= _AHEAD else None


@cache
def _have_lists() -> frozenset[str]:
    from wordfreq import available_languages  # noqa: PLC0415

    return frozenset(available_languages("small")) - _OTHER_SCRIPTS
