"""What the tree does in single cases: equal hashes, tails, leases, scopes, and what goes first."""

from __future__ import annotations

from kvcache.grid import Block
from kvcache.nodes import NewBlock, Node
from kvcache.prefix_tree import PrefixTree, TreeRules
from kvcache.scopes import PUBLIC, Owner, Owners, owners


def _store(tree: PrefixTree, readers: Owners, *blocks: Block) -> None:
    lease = tree.lease(readers, blocks)
    for block in blocks[len(lease.nodes) :]:
        tree.extend(lease, NewBlock(block, len(block)))
    tree.release(lease)


def _found(tree: PrefixTree, readers: Owners, *blocks: Block) -> list[Node]:
    lease = tree.lease(readers, blocks)
    tree.release(lease)
    return lease.nodes


_A, _B, _ANN = owners("a"), owners("b"), owners("a", "ann")


def test_blocks_with_equal_hashes_are_told_apart() -> None:
    tree = PrefixTree(8)
    _store(tree, _A, (-1, -1))
    assert hash((-1, -1)) == hash((-2, -2))
    assert _found(tree, _A, (-2, -2)) == []


def test_a_tail_and_the_block_that_begins_with_it_are_two_blocks() -> None:
    tree = PrefixTree(8)
    _store(tree, _A, (1, 2))
    _store(tree, _A, (1, 2, 3))
    assert [[node.size for node in _found(tree, _A, block)] for block in ((1, 2), (1, 2, 3), (1,))] == [[2], [3], []]


def test_a_leased_block_is_never_evicted() -> None:
    tree = PrefixTree(1)
    reader = tree.lease(_A, [(1,)])
    tree.extend(reader, NewBlock((1,), 1))
    late = tree.lease(_A, [(2,)])
    assert tree.extend(late, NewBlock((2,), 1)) is None
    tree.release(reader)
    assert tree.extend(late, NewBlock((2,), 1)) is not None


def test_a_block_that_cannot_fit_evicts_nothing() -> None:
    tree = PrefixTree(3)
    _store(tree, _A, (1,))
    reader = tree.lease(_A, [(2,)])
    tree.extend(reader, NewBlock((2,), 1))
    assert tree.extend(tree.lease(_A, [(3, 3, 3)]), NewBlock((3, 3, 3), 3)) is None
    assert tree.occupancy.blocks == 2


def test_looking_is_no_use_and_moves_nothing_in_the_order() -> None:
    tree = PrefixTree(2)
    _store(tree, _A, (1,))
    _store(tree, _A, (2,))
    tree.release(tree.lease(_A, [(1,)], counts=False))
    _store(tree, _A, (3,))
    assert [len(_found(tree, _A, (token,))) for token in (1, 2, 3)] == [0, 1, 1]


def test_the_leaves_used_longest_ago_go_first_and_their_parent_stays() -> None:
    tree = PrefixTree(4)
    for leaf in (2, 3, 4):
        _store(tree, _A, (1,), (leaf,))
    _found(tree, _A, (1,), (2,))
    placed = tree.extend(tree.lease(_A, [(9, 9)]), NewBlock((9, 9), 2))
    assert placed is not None
    assert [node.key for node in placed.evicted] == [(3,), (4,)]
    assert len(_found(tree, _A, (1,), (2,))) == 2


def test_what_is_public_is_read_by_all_and_what_follows_it_by_its_own_tenant_and_user_alone() -> None:
    tree = PrefixTree(9)
    _store(tree, (PUBLIC,), (1,))
    _store(tree, _A, (1,), (2,))
    _store(tree, _ANN, (1,), (2,), (3,))
    found = {readers: len(_found(tree, readers, (1,), (2,), (3,))) for readers in (_ANN, _A, owners("a", "bob"), _B)}
    assert found == {_ANN: 3, _A: 2, owners("a", "bob"): 2, _B: 1}
    assert tree.occupancy.blocks == 3


def test_of_two_ways_through_the_scopes_the_longer_one_is_taken() -> None:
    tree = PrefixTree(9)
    _store(tree, _A, (1,), (2,), (3,))
    _store(tree, (PUBLIC,), (1,), (2,))
    assert [node.owner for node in _found(tree, _A, (1,), (2,), (3,))] == [Owner("a")] * 3
    assert [node.owner for node in _found(tree, _A, (1,), (2,))] == [PUBLIC] * 2


def test_a_scarce_second_is_worth_more_than_a_recent_use() -> None:
    tree = PrefixTree(20, TreeRules(half_life=100.0, clock=lambda: 0.0))
    for key, seconds in ((1, 5.0), *((key, 1.0) for key in range(2, 21))):
        lease = tree.lease(_A, [(key,)])
        tree.extend(lease, NewBlock((key,), 1, seconds))
        tree.release(lease)
    _store(tree, _A, (21,))
    assert _found(tree, _A, (1,))
    assert not _found(tree, _A, (2,))


def test_in_a_budget_that_turns_over_what_was_used_often_before_does_not_outlive_what_is_read_now() -> None:
    tree = PrefixTree(20, TreeRules(half_life=1e9, clock=lambda: 0.0))
    for _ in range(50):
        _store(tree, _A, (1,))
    for key in range(2, 60):
        _store(tree, _A, (key,))
    assert not _found(tree, _A, (1,))
