"""A new file is there whole, or not at all, and never in the place of another."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from storage import StoreFullError, StoreValueError, UnwritableError
from storage.upkeep.new_file import new_file


def test_it_is_there_when_the_block_ends_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with new_file(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_nothing_is_done_where_there_is_a_file_already(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("nowhere")
    with pytest.raises(StoreValueError, match="is there already"), new_file(tmp_path / "a.txt"):
        pytest.fail("the work was begun in vain")
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_file_that_another_made_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(StoreValueError, match="is there already"), new_file(path) as temporary:
        temporary.write_text("mine")
        path.write_text("theirs")
    assert path.read_text() == "theirs"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, StoreFullError), (errno.EFBIG, StoreFullError), (errno.EROFS, UnwritableError)],
)
def test_an_error_of_the_disk_names_the_file_and_leaves_nothing(
    tmp_path: Path, number: int, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=r"a\.txt: "), new_file(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        raise OSError(number, os.strerror(number))
    assert os.listdir(tmp_path) == []
