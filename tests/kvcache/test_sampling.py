"""Which sampling parameters are accepted."""

from __future__ import annotations

import pytest

from kvcache import Sampling, SamplingError


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_tokens", 0),
        ("max_tokens", 2.0),
        ("max_tokens", True),
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("temperature", 101),
        ("temperature", "hot"),
        ("top_p", 0),
        ("top_p", 1.1),
        ("top_p", None),
        ("seed", -1),
        ("seed", 2**63),
        ("seed", 1.0),
    ],
)
def test_a_parameter_outside_its_range_is_refused_by_name_and_value(field: str, value: object) -> None:
    with pytest.raises(SamplingError, match=rf"{field} is {value!r}"):
        Sampling(**{field: value})  # type: ignore[arg-type]


def test_the_ends_of_the_ranges_are_accepted() -> None:
    assert Sampling(max_tokens=1, temperature=100, top_p=1, seed=0).temperature == 100
