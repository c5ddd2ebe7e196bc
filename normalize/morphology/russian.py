"""Russian inflection: the plural folded to the singular where a question asks how or whether to do something.

Case, tense and person stay: they tell who does what and when. Of a woman's past tense only the ending differs (я
заказала, я заказал), so it is folded where the speaker is the subject.
"""

from collections.abc import Sequence
from typing import Final

from normalize.lexicon import Lexicon
from normalize.morphology.pymorphy import Form, Reading, form, inflected
from normalize.question import Step
from normalize.tokens import Sentence

_DESCRIBING: Final = frozenset({"ADJF", "PRTF"})
_SPEAKER: Final = "я"
_SHORTEST: Final = 3
_PRICE: Final = ["сколько", "стоит"]


def russian(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Folds the inflected forms of one sentence; mutates it. Words may have been joined with + by their order."""
    lengths = [token.count("+") + 1 if _is_joined(token) else 1 for token in sentence.tokens]
    words = [word for token in sentence.tokens for word in (token.split("+") if _is_joined(token) else [token])]
    folded = _priced(_own(words))
    if lexicon.singular_after.at(sentence.tokens, 0) is not None:
        folded = _singular(folded, lexicon.words.get("plural_only", frozenset()))
    for before, after in zip(words, folded, strict=True):
        if before != after:
            steps.append(Step(f"ru.inflection: {before} → {after}", before, after))
    if folded != words:
        sentence.tokens = _rejoined(folded, lengths)


def _is_joined(token: str) -> bool:
    """Also c++ has a +, and +5."""
    return all(token.split("+"))


def _rejoined(words: list[str], lengths: Sequence[int]) -> list[str]:
    result, at = [], 0
    for length in lengths:
        result.append("+".join(words[at : at + length]))
        at += length
    return result


def _own(words: list[str]) -> list[str]:
    """Я заказала → я заказал."""
    if _SPEAKER not in words:
        return words
    verbs = [at for at, word in enumerate(words) if word.endswith(("ла", "лась")) and _is_past(word)]
    if len(verbs) != 1 or any(form(word).cases == {"nomn"} for word in words if word != _SPEAKER):
        return words
    result = list(words)
    result[verbs[0]] = inflected(words[verbs[0]], "VERB", ("masc", "past"))
    return result


def _priced(words: list[str]) -> list[str]:
    """Какая цена доставки, which the lexicon made сколько стоит доставки → сколько стоит доставка."""
    if words[:2] != _PRICE:
        return words
    at = next((i for i, word in enumerate(words[2:], 2) if form(word).part not in _DESCRIBING), len(words))
    if at == len(words) or (read := form(words[at])).part != "NOUN" or words[at][0] < "а":
        return words
    if Reading("gent", plural=False, gender=read.gender) not in read.readings:
        return words
    result = list(words)
    result[at] = inflected(words[at], "NOUN", ("sing", "nomn"))
    _describing(result, at, "nomn", read.gender)
    return result


def _is_past(word: str) -> bool:
    return form(word).part == "VERB" and form(word).past


def _singular(words: list[str], keep: frozenset[str]) -> list[str]:
    result = list(words)
    for at, word in enumerate(words):
        if len(word) < _SHORTEST or not "а" <= word[0] <= "я" or word in keep:
            continue
        read = form(word)
        if (
            read.part != "NOUN"
            or not (read.known and read.is_one_word)
            or (case := _plural_case(words, at, read)) == ""
        ):
            continue
        gender = form(read.base).gender
        singular = inflected(word, "NOUN", ("sing", case))
        if singular != word:
            result[at] = singular
            _describing(result, at, case, gender)
    return result


def _plural_case(words: Sequence[str], at: int, read: Form) -> str:
    """The case of a plural, empty of a singular. Карты behind an infinitive is what is acted on, else of the card."""
    first, readings = at, read.readings
    while first and "а" <= words[first - 1][0] <= "я" and form(words[first - 1]).part in _DESCRIBING:
        first -= 1
        readings = readings & form(words[first]).readings
    before = words[first - 1] if first else ""
    if before[:1].isdigit():
        return ""
    plurals = {reading.case for reading in readings if reading.plural}
    if not all(reading.plural for reading in readings):
        is_object = "accs" in plurals and before and form(before).part == "INFN"
        return "accs" if is_object else ""
    return next((case for case in ("accs", "gent", "datv", "ablt", "loct") if case in plurals), "")


def _describing(words: list[str], at: int, case: str, gender: str) -> None:
    """The adjectives before a noun that was put into the singular; mutates `words`."""
    at -= 1
    while at >= 0 and "а" <= words[at][0] <= "я" and form(words[at]).part in _DESCRIBING:
        nominative = case == "accs" and gender == "masc"  # new заказ: of things, both forms are one
        grammemes = ("sing", gender, "nomn" if nominative else case) if gender else ("sing", case)
        words[at] = inflected(words[at], form(words[at]).part, grammemes)
        at -= 1
