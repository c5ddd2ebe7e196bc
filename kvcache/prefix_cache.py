"""Kept prefixes with their attention states: match → lease → insert → release, for many threads and owners."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import accumulate
from typing import TYPE_CHECKING

from kvcache.below import Below
from kvcache.breakpoints import Breakpoints
from kvcache.clearings import Clearings
from kvcache.config import KVCacheConfig
from kvcache.grid import Block, Grid
from kvcache.kept import Kept
from kvcache.kept_tree import KeptTree
from kvcache.leases import NO_POINTS, Computed, PrefixLease
from kvcache.lifetime import lifetime
from kvcache.misses import MissCause
from kvcache.nodes import Choice
from kvcache.pool import BufferPool
from kvcache.reasons import Lookup
from kvcache.scopes import Owner, Owners, check_choice
from kvcache.sizes import Sizes
from kvcache.stats import CacheStats, Counts
from kvcache.tiers import LowerTiers

if TYPE_CHECKING:
    from kvcache.layer import GrowingCache

__all__ = ["PrefixCache"]


class PrefixCache:
    """Kept prefixes of one model. Safe to call from many threads; no call waits for a forward pass.

    Args:
        config: The budget, the block size and the rules.
        token_bytes: Bytes of one token's keys and values in all layers.
        state_bytes: Bytes of what each block keeps beside them: the state of recurrent layers.
        grid: How prompts are cut; None cuts whole blocks only.
        lower: Where blocks go when they are given up, and come from.
        clock: Seconds, not decreasing.
    """

    def __init__(
        self,
        config: KVCacheConfig,
        token_bytes: int,
        state_bytes: int = 0,
        *,
        grid: Grid | None = None,
        lower: LowerTiers | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self.lifetime = lifetime(config.lifetime)
        self._sizes = Sizes(config, token_bytes, state_bytes)
        self._grid = grid or Grid(config.block_tokens)
        self._tree = KeptTree(config, clock)
        self._below = Below(lower, self.lifetime, clock)
        self._buffers = BufferPool(config.waiting_bytes, token_bytes)
        self._lock = threading.Lock()
        self._counts = Counts()
        self._clearings = Clearings()
        self.when_cleared: list[Callable[[], None]] = []
        """Called after something has been cleared: what others remember of prompts goes too."""

    @property
    def is_off(self) -> bool:
        """Whether not even one whole block fits."""
        return self.config.kept_bytes < self._sizes.block_bytes

    def fits(self, blocks: Sequence[Block]) -> bool:
        """Whether the states of a whole prompt fit into the budget."""
        return self._sizes.fits(blocks)

    def acquire(
        self,
        owners: Owners,
        blocks: Sequence[Block],
        points: Breakpoints = NO_POINTS,
        *,
        counts: bool = True,
        renews: bool = True,
    ) -> PrefixLease:
        """Lease the longest kept prefix of a prompt. Give it to `release` in any event.

        Args:
            owners: Whose blocks to read, the widest first; see scopes.owners.
            blocks: The prompt, cut at the breakpoints too.
            points: The request's breakpoints.
            counts: False when the request has been counted as a use of these blocks before.
            renews: False leaves what the breakpoints say of them as it is.
        """
        prompt, ends = tuple(blocks), tuple(accumulate(map(len, blocks)))
        until = self.lifetime.kept_until(ends[-1] if ends else 0, points) if self.fits(prompt) else 0
        with self._lock:
            path = self._tree.lease(owners, prompt, counts=counts)
            found = len(path.nodes)
            marked = [node.is_marked_for(owners[-1]) for node in path.nodes] if self.lifetime.explicit else ()
            count = self.lifetime.readable(ends[:found], marked, points)
            kept = self._tree.states(path.nodes[:count])
            lease = PrefixLease(prompt, kept, path, self._clearings.of(owners), points, ends, until, found)
            if points.marks and renews:
                lease.renew()
        return lease

    def reopen(self, lease: PrefixLease) -> PrefixLease | None:
        """A new lease for the prompt of a released one, or None if anything has been cleared in between."""
        new = self.acquire(lease.owners, lease.blocks, lease.points, counts=False)
        if new.clears == lease.clears:
            return new
        self.release(new)
        return None

    def keeps(self, lease: PrefixLease, index: int) -> bool:
        """Whether block `index` of the prompt would be kept now: it comes right behind the lease, and is to be kept."""
        return index == len(lease.path.nodes) and lease.ends[index] <= lease.kept_until

    def insert(self, lease: PrefixLease, index: int, computed: Computed) -> bool:
        """Keep block `index` of the leased prompt, and lease it too. The blocks of least worth make room.

        Args:
            lease: An open one.
            index: The block's number in the prompt. Only the one right after the lease can be kept.
            computed: What to keep of it. What is not exact is not kept.

        Returns:
            Whether the block is new. What the lifetime does not keep, or is larger than the whole budget, is not kept.
        """
        if not computed.kept.exact or not self.keeps(lease, index):
            return False
        logits, tokens = computed.kept.logits, len(lease.blocks[index])
        size = self._sizes.of(tokens, 1) + (0 if logits is None else logits.nbytes)
        block = lease.new_block(index, computed, size, self.lifetime.idle_seconds)
        with self._lock:
            # What was begun before something was cleared might be of that.
            is_current = lease.clears == self._clearings.of(lease.owners)
            added = self._tree.add(lease.path, block, computed.kept) if is_current else None
            if added is None:
                return False
            self._counts.written_tokens += 0 if computed.from_below else len(block.key)
            fresh = [(added.node, computed.kept)] if self.config.write_through and not computed.from_below else []
            # Under the lock, or what is cleared meanwhile would come back from below; it waits for no disk.
            self._below.put([*fresh, *added.evicted])
        return True

    def advance(self, lease: PrefixLease) -> tuple[Kept, ...]:
        """Lease also what others have kept of the prompt since, right behind the lease. Returns what that is."""
        with self._lock:
            before = len(lease.path.nodes)
            count = self._tree.advance(lease.path, lease.blocks[before:])
            self._counts.followed_tokens += lease.tokens(before + count) - lease.tokens(before)
            if count and lease.points.marks:
                lease.renew()
            return self._tree.states(lease.path.nodes[before:])

    def load_below(self, lease: PrefixLease) -> list[Kept]:
        """What the tiers below have right behind the lease, if loading is quicker. What is exact stays here, up to the
        first block that is not."""
        if lease.found != len(lease.kept):
            return []
        loaded = self._below.load(lease, lambda index, block: self.insert(lease, index, block))
        with self._lock:
            self._counts.loaded_tokens += lease.tokens(lease.found + len(loaded)) - lease.tokens(lease.found)
        return loaded

    def loadable(self, lease: PrefixLease) -> int:
        """How many blocks right behind those read would come from the tiers below."""
        return self._below.loadable(lease)

    def why(self, lease: PrefixLease, read: int) -> tuple[MissCause, int]:
        """Why the prompt's block number `read` was not read, and the first token that differs; see Miss."""
        if not self.fits(lease.blocks):
            return "larger_than_budget", lease.tokens(read)
        with self._lock:
            cause, position = self._tree.why(Lookup(lease.blocks, lease.path, read, lease.points, self.lifetime))
        is_others = cause == "new" and self._below.is_of_other_model(lease.owners, lease.blocks, read)
        return ("other_model", lease.tokens(read)) if is_others else (cause, position)

    def is_elsewhere(self, blocks: Sequence[Block]) -> bool:
        """Whether anybody at all keeps these blocks. For operators: it tells one tenant of another."""
        with self._lock:
            return self._tree.is_elsewhere(blocks)

    def release(self, lease: PrefixLease) -> None:
        """Let its blocks be evicted again. A second call does nothing."""
        with self._lock:
            self._tree.release(lease.path)

    def pin(self, lease: PrefixLease) -> bool:
        """Let the prompt of an open lease stay until it is unpinned or cleared. Again is no change.

        Returns:
            Whether it stays: False when not all of it is kept.

        Raises:
            PinLimitError: The pinned blocks would take more than the config allows.
        """
        with self._lock:
            return self._tree.pin(lease.owners, lease.blocks)

    def unpin(self, owner: Owner, blocks: Sequence[Block]) -> bool:
        """Let a pinned prompt be evicted and expire like any other. False when it has no pin."""
        with self._lock:
            return self._tree.unpin(owner, tuple(blocks))

    def take_buffer(self, lease: PrefixLease, blocks: int, capacity: int) -> tuple[GrowingCache, int] | None:
        """An idle buffer for a request that reads the first `blocks` blocks of an open lease.

        Returns:
            A buffer with room for `capacity` tokens, and how many of the blocks it holds in place: what comes behind
            them in the buffer is of no use. None when the caller should make a new one.
        """
        with self._lock:
            taken = self._buffers.take(lease.path.nodes[:blocks], capacity, self._tag(lease))
            if lease.path.counts:
                self._counts.looked_up(lease.tokens(blocks), lease.tokens(taken[1] if taken else 0))
        return taken

    def give_buffer(self, lease: PrefixLease, cache: GrowingCache) -> None:
        """Lay a buffer down that begins with the states of all the lease's blocks, inserted ones counted."""
        with self._lock:
            self._buffers.give(cache, lease.path.nodes, self._tag(lease))

    def clear(
        self,
        tenant: str | None = None,
        *,
        user: str | None = None,
        public: bool = False,
        prefix: Sequence[int] | None = None,
    ) -> int:
        """Forget prefixes at once, pinned ones too, here and in the tiers below. Running requests finish with theirs.

        Args:
            tenant: Of this tenant and its users; None is of everyone, what is public included.
            user: Of this user of the tenant alone.
            public: Of the public scope alone, and whatever tenants keep behind it.
            prefix: Only prompts that begin with these token ids; blocks that other prompts share stay. The tiers below
                forget all of whose prompts are meant, and everything where that is everyone, or what is public.

        Returns:
            Tokens forgotten here.

        Raises:
            ConfigError: A user without its tenant, or a tenant together with `public`.
        """
        check_choice(tenant, user, public=public)
        choice = Choice(tenant, user, public, None if prefix is None else tuple(prefix))
        with self._lock:
            self._counts.clears += 1
            tokens = self._clear(choice)
        self._below.clear(choice)
        with self._lock:  # what came up from there in between
            tokens += self._clear(choice)
        for forget in self.when_cleared:
            forget()
        return tokens

    def _clear(self, choice: Choice) -> int:
        self._clearings.add(choice)
        tokens = self._tree.clear(choice)
        self._buffers.forget_dropped()
        return tokens

    def count(self, **more: int) -> None:
        """Add to some of the counters, by the names of CacheStats."""
        with self._lock:
            self._counts.add(more)

    def stats(self) -> CacheStats:
        """A consistent snapshot; that of the tiers below may be a moment younger."""
        tiers = self._below.stats()
        with self._lock:
            return CacheStats(
                **asdict(self._counts),
                **self._tree.totals(),
                buffer_bytes=self._buffers.held_bytes,
                block_bytes=self._sizes.block_bytes,
                block_tokens=self.config.block_tokens,
                tiers=tiers,
            )

    def close(self) -> None:
        """Write what waits for the tiers below, and stop them. What is kept here stays."""
        self._below.close()

    def check(self) -> None:
        """Recount the books; see KeptTree.check. Raises AssertionError when they do not balance."""
        with self._lock:
            self._tree.check()

    def _tag(self, lease: PrefixLease) -> str | None:
        """Whose buffers a request may take; None is anybody's."""
        return (lease.owners[-1].tenant or "") if self.config.hide_timing else None
