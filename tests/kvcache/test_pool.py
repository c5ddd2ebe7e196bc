"""Idle buffers: which one a request gets, what it holds in place, and which go when there is no room."""

from __future__ import annotations

import pytest

from kvcache.layer import GrowingCache
from kvcache.nodes import NewBlock, Node
from kvcache.pool import BufferPool
from kvcache.scopes import Owner


def _nodes(count: int) -> list[Node]:
    return [Node(Owner("a"), NewBlock((index,), 1), None, index) for index in range(count)]


def _buffer(capacity: int) -> GrowingCache:
    return GrowingCache(layers=1, capacity=capacity)


def test_a_buffer_is_found_by_the_blocks_it_begins_with_and_leaves_the_pool() -> None:
    pool, nodes, buffer = BufferPool(100, 1), _nodes(4), _buffer(10)
    pool.give(buffer, nodes)
    assert pool.held_bytes == 10
    assert pool.take(nodes[:3], 10) == (buffer, 3)
    assert pool.held_bytes == 0
    assert pool.take(nodes, 1) is None


def test_equal_blocks_that_are_not_the_same_do_not_count() -> None:
    pool = BufferPool(10, 1)
    pool.give(buffer := _buffer(10), _nodes(2))
    assert pool.take(_nodes(2), 10) == (buffer, 0)


def test_the_buffer_that_holds_most_of_the_prefix_is_taken() -> None:
    pool, nodes = BufferPool(100, 1), _nodes(4)
    short, long = _buffer(10), _buffer(10)
    pool.give(long, nodes[:3])
    pool.give(short, nodes[:1])
    assert pool.take(nodes, 10) == (long, 3)


def test_a_buffer_too_small_is_left_alone() -> None:
    pool, nodes = BufferPool(100, 1), _nodes(2)
    pool.give(_buffer(10), nodes)
    assert pool.take(nodes, 11) is None


def test_while_there_is_room_another_prefix_gets_a_buffer_of_its_own() -> None:
    pool, first, second = BufferPool(20, 1), _nodes(2), _nodes(2)
    pool.give(mine := _buffer(10), first)
    assert pool.take(second, 10) is None
    pool.give(_buffer(10), second)
    assert pool.take(first, 10) == (mine, 2)


def test_a_prefix_that_shares_little_does_not_cost_another_its_place() -> None:
    pool, nodes = BufferPool(20, 1), _nodes(5)
    pool.give(buffer := _buffer(10), nodes)
    assert pool.take(nodes[:2], 10) is None
    assert pool.take(nodes[:3], 10) == (buffer, 3)


def test_without_room_the_least_recently_used_is_overwritten_and_says_what_of_it_still_holds() -> None:
    pool, nodes, other = BufferPool(20, 1), _nodes(4), _nodes(1)
    pool.give(oldest := _buffer(10), nodes)
    pool.give(_buffer(10), other)
    assert pool.take(nodes[:1], 10) == (oldest, 1)


def test_the_budget_is_never_exceeded_and_the_oldest_goes_first() -> None:
    pool, paths = BufferPool(25, 1), [_nodes(1) for _ in range(4)]
    for path in paths:
        pool.give(_buffer(10), path)
        assert pool.held_bytes <= 25
    assert [(pool.take(path, 10) or (None, 0))[1] for path in (paths[3], paths[2])] == [1, 1]
    pool.give(_buffer(26), paths[0])
    assert pool.held_bytes == 0


@pytest.mark.parametrize(("dropped", "held"), [(1, 1), (2, 2)])
def test_blocks_that_are_kept_no_more_do_not_count_even_while_a_buffer_waits(dropped: int, held: int) -> None:
    pool, nodes = BufferPool(10, 1), _nodes(3)
    pool.give(buffer := _buffer(10), nodes)
    nodes[dropped].dropped = True
    assert pool.take(nodes, 10) == (buffer, held)


def test_a_buffer_whose_first_block_is_gone_is_not_kept() -> None:
    pool, nodes = BufferPool(10, 1), _nodes(2)
    pool.give(_buffer(10), nodes)
    nodes[0].dropped = True
    pool.forget_dropped()
    assert pool.held_bytes == 0
    pool.give(_buffer(10), nodes)
    pool.give(_buffer(10), [])
    assert pool.held_bytes == 0
