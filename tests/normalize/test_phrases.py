"""Phrase tables: the longest match, left to right, once."""

from normalize.phrases import Finder, Frame, FrameTable, Phrase, PhraseTable
from normalize.question import Step

TABLE = PhraseTable(
    [
        Phrase(("log",), ("record",), "short"),
        Phrase(("log", "in"), ("enter",), "long"),
        Phrase(("record",), ("disc",), "never applied to what was put in"),
    ]
)


def test_the_longest_phrase_wins_and_what_it_puts_in_is_not_searched() -> None:
    steps: list[Step] = []
    assert TABLE.rewrite(["log", "in", "or", "log"], steps) == ["enter", "or", "record"]
    assert steps == [Step("long", "log in", "enter"), Step("short", "log", "record")]


def test_a_phrase_at_the_end_is_found_only_there() -> None:
    found = TABLE.ending(["please", "log", "in"])
    assert found is not None
    assert found.rule == "long"
    assert TABLE.ending(["log", "in", "please"]) is None


def test_a_frame_needs_words_in_its_slot() -> None:
    frame = Frame(("how", "much", "does"), ("cost",), ("price", "of"), (), asks_next=False, rule="price")
    table = FrameTable([frame], frozenset())
    assert table.find(["how", "much", "does", "cost"]) is None
    assert table.find(["how", "much", "does", "it", "cost"]) is frame
    assert frame.apply(["how", "much", "does", "it", "cost"]) == ["price", "of", "it"]


def test_the_most_specific_frame_wins() -> None:
    wide = Frame(("tell", "me"), (), (), (), asks_next=True, rule="wide")
    narrow = Frame(("tell", "me", "how"), ("works",), ("how",), (), asks_next=False, rule="narrow")
    table = FrameTable([wide, narrow], frozenset({"how"}))
    assert table.find(["tell", "me", "how", "it", "works"]) is narrow
    assert table.find(["tell", "me", "how", "it", "is"]) is wide
    assert table.find(["tell", "me", "it", "is"]) is None


def test_a_finder_knows_phrases_and_beginnings() -> None:
    finder = Finder([(("next", "week"), "next week"), (("오늘*",), "today"), (("week",), "week")])
    assert finder.labels(["next", "week", "오늘은", "week", "늘"]) == ["next week", "today", "week"]
