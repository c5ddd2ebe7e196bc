"""Phrase tables: the longest match, left to right, once."""

from normalize.phrases import Finder, Frame, FrameTable, Pattern, Phrase, PhraseTable
from normalize.question import Step

PRICE = Frame(Pattern((("how", "much", "does"), ("cost",)), ("x",)), Pattern((("price", "of"), ()), ("x",)), "price")
APART = Frame(Pattern((("apart",), ("and",), ()), ("a", "b")), Pattern((("between",), ("/",), ()), ("a", "b")), "apart")
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
    table = FrameTable([PRICE])
    assert table.rewritten(["how", "much", "does", "cost"]) is None
    assert table.rewritten(["how", "much", "does", "it", "cost"]) == (PRICE, ["price", "of", "it"])
    assert PRICE.step() == Step("price", "how much does … cost", "price of … ")


def test_the_most_specific_frame_wins() -> None:
    wide = Frame(Pattern((("tell", "me"), ()), ("q",)), Pattern(((), ()), ("q",)), "wide")
    narrow = Frame(Pattern((("tell", "me", "how"), ("works",)), ("x",)), Pattern((("how",), ()), ("x",)), "narrow")
    table = FrameTable([wide, narrow], frozenset({"how"}))
    assert table.rewritten(["tell", "me", "how", "it", "works"]) == (narrow, ["how", "it"])
    assert table.rewritten(["tell", "me", "how", "it", "is"]) == (wide, ["how", "it", "is"])
    assert table.rewritten(["tell", "me", "it", "is"]) is None


def test_two_slots_keep_their_order() -> None:
    frame = Frame(
        Pattern((("swap",), ("for",), ()), ("x", "y")), Pattern((("give",), ("take",), ()), ("y", "x")), "swap"
    )
    found = FrameTable([frame]).rewritten(["swap", "old", "shoes", "for", "boots"])
    assert found == (frame, ["give", "boots", "take", "old", "shoes"])


def test_two_slots_are_left_alone_where_the_words_between_them_stand_twice() -> None:
    assert FrameTable([APART]).rewritten(["apart", "x", "and", "y", "and", "z"]) is None
    assert FrameTable([APART]).rewritten(["apart", "and", "c"]) is None
    assert FrameTable([APART]).rewritten(["apart", "c", "and"]) is None


def test_symmetric_slots_may_change_places_and_hold_single_things_only() -> None:
    table = FrameTable([APART], borders=frozenset({"the", "in"}))
    expected = (APART, ["between", "cats", "/", "the", "dog"])
    assert table.rewritten(["apart", "the", "dog", "and", "cats"]) == expected
    assert table.rewritten(["apart", "cats", "and", "the", "dog"]) == expected
    assert table.rewritten(["apart", "cats", "and", "dogs", "in", "rome"]) is None
    assert table.rewritten(["apart", "cats", ",", "rats", "and", "dogs"]) is None


def test_a_slot_for_verbs_in_ing_takes_no_other() -> None:
    frame = Frame(Pattern((("help", "with"), ()), ("ing",)), Pattern((("help",), ()), ("ing",)), "help")
    assert FrameTable([frame]).rewritten(["help", "with", "paying"]) == (frame, ["help", "paying"])
    assert FrameTable([frame]).rewritten(["help", "with", "math"]) is None


def test_a_finder_knows_phrases_and_beginnings() -> None:
    finder = Finder([(("next", "week"), "next week"), (("오늘*",), "today"), (("week",), "week")])
    assert finder.labels(["next", "week", "오늘은", "week", "늘"]) == ["next week", "today", "week"]
