"""Tokens → Facts: the parts of a question that an answer depends on, each in one form whatever the wording."""

from collections.abc import Iterable, Sequence

from normalize.facts.comparing import comparatives
from normalize.facts.korean import join_moments, polarity_words
from normalize.facts.literals import sort_out
from normalize.facts.moments import clock_times
from normalize.facts.naming import names
from normalize.facts.negation import negations
from normalize.facts.roles import directions
from normalize.facts.wording import modality, persons, quantifiers, question_types
from normalize.lexicon import Lexicon
from normalize.question import Facts


def extract(sentences: Iterable[Sequence[str]], lexicon: Lexicon, text: str = "") -> Facts:
    """The facts of rewritten sentences.

    `text` is the cleaned text with its case: names and the question mark can't be seen in tokens. Without it no name is
    found, and a question that nothing but its mark shows is none.
    """
    literals = sort_out(token for sentence in sentences for token in sentence)
    words, dates, numbers = clock_times(literals.words, literals.dates, lexicon.language)
    if lexicon.language == "ko":
        words = join_moments(words)
    negation = negations(words, lexicon)
    polarity = lexicon.polarity.labels(polarity_words(words, lexicon.language))
    types = question_types(words, lexicon, asks="?" in text)
    return Facts(
        numbers=_sorted([*numbers, *lexicon.ordinals.labels(words)]),
        negations=_sorted(negation.kinds),
        negated=_sorted(negation.scopes),
        times=_sorted(lexicon.times.labels(words)),
        dates=_sorted([*dates, *lexicon.dates.labels(words)]),
        quoted=_sorted(literals.quoted),
        identifiers=_sorted(literals.identifiers),
        polarity=_sorted(polarity),
        opposites=_sorted({other for one in polarity for other in lexicon.opposites[one]}),
        quantifiers=_sorted(quantifiers(words, lexicon)),
        comparatives=_sorted(comparatives(words, lexicon)),
        directions=_sorted(directions(words, lexicon)),
        names=_sorted(names(text, lexicon)) if text else (),
        persons=_sorted(persons(words, lexicon)),
        modality=_sorted(modality(words, lexicon, types)),
        question_types=_sorted(types),
    )


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(values))
