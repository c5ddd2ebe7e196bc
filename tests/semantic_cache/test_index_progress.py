"""A large index in the making is seen on standard error, and a small one is not."""

from __future__ import annotations

import pytest

from semantic_cache.index_progress import IndexProgress


def test_a_large_index_is_seen_on_standard_error_and_the_bar_is_gone_when_it_is_done(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    progress = IndexProgress()
    progress(50_000, 200_000)
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "25%" in printed.err
    progress(200_000, 200_000)
    assert progress._bar is None
    progress(0, 400_000)
    progress.stop()
    progress.stop()
    assert progress._bar is None


def test_an_index_that_is_done_in_a_moment_shows_no_bar(capfd: pytest.CaptureFixture[str]) -> None:
    progress = IndexProgress()
    for done in (0, 20_000):
        progress(done, 20_000)
    assert capfd.readouterr().err == ""
