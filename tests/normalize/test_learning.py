"""What is learnt from judged pairs: rules with evidence, none that a pair judged different speaks against."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from normalize import LexiconError, Normalizer
from normalize.learning import Lessons, suggest, wilson_lower_bound
from normalize.learning_candidates import Candidate, is_abbreviation
from normalize.learning_file import entry_text, lexicon_text
from normalize.learning_refusals import refusal
from normalize.learning_trial import attempt, compare
from normalize.learning_wording import Wordings
from normalize.lexicon import load
from normalize.lexicon_file import read

RETURNS = ("how do I {} the parcel", "can I {} it by phone", "where do I {} my coat", "who may {} the shoes")


@dataclass(frozen=True)
class Pair:
    question: str
    other: str
    same: bool = True
    language: str = ""


def pairs(word: str, other: str, frames: tuple[str, ...] = RETURNS, *, same: bool = True) -> list[Pair]:
    return [Pair(" ".join(frame.format(word).split()), " ".join(frame.format(other).split()), same) for frame in frames]


def rules(lessons: Lessons) -> list[tuple[str, str, str]]:
    found = [one.candidate for one in lessons.suggestions]
    return [(one.section, " ".join(one.words), " ".join(one.result)) for one in found]


def reasons(lessons: Lessons) -> str:
    return "; ".join(one.refused for one in lessons.refused)


def test_two_words_for_one_thing_are_a_synonym_with_its_evidence() -> None:
    (found,) = suggest(pairs("gribble", "plonk")).suggestions
    assert (found.number, found.candidate.section, found.support, found.against) == (1, "synonyms", 4, 0)
    assert found.examples[0] == ("how do I gribble the parcel", "how do I plonk the parcel")
    assert found.evidence.startswith("4 pairs for, 0 against; e.g. how do I gribble the parcel | ")


def test_the_word_that_is_said_more_often_is_what_a_synonym_leads_to() -> None:
    for rare, common in (("gribble", "zorble"), ("zorble", "gribble")):
        said = [*pairs("zorble", "gribble"), Pair(f"how much is {common} here", f"what does a {common} here cost")]
        assert rules(suggest(said)) == [("synonyms", rare, common)]


def test_a_word_that_makes_no_difference_is_a_filler() -> None:
    assert rules(suggest(pairs("zorble", "wibbly zorble"))) == [("fillers", "wibbly", "")]


def test_words_that_make_no_difference_at_an_edge_only_are_dropped_there_only() -> None:
    first = ("{} how do I pay", "{} where is my coat", "{} who may drive")
    assert rules(suggest(pairs("", "quick thing", first))) == [("openers", "quick thing", "")]
    last = ("how do I pay {}", "where is my coat {}", "who may drive {}")
    assert rules(suggest(pairs("", "fwee", last))) == [("closers", "fwee", "")]


def test_a_short_form_is_an_abbreviation() -> None:
    frames = ("where is my {}", "can I move my {}", "how do I get a {}")
    assert rules(suggest(pairs("rsvtn", "reservation", frames))) == [("abbreviations", "rsvtn", "reservation")]


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        ("appt", "appointment", True),
        ("asap", "as soon as possible", True),
        ("a.s.a.p", "as soon as possible", True),
        ("back", "front", False),
        ("ment", "appointment", False),
        ("form", "forms", False),
        ("p", "password", False),
    ],
)
def test_a_short_form_has_the_initials_or_some_letters_in_order(short: str, long: str, expected: bool) -> None:
    assert is_abbreviation((short,), tuple(long.split())) is expected


def test_a_rule_is_as_narrow_as_the_evidence_allows() -> None:
    frames = ("where do I {} in", "can I {} in by phone", "how do I {} in at night")
    assert rules(suggest(pairs("clock", "snorf", frames))) == [("synonyms", "clock in", "snorf in")]


def test_a_rule_does_not_reach_across_the_end_of_a_sentence() -> None:
    one, other = (Wordings()(text) for text in ("it broke. we zorble", "it broke we zorble"))
    assert one is not None
    assert other is not None
    assert one.tidied == ("it", "broke", ".", "we", "zorble")
    said = [
        Pair(f"{start}. {end}", f"{start} {end}") for start in ("it broke", "I paid", "we ate") for end in ("now what",)
    ]
    assert rules(suggest(said)) == []


def test_fewer_questions_than_the_minimum_suggest_nothing() -> None:
    assert rules(suggest(pairs("zorble", "gribble")[:2])) == []
    assert rules(suggest(pairs("zorble", "gribble")[:2], minimum=2)) != []


def test_the_same_question_again_is_no_further_evidence() -> None:
    assert rules(suggest(pairs("zorble", "gribble")[:1] * 5)) == []


def test_one_pair_judged_different_that_would_be_joined_refuses_a_rule() -> None:
    lessons = suggest([*pairs("zorble", "gribble"), Pair("may I zorble a man", "may I gribble a man", same=False)])
    assert rules(lessons) == []
    assert "it would join a pair judged different: 'may I zorble a man', 'may I gribble a man'" in reasons(lessons)


def test_pairs_judged_different_that_hold_two_words_against_each_other_outweigh_little_evidence() -> None:
    apart = [Pair("did I zorble a red car here", "did I gribble a blue car there", same=False)]
    lessons = suggest(pairs("zorble", "gribble")[:3] + apart)
    assert rules(lessons) == []
    assert "too little evidence" in reasons(lessons)
    assert lessons.refused[0].against == 1


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("zorble 3 of", "zorble 4 of"),  # numbers
        ("zorble", "not zorble"),  # negations
        ("enable", "disable"),  # polarity
        ('zorble "x"', 'zorble "y"'),  # quoted
        ("zorble today", "zorble tomorrow"),  # times
        ("zorble", "never zorble"),
    ],
)
def test_no_evidence_joins_two_facts(word: str, other: str) -> None:
    assert rules(suggest(pairs(word, other))) == []


def test_names_are_no_synonyms() -> None:
    lessons = suggest(pairs("zorble Peter", "zorble Robert"))
    assert rules(lessons) == []
    assert "is written as a name" in reasons(lessons)


def test_question_words_are_no_synonyms() -> None:
    frames = ("{} do I pay", "{} do we eat", "{} do they sleep")
    assert rules(suggest(pairs("when", "where", frames))) == []
    assert refusal(Candidate("en", "synonyms", ("when",), ("where",)), load()["en"], ()) != ""


def test_a_rule_that_makes_a_chain_with_an_entry_is_turned_round(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("language: en\nsynonyms:\n  gribble: [plonk]\n", "utf-8")
    said = [*pairs("zorble", "gribble"), Pair("what is zorble", "what does zorble mean to you")]
    assert rules(suggest(said)) == [("synonyms", "gribble", "zorble")]
    assert rules(suggest(said, lexicons=[mine])) == [("synonyms", "zorble", "gribble")]


def test_of_suggestions_that_make_a_chain_the_best_proven_stays() -> None:
    often = [Pair(f"is a plonk {word} than a plonk", f"who has a {word} plonk", False) for word in ("longer", "safer")]
    lessons = suggest(pairs("zorble", "gribble") + pairs("gribble", "plonk") + often)
    assert len(lessons.suggestions) == 1
    assert "it makes a chain with the suggestion" in reasons(lessons)


def test_pairs_of_two_languages_and_of_another_than_was_named_are_left_out() -> None:
    said = [Pair("how do I pay", "как мне заплатить"), Pair("how do I pay", "how can I pay", True, "pt")]
    assert suggest(said).left_out == 2


def test_pairs_that_share_a_key_already_are_counted() -> None:
    lessons = suggest([Pair("how do I pay?", "How do I pay"), Pair("how do I pay", "please how do I pay", same=False)])
    assert (lessons.pairs, lessons.joined, lessons.confused) == (2, 1, 1)


def test_texts_that_are_no_questions_are_left_out() -> None:
    assert suggest([Pair("???", "how do I pay"), Pair("a\0b", "how do I pay"), Pair("x", "\ud800")]).left_out == 3


def test_the_order_of_pairs_changes_nothing() -> None:
    said = pairs("zorble", "gribble") + pairs("zorble", "wibbly zorble")
    assert rules(suggest(said)) == rules(suggest(said[::-1]))


def test_a_minimum_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="minimum is 0"):
        suggest([], minimum=0)


@pytest.mark.parametrize(
    ("right", "total", "least", "most"),
    [(0, 0, 0, 0), (3, 3, 0.52, 0.53), (9, 10, 0.65, 0.66), (0, 5, 0, 0), (1000, 1000, 0.997, 1)],
)
def test_the_lower_bound_of_a_share(right: int, total: int, least: float, most: float) -> None:
    assert least <= wilson_lower_bound(right, total) <= most


def test_a_file_of_suggestions_does_nothing_until_one_is_accepted(tmp_path: Path) -> None:
    lessons = suggest(pairs("zorble", "gribble") + pairs("zorble", "wibbly zorble") + pairs("zorble", "plonk"))
    assert len(lessons.suggestions) == 3
    path = tmp_path / "mine.yaml"
    path.write_text(lexicon_text("en", lessons.suggestions, frozenset()), "utf-8")
    assert (read(path).lists, read(path).tables) == ({}, {})
    path.write_text(lexicon_text("en", lessons.suggestions, frozenset({1, 2, 3})), "utf-8")
    normalizer = Normalizer([path])
    keys = {normalizer(f"where do I {word} it").key for word in ("zorble", "gribble", "wibbly zorble", "plonk")}
    assert len(keys) == 1


def test_each_line_of_the_file_says_its_evidence_in_one_line() -> None:
    said = [Pair(pair.question + "\nthanks", pair.other) for pair in pairs("zorble", "gribble")]
    text = lexicon_text("en", suggest(said).suggestions, frozenset({1}))
    (line,) = (line for line in text.splitlines() if line.lstrip().startswith("- "))
    assert "# 1: 4 pairs for, 0 against; e.g. how do I zorble the parcel" in line


@pytest.mark.parametrize("word", ["no", "null", "a: b", "it's", "- x", "a #b", "c++"])
def test_any_words_can_be_written_and_read(word: str, tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(entry_text(Candidate("en", "synonyms", (word,), ("pay",))), "utf-8")
    assert [(entry.words, entry.result) for entry in read(path).tables["synonyms"]] == [(word, "pay")]


def test_a_trial_tells_what_is_joined_confused_and_parted(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("language: en\nsynonyms:\n  zorble: [gribble]\n  post: [letter]\n", "utf-8")
    said = [
        Pair("can I zorble it", "can I gribble it"),
        Pair("may I zorble men", "may I gribble men", same=False),
        Pair("my e-mail", "my email"),
    ]
    outcome = compare(said, Normalizer(), Normalizer([path]))
    assert (outcome.joined, outcome.confused, outcome.contexts) == ((said[0],), (said[1],), 1)


def test_a_trial_of_a_chain_is_an_error() -> None:
    with pytest.raises(LexiconError, match="chain"):
        attempt(Candidate("en", "synonyms", ("log", "in"), ("enter",)), [], Normalizer(), ())


def test_korean_words_are_learnt_too() -> None:
    frames = ("{} 언제 와요?", "{} 어디서 봐요?", "{} 얼마예요?")
    assert rules(suggest(pairs("물건", "상품", frames))) in (
        [("synonyms", "물건", "상품")],
        [("synonyms", "상품", "물건")],
    )
