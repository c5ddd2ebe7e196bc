"""Which language a text is in: by script for Korean and Russian, by frequent words for those in Latin script."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

UNDETERMINED: Final = "und"
_HANGUL: Final = re.compile("[\uac00-\ud7a3\u3131-\u318e]")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_NOT_RUSSIAN: Final = re.compile("[іїєґўјљњћђџѓќѕӣӯқғҳҷәөүұһңІЇЄҐЎЈЉЊЋЂЏ]")
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
_TELLING: Final = ((re.compile("[ñ¿¡]", re.I), "es"), (re.compile("[ãõ]|ção|ções", re.I), "pt"))
# Neighbours whose words would otherwise be taken for Spanish, Portuguese or English.
_OTHERS: Final = {
    "fr": "le la les un une des du et est je vous mon ma mes comment pourquoi quel dans pour avec sur pas que qui au",
    "it": "il lo la gli un una di del della e è come perché quale che per con non mio mia posso si dove quando",
    "de": "der die das ein eine und ist ich wie was warum kann mein meine zu mit für auf nicht den dem wo wann",
    "nl": "de het een en is ik hoe wat waarom kan mijn te met voor op niet van waar wanneer",
}


class LanguageDetector:
    """Counts letters, then the frequent words of each profile; a tie is `und`, so that no rule is applied by guess."""

    def __init__(self, profiles: Mapping[str, Iterable[str]]) -> None:
        self._languages: dict[str, set[str]] = {}
        # Shared with English they would make every other English question a tie.
        english = set(profiles.get("en", ()))
        others = {name: set(words.split()) - english for name, words in _OTHERS.items() if name not in profiles}
        self._known = frozenset(profiles)
        for language, words in {**others, **profiles}.items():
            for word in words:
                self._languages.setdefault(word, set()).add(language)

    def detect(self, text: str, tokens: Iterable[str]) -> str:
        """`ko`, `ru`, the profile that fits best, or `und`."""
        hangul, cyrillic = len(_HANGUL.findall(text)), len(_CYRILLIC.findall(text))
        latin = len(_LATIN.findall(text))
        if not hangul and not cyrillic:
            return self._by_words(text, tokens) if latin else UNDETERMINED
        # A Korean or Russian question about an English product may hold more Latin letters than its own;
        # an English question about a Korean word has English words around it.
        words = self._by_words(text, tokens) if latin > 4 * hangul + 2 * cyrillic else UNDETERMINED
        return words if words != UNDETERMINED else self._by_script(text, hangul * 2 >= cyrillic)

    def _by_script(self, text: str, is_hangul: bool) -> str:
        if is_hangul:
            return self._known_or_und("ko")
        return UNDETERMINED if _NOT_RUSSIAN.search(text) else self._known_or_und("ru")

    def _known_or_und(self, language: str) -> str:
        return language if language in self._known else UNDETERMINED

    def _by_words(self, text: str, tokens: Iterable[str]) -> str:
        scores: dict[str, int] = {}
        for token in tokens:
            for language in self._languages.get(token, ()):
                scores[language] = scores.get(language, 0) + 1
        if not text.isascii():
            for pattern, language in _TELLING:
                if pattern.search(text):
                    scores[language] = scores.get(language, 0) + 2
        if not scores:
            return UNDETERMINED
        best = max(scores.values())
        winners = [language for language, score in scores.items() if score == best]
        return winners[0] if len(winners) == 1 and winners[0] in self._known else UNDETERMINED
