"""Answers as they come, plain and asynchronous."""

from __future__ import annotations

import asyncio
import threading

import pytest
from fakes import EchoGenerator, MakeBench

from semantic_cache import SamewiseError
from semantic_cache.errors import GenerationError


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


def test_more_who_wait_than_there_are_threads_do_not_stop_the_one_who_leads(make_bench: MakeBench) -> None:
    bench = make_bench()

    async def crowd() -> list[str]:
        async def one() -> str:
            return "".join([piece async for piece in bench.cache.astream("Where is the pool?")])

        return await asyncio.wait_for(asyncio.gather(*(one() for _ in range(200))), timeout=60)

    assert set(asyncio.run(crowd())) == {"You asked: Where is the pool?"}
    assert len(bench.generator.prompts) == 1


def test_an_error_reaches_who_reads_the_async_stream(make_bench: MakeBench) -> None:
    bench = make_bench(generator=EchoGenerator(broken=True))

    async def read() -> None:
        async for _ in bench.cache.astream("Where is the pool?"):
            pass

    with pytest.raises(GenerationError, match="broken"):
        asyncio.run(read())


def test_an_async_stream_can_be_left_half_way(make_bench: MakeBench) -> None:
    pause = threading.Event()
    bench = make_bench(generator=EchoGenerator(pause=pause))

    async def leave() -> None:
        stream = bench.cache.astream("Where is the pool?")
        await anext(stream)
        leaving = asyncio.create_task(stream.aclose())
        await asyncio.sleep(0)  # lets the leaving begin
        pause.set()
        await leaving
        await stream.aclose()
        assert [piece async for piece in stream] == []

    asyncio.run(leave())
    assert bench.cache.stats().entries == 0
    assert bench.cache.ask("Where is the pool?").source == "model"
