from pathlib import Path

import pytest

from semantic_cache.tuning import SHIPPED_PAIRS, LabelledPair, PairsFileError, read_pairs

HEADER = "question,other,same\n"


def written(folder: Path, text: str, name: str = "pairs.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_csv_file_gives_its_pairs_with_group_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, 'question,other,same,group\n"a, b?",c?,1,x\nd?,e?,0,\n')
    assert read_pairs(path) == (
        LabelledPair("a, b?", "c?", True, group="x", line=2),
        LabelledPair("d?", "e?", False, line=3),
    )


def test_a_tsv_file_with_a_byte_order_mark_and_word_labels_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffSame\tQuestion\tOther\nYes\ta\tb\nFALSE\tc\td\n", "pairs.tsv")
    assert [(pair.question, pair.other, pair.same) for pair in read_pairs(path)] == [
        ("a", "b", True),
        ("c", "d", False),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        (HEADER, "holds no pair"),
        ("question,same\na,1\n", "'other' is missing"),
        ("question,other,same,note\na,b,1,x\n", "'note'"),
        ("question,other,same,same\na,b,1,1\n", "'same' that is not used here, or has it twice"),
        (HEADER + "a,b,1\nc,d,maybe\n", "line 3, column 'same': 'maybe'"),
        (HEADER + "a,b,1\n ,d,0\n", "line 3, column 'question': no value"),
        (HEADER + "a,b,1\nc,d\n", "line 3, column 'same': no value"),
        (HEADER + "a,b,1\nc,d,0,5\n", "line 3: more values than columns"),
        (HEADER + "a,b,1\nc,d,1\n", "none of its 2 pairs is labelled 0"),
        (HEADER + "a,b,0\nc,d,0\n", "none of its 2 pairs is labelled 1"),
        (HEADER + "a,b,1\nc,d,0\nb,a,0\n", "line 4, column 'same': 'b' and 'a' have the other label on line 2"),
        (HEADER + 'a,b,1\n"c,d,0\n', "is not a table that can be read"),
        ("question,other,same,at\na,b,1,yesterday\nc,d,0,\n", "line 2, column 'at': 'yesterday' is no date"),
        ("question,other,same,at\na,b,1,2026-01-01\nc,d,0,\n", "line 3, column 'at': no time"),
    ],
)
def test_a_wrong_file_is_refused_with_file_line_column_and_value(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(PairsFileError) as caught:
        read_pairs(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_times_are_read_with_and_without_an_offset(tmp_path: Path) -> None:
    rows = "a,b,1,1970-01-02\nc,d,0,1970-01-02T01:00:00+01:00\n"
    pairs = read_pairs(written(tmp_path, "question,other,same,at\n" + rows))
    assert [pair.at for pair in pairs] == [86_400.0, 86_400.0]


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(HEADER.encode() + "환불,반품,1\n".encode("cp949"))
    with pytest.raises(PairsFileError, match="not UTF-8"):
        read_pairs(path)


def test_a_missing_file_and_an_unknown_ending_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PairsFileError, match=r"cannot be read: No such file"):
        read_pairs(tmp_path / "none.csv")
    with pytest.raises(PairsFileError, match=r"'\.xlsx' is neither"):
        read_pairs(tmp_path / "pairs.xlsx")


def test_the_shipped_pairs_are_many_balanced_and_grouped_by_topic() -> None:
    pairs = read_pairs(SHIPPED_PAIRS)
    languages = [pair.language for pair in pairs]
    assert len(pairs) >= 400
    assert 0.4 < sum(pair.same for pair in pairs) / len(pairs) < 0.6
    assert min(languages.count("en"), languages.count("ko")) >= 170
    assert min(languages.count(language) for language in ("ru", "pt", "es")) >= 20
    assert len({pair.group for pair in pairs}) >= 40
    assert all(pair.group and pair.question != pair.other for pair in pairs)


def test_no_shipped_text_stands_in_two_topics() -> None:
    topics: dict[str, set[str]] = {}
    for pair in read_pairs(SHIPPED_PAIRS):
        for text in (pair.question, pair.other):
            topics.setdefault(text, set()).add(pair.group)
    assert [text for text, groups in topics.items() if len(groups) > 1] == []
