"""Korean morphemes through Kiwi: text → what each word is made of. Loaded at the first Korean question.

Kiwi (https://github.com/bab2min/kiwipiepy) splits 알려주세요 into 알리 + 어 + 주 + 세요, each with its part of
speech in the Sejong tag set. Here its forms get one spelling: endings lose the vowel that only the sound asks for
(으면 → 면, 았 → 었), and letters that stand alone are written as people write them (ᆯ → ㄹ).
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_JAMO: Final = str.maketrans("ᆨᆫᆮᆯᆷᆸᆺᆻᆼᆽᆾᆿᇀᇁᇂ", "ㄱㄴㄷㄹㅁㅂㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_ENDINGS: Final = {
    "아": "어",
    "여": "어",
    "아요": "어",
    "여요": "어",
    "에요": "어",
    "예요": "어",
    "죠": "지",
    "았": "었",
    "였": "었",
    "ㅆ": "었",
    "아서": "어서",
    "여서": "어서",
    "아야": "어야",
    "여야": "어야",
    "아도": "어도",
    "여도": "어도",
    "아라": "어라",
    "여라": "어라",
    "을": "ㄹ",
    "은": "ㄴ",
    "음": "ㅁ",
    "습니까": "ㅂ니까",
    "습니다": "ㅂ니다",
    "읍니다": "ㅂ니다",
    "으시": "시",
    "으라": "라",
    "는가": "ㄴ가",
    "은가": "ㄴ가",
    "는가요": "ㄴ가요",
    "은가요": "ㄴ가요",
    "는지": "ㄴ지",
    "은지": "ㄴ지",
    "는데": "ㄴ데",
    "은데": "ㄴ데",
    "는데요": "ㄴ데요",
    "은데요": "ㄴ데요",
    "는지요": "ㄴ지요",
    "은지요": "ㄴ지요",
    "는다": "다",
    "ㄴ다": "다",
    "을까": "ㄹ까",
    "을까요": "ㄹ까요",
    "을래": "ㄹ래",
    "을래요": "ㄹ래요",
    "을지": "ㄹ지",
    "을게": "ㄹ게",
    "을게요": "ㄹ게요",
    "을수록": "ㄹ수록",
    "는구나": "구나",
    "니깐": "니까",
}
_PARTICLES: Final = {
    "을": "를",
    "ㄹ": "를",
    "이": "가",
    "께서": "가",
    "은": "는",
    "ㄴ": "는",
    "과": "와",
    "랑": "와",
    "이랑": "와",
    "하고": "와",
    "으로": "로",
    "으로서": "로서",
    "으로써": "로써",
    "으로부터": "로부터",
    "한테": "에게",
    "께": "에게",
    "한테서": "에게서",
    "서": "에서",
    "이나": "나",
    "이라도": "라도",
    "이란": "란",
    "이라고": "라고",
}

_STEMS: Final = {
    "돼": "되",
    "안돼": "안되",
    "계시": "있",
    "계": "있",
    "드시": "먹",
    "잡수시": "먹",
    "잡수": "먹",
    "주무시": "자",
}
_PERSONS: Final = {"저": "나", "저희": "우리"}


@dataclass(frozen=True, slots=True)
class Morpheme:
    """`form` in its one spelling, `tag` of the Sejong set: `NNG` noun, `JKO` object particle, `EF` final ending."""

    form: str
    tag: str


class Kiwi:
    """One analyser for all threads. It takes 0.4 s and about 250 MB to load, then about 0.4 ms a question."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: Any = None

    def morphemes(self, text: str) -> list[Morpheme]:
        """The morphemes of one sentence, in their order."""
        with self._lock:
            if self._loaded is None:
                self._loaded = _load()
            tokens: Sequence[Any] = self._loaded.tokenize(text)
        return [_morpheme(token.form, token.tag) for token in tokens]


def _load() -> Any:
    from kiwipiepy import Kiwi as Analyser  # noqa: PLC0415  (loads a model of 90 MB: only where Korean is asked)

    # The dictionaries of names are left out: they hold titles of songs that swallow whole questions.
    return Analyser(num_workers=1, load_default_dict=False, load_multi_dict=False, load_typo_dict=False)


@lru_cache(maxsize=20_000)
def _morpheme(found: str, tagged: str) -> Morpheme:
    form, tag = found.replace(" ", ""), tagged.partition("-")[0]
    if tag[0] == "E":
        form = form.translate(_JAMO)
        form = _ENDINGS.get(form, form.removeprefix("으") if len(form) > 1 else form)
        form = form if form.endswith("세요") or len(form) < 2 else form.removesuffix("요")  # politeness, nothing else
    elif tag[0] == "J":
        form = form.translate(_JAMO)
        form = _PARTICLES.get(form, form)
    elif tag[0] == "V":
        form = _STEMS.get(form, form)
    elif tag == "NP":
        form = _PERSONS.get(form, form)
    return Morpheme(form, tag)


KIWI: Final = Kiwi()
