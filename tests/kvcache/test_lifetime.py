"""What each lifetime lets a request read, keep and report."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache import Breakpoint, Breakpoints, ConfigError, KVCacheConfig, Lifetime, PromptError
from kvcache.lifetime import lifetime
from kvcache.prices import load_prices

_OPENAI, _ANTHROPIC = lifetime("openai"), lifetime("anthropic")
_NONE = Breakpoints()


@given(st.integers(0, 5000))
def test_openai_reports_whole_steps_of_128_from_1024_on(tokens: int) -> None:
    reported = _OPENAI.reported(tokens)
    assert reported == (0 if tokens < 1024 else 1024 + (tokens - 1024) // 128 * 128)
    assert lifetime("local").reported(tokens) == tokens


def test_azure_caches_as_openai_does() -> None:
    assert lifetime("azure") == _OPENAI
    assert (_OPENAI.idle_seconds, _OPENAI.most_seconds) == (300, 3600)


def test_a_prefix_below_the_minimum_is_neither_read_nor_kept() -> None:
    assert _OPENAI.readable([512, 1023], [False, False], _NONE) == 0
    assert _OPENAI.readable([512, 1024], [False, False], _NONE) == 2
    assert _OPENAI.kept_until(1023, _NONE) == 0
    assert _OPENAI.kept_until(1024, _NONE) == 1024


def test_with_explicit_breakpoints_what_ends_at_one_is_kept_from_the_minimum_on() -> None:
    points = Breakpoints((Breakpoint(900), Breakpoint(2000)))
    assert _ANTHROPIC.kept_until(3000, points) == 2000
    assert _ANTHROPIC.kept_until(3000, Breakpoints((Breakpoint(900),))) == 0
    assert _ANTHROPIC.kept_until(3000, _NONE) == 0


def test_reading_walks_back_over_twenty_content_blocks_and_no_further() -> None:
    ends = tuple(range(1100, 1125))
    for written, count in ((1105, 1), (1104, 0)):
        points = Breakpoints((Breakpoint(1124),), ends)
        assert _ANTHROPIC.readable([written], [True], points) == count


def test_what_no_breakpoint_has_written_is_not_read_under_explicit_ones() -> None:
    points = Breakpoints((Breakpoint(2000),))
    assert _ANTHROPIC.readable([1500, 2000], [False, False], points) == 0
    assert _ANTHROPIC.readable([1500, 2000], [False, True], points) == 2


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (Breakpoints(tuple(Breakpoint(end) for end in range(1, 6))), "5 breakpoints; the most is 4"),
        (Breakpoints((Breakpoint(1, 60.0),)), "60.0 seconds"),
        (Breakpoints((Breakpoint(1), Breakpoint(2, 3600.0))), "longer must come first"),
    ],
)
def test_breakpoints_that_the_provider_refuses_are_refused(points: Breakpoints, words: str) -> None:
    with pytest.raises(PromptError, match=words):
        _ANTHROPIC.check(points)


def test_breakpoints_that_it_takes_are_taken() -> None:
    _ANTHROPIC.check(Breakpoints((Breakpoint(1, 3600.0), Breakpoint(2), Breakpoint(3), Breakpoint(4))))
    Lifetime().check(Breakpoints(tuple(Breakpoint(end, 7.0) for end in range(1, 9))))


@pytest.mark.parametrize(
    ("model", "minimum"),
    [
        ("claude-opus-4-5-20251101", 4096),
        ("claude-haiku-4-5", 4096),
        ("claude-sonnet-4-20250514", 1024),
        ("claude-3-haiku-20240307", 2048),
    ],
)
def test_the_minimum_of_anthropic_is_that_of_the_model(model: str, minimum: int) -> None:
    assert Lifetime.anthropic(model).min_tokens == minimum


def test_a_model_without_a_known_minimum_asks_for_one() -> None:
    with pytest.raises(ConfigError, match=r"'gpt-4o'.*Lifetime.anthropic\(model, min_tokens=…\)"):
        Lifetime.anthropic("gpt-4o")
    with pytest.raises(ConfigError, match="min_tokens is -1"):
        Lifetime.anthropic("gpt-4o", min_tokens=-1)


def test_every_model_with_a_price_has_a_minimum_or_takes_one() -> None:
    docstring = Lifetime.anthropic.__doc__
    assert docstring is not None
    for name in (name for name in load_prices() if name.startswith("claude")):
        if name in docstring:
            with pytest.raises(ConfigError, match=f"'{name}'"):
                Lifetime.anthropic(name)
        else:
            assert Lifetime.anthropic(name).min_tokens >= 512
        assert Lifetime.anthropic(name, min_tokens=700) == replace(_ANTHROPIC, min_tokens=700)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("min_tokens", -1),
        ("step", 0),
        ("idle_seconds", 0),
        ("idle_seconds", float("inf")),
        ("most_seconds", float("nan")),
        ("most_seconds", -1.0),
        ("most_seconds", 1e10),
        ("lookback", True),
        ("explicit", "no"),
        ("most_breakpoints", "x"),
        ("most_breakpoints", -1),
        ("ttls", 5),
        ("ttls", (300.0, float("inf"))),
        ("ttls", (True,)),
    ],
)
def test_a_rule_outside_its_range_is_refused_by_name_and_value(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"{field} is {value!r}; give ")):
        Lifetime(**{field: value})  # type: ignore[arg-type]


def test_a_config_takes_a_preset_by_name_or_a_lifetime_by_hand() -> None:
    assert lifetime(KVCacheConfig(lifetime="openai").lifetime) is _OPENAI
    mine = Lifetime(min_tokens=16, idle_seconds=5)
    assert lifetime(KVCacheConfig(lifetime=mine).lifetime) is mine
    with pytest.raises(ConfigError, match=r"lifetime is 'forever'.*local, openai, azure, anthropic"):
        KVCacheConfig(lifetime="forever")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"lifetime is \[\]"):
        KVCacheConfig(lifetime=[])  # type: ignore[arg-type]
