"""The journal: what was added is read, what was torn or changed is not, and others can follow."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache.tiers.journal import Journal, Line


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[str], Journal]]:
    """Opens journals by name, and closes them."""
    with ExitStack() as stack:

        def open_one(name: str) -> Journal:
            journal = Journal(tmp_path / name)
            stack.callback(journal.close)
            return journal

        yield open_one


_LINES: list[Line] = [{"put": {"path": "ab", "size": 7}}, {"drop": "ab"}, {"use": ["cd", 1.5, None]}]


def test_what_was_added_is_read_again_and_only_once(opened: Callable[[str], Journal]) -> None:
    journal, other = opened("j"), opened("j")
    assert other.read() == ([], False)
    journal.append(_LINES[:2])
    assert other.read() == (_LINES[:2], True)
    assert other.read() == ([], False)
    journal.append(_LINES[2:])
    assert other.read() == (_LINES[2:], False)
    assert other.lines == journal.lines == 3


def test_a_journal_written_anew_is_read_from_its_beginning_however_often_that_happens(
    tmp_path: Path, opened: Callable[[str], Journal]
) -> None:
    journal, other = opened("j"), opened("j")
    journal.append(_LINES * 5)
    other.read()
    for _ in range(3):  # twice is enough for a system to give the first file's number to the third
        journal.rewrite(_LINES[:1])
        journal.rewrite(_LINES[1:])
        assert other.read() == (_LINES[1:], True)
    (tmp_path / "j").unlink()
    assert other.read() == ([], True)
    assert other.read() == ([], False)


@given(data=st.data())
def test_a_changed_byte_costs_the_lines_it_is_in_and_no_others(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("journal") / "j"
    Journal(path).append(_LINES)
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    line = content[:at].count(b"\n"[0])
    was_newline = path.read_bytes()[at : at + 1] == b"\n"
    path.write_bytes(bytes(content))
    with closing(Journal(path)) as journal:
        entries, _ = journal.read()
    lost = {line, line + 1} if was_newline else {line}
    assert entries == [entry for number, entry in enumerate(_LINES) if number not in lost]
    assert journal.bad_lines >= (1 if line < 2 or not was_newline else 0)


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_half_a_line_at_the_end_is_left_until_the_rest_of_it_comes(
    tmp_path: Path, opened: Callable[[str], Journal], cut: int
) -> None:
    path = tmp_path / "j"
    Journal(path).append(_LINES)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    journal = opened("j")
    assert journal.read() == (_LINES[:2], True)
    assert journal.bad_lines == 0
    with path.open("ab") as file:
        file.write(whole[-cut:])
    assert journal.read() == (_LINES[2:], False)


def test_only_the_owner_may_read_it_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Journal(tmp_path / "a").append(_LINES)
        Journal(tmp_path / "b").rewrite(_LINES)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_without_room_nothing_is_added_and_the_old_lines_stand(
    tmp_path: Path, opened: Callable[[str], Journal]
) -> None:
    journal = Journal(tmp_path / "j")
    journal.append(_LINES)
    size = (tmp_path / "j").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            journal.append(_LINES)
        with pytest.raises(OSError, match="too large"):
            journal.rewrite(_LINES * 9)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.iterdir()] == ["j"]
    assert opened("j").read() == (_LINES, True)
    journal.append(_LINES)
    assert opened("j").read()[0] == _LINES * 2
