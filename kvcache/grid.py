"""Where a prompt is cut into blocks: the passes of a prefill, and the pieces that are kept.

    tokens   |0 … 127|128 … 255|256 … 299|300 … 331|332 … 380|
    turns    |      system and documents |  user 1 | answer 1|
    blocks   |   a   |    b    |    c    |    d    |    e    |   c, d and e are tails: the grid starts anew after each

A block ends after `block_tokens` tokens, where a turn ends, where the caller sets a mark, and where the prompt ends.
What comes later never moves an earlier cut, so a conversation that grows keeps the blocks it had.

A user's turn ends after the opening of the answer to it: that is where the prompt of that turn ended. Without marks the
cuts depend on the token ids alone, so that messages and their ids are cut alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["Block", "Grid"]

#: Token ids of one pass.
Block = tuple[int, ...]


class Grid:
    """Cuts prompts of one model. Pure; safe to share between threads.

    Args:
        block_tokens: Most tokens in a block.
        opening: Ids that the model's chat template opens an answer with. The first of them opens every turn. Without
            any, only `block_tokens` and the prompt's end cut.
    """

    def __init__(self, block_tokens: int, opening: Sequence[int] = ()) -> None:
        self.block_tokens = block_tokens
        self._opening = tuple(opening)

    @property
    def has_turns(self) -> bool:
        """Whether the chat template has a token that opens each turn."""
        return bool(self._opening)

    def cut(self, token_ids: Sequence[int], marks: Sequence[int] = ()) -> tuple[Block, ...]:
        """The blocks of a prompt, in order; joined they are the prompt.

        Args:
            token_ids: The prompt.
            marks: Positions within it where blocks end too, ascending. Later ones never move an earlier cut.
        """
        ids, start, size = tuple(token_ids), 0, self.block_tokens
        blocks: list[Block] = []
        for end in (*sorted({*self._turn_ends(ids), *marks}), len(ids)):
            whole = start + (end - start) // size * size
            blocks += [ids[at : at + size] for at in range(start, whole, size)]
            if whole < end:
                blocks.append(ids[whole:end])
            start = end
        return tuple(blocks)

    def turns(self, token_ids: Sequence[int]) -> tuple[int, ...]:
        """Where each turn begins: at the token that opens it. Empty without a template."""
        return tuple(self._openers(tuple(token_ids)))

    def _turn_ends(self, ids: tuple[int, ...]) -> Iterator[int]:
        """Before each turn, but after the opening of an answer."""
        length = len(self._opening)
        for start in self._openers(ids):
            yield start + length if ids[start : start + length] == self._opening else start

    def _openers(self, ids: tuple[int, ...]) -> Iterator[int]:
        if not self._opening:
            return
        opener, start = self._opening[0], 0
        while True:
            try:
                start = ids.index(opener, start) + 1
            except ValueError:  # there is no more; counting them first would read the prompt twice
                return
            yield start - 1
