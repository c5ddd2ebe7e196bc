"""Answers as they come, plain and asynchronous."""

from __future__ import annotations

import asyncio

import pytest
from fakes import MakeBench

from semantic_cache import SamewiseError


def test_the_pieces_make_up_the_answer(make_bench: MakeBench) -> None:
    stream = make_bench().cache.stream("Where is the pool?")
    with pytest.raises(SamewiseError, match="not complete"):
        _ = stream.answer
    assert "".join(stream) == stream.answer.text == "You asked: Where is the pool?"
    assert list(stream) == []
    assert stream.answer.source == "model"


def test_a_stored_answer_streams_too(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add("Where is the pool?", "On the roof.")
    stream = bench.cache.stream("Where is the pool?")
    assert "".join(stream) == "On the roof."
    assert stream.answer.source == "exact"


def test_the_async_face_gives_the_same(make_bench: MakeBench) -> None:
    bench = make_bench()

    async def talk() -> tuple[str, str, str]:
        stream = bench.cache.astream("Where is the pool?")
        pieces = [piece async for piece in stream]
        again = await bench.cache.aask("Where is the pool?")
        return "".join(pieces), stream.answer.source, again.source

    assert asyncio.run(talk()) == ("You asked: Where is the pool?", "model", "exact")


def test_an_async_stream_can_be_left_half_way(make_bench: MakeBench) -> None:
    bench = make_bench()

    async def leave() -> None:
        stream = bench.cache.astream("Where is the pool?")
        await anext(stream)
        await stream.aclose()

    asyncio.run(leave())
    assert bench.cache.stats().entries == 0
    assert bench.cache.ask("Where is the pool?").source == "model"
