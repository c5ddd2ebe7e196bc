"""One record in each provider's words: the numbers add up, whatever was read, written and marked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache import Breakpoint, Breakpoints, KVCacheConfig, Lifetime, LocalModel, PromptError, Usage
from kvcache.accounting import Totals, anthropic_usage, chat_usage, responses_usage, written

_USAGE = Usage(prompt_tokens=1300, cached_tokens=900, completion_tokens=50, written_tokens=400)


def _points(*places: int, hours: int = 0) -> Breakpoints:
    """Breakpoints at these places, the first `hours` of which stay an hour and the others five minutes."""
    return Breakpoints(tuple(Breakpoint(place, 3600.0 if at < hours else 300.0) for at, place in enumerate(places)))


def test_openai_counts_the_whole_prompt_and_names_parts_of_it() -> None:
    assert chat_usage(_USAGE) == {
        "prompt_tokens": 1300,
        "completion_tokens": 50,
        "total_tokens": 1350,
        "prompt_tokens_details": {"cached_tokens": 900, "cache_write_tokens": 400},
    }
    assert responses_usage(_USAGE) == {
        "input_tokens": 1300,
        "output_tokens": 50,
        "total_tokens": 1350,
        "input_tokens_details": {"cached_tokens": 900, "cache_write_tokens": 400},
    }


def test_anthropic_counts_as_input_only_what_comes_after_the_last_breakpoint() -> None:
    assert anthropic_usage(_USAGE, _points(1200)) == {
        "input_tokens": 100,
        "cache_creation_input_tokens": 300,
        "cache_read_input_tokens": 900,
        "cache_creation": {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 50,
    }


def test_what_is_written_divides_by_the_breakpoint_that_covers_it() -> None:
    usage = Usage(1300, 200, 5, 1000)
    split = written(usage, _points(100, 700, 1200, hours=2))
    assert (split.one_hour, split.five_minutes) == (500, 500)


def test_without_breakpoints_nothing_is_cached_in_anthropics_words_and_all_when_the_cache_chose() -> None:
    none = anthropic_usage(_USAGE, Breakpoints())
    assert (none["input_tokens"], none["cache_read_input_tokens"]) == (1300, 0)
    automatic = anthropic_usage(_USAGE)
    assert (automatic["input_tokens"], automatic["cache_creation_input_tokens"]) == (0, 400)


@given(st.data())
def test_the_three_counts_of_input_always_add_up_to_the_prompt(data: st.DataObject) -> None:
    prompt = data.draw(st.integers(1, 5000))
    cached = data.draw(st.integers(0, prompt))
    usage = Usage(prompt, cached, 1, data.draw(st.integers(0, prompt - cached)))
    places = sorted(data.draw(st.sets(st.integers(1, prompt), max_size=4)))
    hours = data.draw(st.integers(0, len(places)))
    found = anthropic_usage(usage, _points(*places, hours=hours))
    parts = [found["input_tokens"], found["cache_creation_input_tokens"], found["cache_read_input_tokens"]]
    assert sum(parts) == prompt
    assert min(parts) >= 0
    assert sum(found["cache_creation"].values()) == found["cache_creation_input_tokens"]  # type: ignore[arg-type]
    assert found["input_tokens"] == prompt - (places[-1] if places else 0)


_FEW_BACK = Lifetime(min_tokens=16, idle_seconds=300, explicit=True, lookback=2)


def _explicit(folder: Path, life: Lifetime = _FEW_BACK) -> LocalModel:
    config = KVCacheConfig(max_bytes=1 << 20, block_tokens=16, lifetime=life, read_answers=False)
    return LocalModel.load(folder, cache=config)


def _counts(usage: Usage, points: Breakpoints) -> tuple[int, int, int]:
    found = anthropic_usage(usage, points)
    return found["input_tokens"], found["cache_creation_input_tokens"], found["cache_read_input_tokens"]


def test_what_is_kept_too_far_back_is_written_again_in_anthropics_words(tiny_folder: Path) -> None:
    model, ids = _explicit(tiny_folder), [index * 7 % 250 for index in range(170)]
    model.generate(ids[:50], max_tokens=1, breakpoints=Breakpoints((Breakpoint(40),), (40,)))
    points = Breakpoints((Breakpoint(160),), (40, 80, 120, 160))
    asked = model.generate(ids, max_tokens=1, breakpoints=points)
    assert asked.miss is not None
    assert asked.miss.cause == "lookback"
    assert _counts(asked.usage, points) == (10, 160, 0)
    again = model.generate(ids, max_tokens=1, breakpoints=points)
    assert _counts(again.usage, points) == (10, 0, 160)


def test_requests_at_once_all_say_that_they_wrote_what_one_of_them_computed(tiny_folder: Path) -> None:
    model, ids = _explicit(tiny_folder), [index * 7 % 250 for index in range(170)]
    points = Breakpoints((Breakpoint(160),))
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: model.generate(ids, max_tokens=1, breakpoints=points), range(8)))
    assert {_counts(each.usage, points) for each in asked} <= {(10, 160, 0), (10, 0, 160)}


def test_what_the_lifetime_or_the_budget_does_not_keep_is_input_in_anthropics_words(tiny_folder: Path) -> None:
    model, ids = _explicit(tiny_folder), [index * 7 % 250 for index in range(170)]
    below, both = Breakpoints((Breakpoint(8),)), Breakpoints((Breakpoint(8), Breakpoint(20)))
    assert _counts(model.generate(ids, max_tokens=1, breakpoints=below).usage, below) == (170, 0, 0)
    assert _counts(model.generate(ids, max_tokens=1, breakpoints=both).usage, both) == (150, 20, 0)
    assert _counts(model.generate(ids, max_tokens=1, cache=False, breakpoints=both).usage, both) == (170, 0, 0)
    model.cache.fits = lambda blocks: False  # type: ignore[method-assign]
    large = Breakpoints((Breakpoint(160),))
    assert _counts(model.generate(ids, max_tokens=1, breakpoints=large).usage, large) == (170, 0, 0)


def test_a_breakpoint_that_stays_longer_covers_what_comes_before_it_too() -> None:
    split = written(Usage(1000, 0, 5, 1000), Breakpoints((Breakpoint(400), Breakpoint(900, 3600.0))))
    assert (split.one_hour, split.five_minutes) == (900, 0)


def test_a_breakpoint_behind_the_prompt_is_refused() -> None:
    with pytest.raises(PromptError, match="1301, but the prompt has 1300 tokens"):
        written(_USAGE, _points(1301))


def test_time_saved_is_what_the_read_tokens_would_have_taken_at_the_speed_of_the_others() -> None:
    totals = Totals().plus(Usage(1000, 0, 9, 1000), 2.0).plus(Usage(1000, 900, 9, 100), 0.2)
    assert totals.requests == 2
    assert totals.seconds_saved == pytest.approx(900 * 2.2 / 1100)
    assert totals.usage == Usage(2000, 900, 18, 1100)
    assert Totals().seconds_saved == 0.0
