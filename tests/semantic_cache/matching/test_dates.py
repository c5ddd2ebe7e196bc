"""Days, months and times of day that two questions must share."""

from __future__ import annotations

import pytest
from sides import side

from semantic_cache.matching import veto
from semantic_cache.matching.dates import dates_differ, lone_dates


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Are you open on Monday?", "What are your Tuesday hours?"),
        ("Quanto custa viajar em maio?", "preço da viagem em junho"),
        ("Is the desk staffed at 9:00?", "Who is there at 10:30?"),
        ("토요일에 영업하나요?", "일요일 영업시간 알려줘"),
        ("평일 주차 요금", "주말에 차를 대면 얼마예요?"),
        ("Meet me at noon", "Can we talk at 3 pm?"),
        ("Is the pool open at noon?", "May I swim there at midnight?"),
    ],
)
def test_two_of_one_kind_are_refused_in_any_words(one: str, other: str) -> None:
    for asked, stored in ((side(one), side(other)), (side(other), side(one))):
        assert (dates_differ(asked, stored) or "").startswith("dates differ")
        assert veto(asked, stored, verified=True, read=True) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("도시가스 점검을 주말에도 받나요?", "가정용 도시가스 토요일 방문 점검"),
        ("세탁이 일곱 시에 끝나게 해", "빨래를 저녁 7시까지 마쳐 줘"),
        ("What is it in New York when it's noon in London?", "12:00 in the UK capital, hour in NYC"),
        ("Wake me at 7:00 from Monday to Friday", "daily alarm 07:00"),
        ("Are you open on Mondays?", "opening hours, 24/12/2025"),
    ],
)
def test_what_may_be_two_ways_to_say_one_is_left_to_the_verifier(one: str, other: str) -> None:
    assert dates_differ(side(one), side(other)) is None
    assert dates_differ(side(other), side(one)) is None


def test_one_that_the_other_side_does_not_say_is_weighed_and_refused_in_nearly_the_same_words() -> None:
    for here, there in (("7 am", "7 pm"), ("9:00", "21:00"), ("noon", "midnight")):
        asked, stored = side(f"Is the store open at {here}?"), side(f"Is the store open at {there}?")
        assert lone_dates(asked, stored) is not None
        assert veto(asked, stored, verified=True, read=True) is not None
        assert veto(stored, asked, verified=True, read=True) is not None
    longer, shorter = side("Is the store open at 9 am to 9 pm?"), side("Is the store open at 9 am?")
    assert veto(longer, shorter, verified=True) is not None
    assert veto(longer, shorter, verified=True, read=True) is None
    one, other = side("Are you open on Saturday?"), side("Are you open on the weekend?")
    weekend = side("주말에 영업하나요?")
    saturday = side("토요일에 영업하나요?")
    assert lone_dates(saturday, weekend) is not None
    assert veto(saturday, weekend, verified=True, read=True) is not None
    assert lone_dates(one, other) is not None
    assert lone_dates(side("Is it 12:00?"), side("Is it noon?")) is None
