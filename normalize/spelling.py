"""Letters within words: ё for е, and lengthened words such as hooow where the short form is in the lexicon."""

from typing import Final

from normalize.lengthening import LONG, shortenings
from normalize.lexicon import Lexicon
from normalize.question import Step
from normalize.words import words

_WORD: Final = 4.5  # in Zipf


def spelling(tokens: list[str], lexicon: Lexicon, steps: list[Step]) -> list[str]:
    """`tokens` with each word spelt in its one form; a word that no lexicon knows stays as it is."""
    result = [_spelt(token, lexicon) for token in tokens]
    for before, after in zip(tokens, result, strict=True):
        if before != after:
            steps.append(Step(f"{lexicon.language}.spelling: {before} → {after}", before, after))
    return result


def _spelt(token: str, lexicon: Lexicon) -> str:
    if not token[0].isalpha():
        return token
    if lexicon.characters and lexicon.keep.at((token,), 0) is None:
        token = token.translate(lexicon.characters)
    if LONG.search(token) is None:
        return token
    forms = {form for form in shortenings(token) if len(form) > 1}
    fitting = [form for form in forms if form in lexicon.known]
    listed = words(lexicon.language)
    # tooo was too or to: left alone.
    is_sure = len(fitting) == 1 and all(listed.zipf(form) < _WORD for form in forms.difference(fitting))
    return fitting[0] if is_sure else token
