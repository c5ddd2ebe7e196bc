"""Prices from a file, and what a request costs with and without a cache."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from kvcache import Breakpoint, Breakpoints, ConfigError, Usage
from kvcache.prices import Prices, cost, load_prices

_TEN = Prices("m", 10.0, 1.0, 50.0, datetime.date(2026, 1, 1), "here", {"5m": 12.5, "1h": 20.0})


def test_each_part_is_charged_at_its_own_price() -> None:
    usage = Usage(1_000_000, 500_000, 100_000, 300_000)
    found = cost(usage, _TEN, Breakpoints((Breakpoint(600_000, 3600.0), Breakpoint(700_000))))
    assert (found.input, found.written, found.read, found.output) == pytest.approx((3.0, 2.0 + 1.25, 0.5, 5.0))
    assert found.without_cache == pytest.approx(15.0)
    assert found.saved == pytest.approx(15.0 - 11.75)


def test_a_first_request_costs_more_with_a_cache_and_the_second_less() -> None:
    first, second = Usage(1000, 0, 0, 1000), Usage(1000, 1000, 0, 0)
    assert cost(first, _TEN).saved < 0
    assert cost(first, _TEN).saved + cost(second, _TEN).saved > 0


def test_writing_costs_nothing_more_where_no_price_for_it_is_stated() -> None:
    plain = Prices("m", 10.0, 1.0, 50.0, datetime.date(2026, 1, 1), "here")
    assert cost(Usage(1000, 0, 0, 1000), plain).saved == pytest.approx(0.0)
    assert plain.write("1h") == 10.0
    assert Prices("m", 1.0, 1.0, 1.0, datetime.date(2026, 1, 1), "here", {"30m": 1.25}).write("5m") == 1.25


def test_every_bundled_price_has_a_source_and_reading_is_never_dearer_than_computing() -> None:
    bundled = load_prices()
    assert {"claude-opus-5", "claude-haiku-4-5", "gpt-6-sol", "gpt-4.1-mini"} <= bundled.keys()
    for prices in bundled.values():
        assert prices.source.startswith("https://")
        assert prices.date <= datetime.date(2026, 11, 21)
        assert 0 < prices.read < prices.input < prices.output
        assert all(amount > prices.input for amount in prices.writes.values())
        if prices.name.startswith("claude"):
            assert prices.writes == pytest.approx({"5m": 1.25 * prices.input, "1h": 2 * prices.input})


def test_prices_of_ones_own_are_added_and_take_the_place_of_bundled_ones(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    table = '[[models]]\nname = "{}"\ninput = 1\nread = 0\noutput = 2\ndate = 2026-01-02\nsource = "contract"\n'
    mine.write_text(table.format("house") + table.format("claude-opus-5"))
    found = load_prices(mine)
    assert found["house"].output == 2
    assert found["claude-opus-5"].source == "contract"
    assert found["claude-haiku-4-5"].input == 1.0


_GOOD = 'name = "m"\ninput = 1\nread = 0\noutput = 2\ndate = 2026-01-02\nsource = "s"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[models", "cannot be read"),
        ("a = 1", r"has no \[\[models\]\]"),
        ("[[models]]\n" + _GOOD.replace("read = 0\n", ""), "model 1: read is missing"),
        ("[[models]]\n" + _GOOD + "tax = 1\n", "tax is missing or unknown"),
        ("[[models]]\n" + _GOOD.replace("read = 0", "read = -1"), "read is -1"),
        ("[[models]]\n" + _GOOD.replace("read = 0", "read = true"), "read is True"),
        ("[[models]]\n" + _GOOD.replace("read = 0", "read = nan"), "read is nan"),
        ("[[models]]\n" + _GOOD + 'writes = { "2h" = 1 }\n', "2h is 1"),
        ("[[models]]\n" + _GOOD + "writes = 3\n", "writes is 3"),
        ("[[models]]\n" + _GOOD.replace("2026-01-02", '"today"'), "date a day"),
    ],
)
def test_a_price_file_that_cannot_be_used_is_refused_by_place(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        load_prices(path)


def test_a_price_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_prices(tmp_path / "none.toml")
