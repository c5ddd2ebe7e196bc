"""What is measured after one prefix on a GPU, and a Markdown table of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

__all__ = ["Row", "table"]


@dataclass
class Row:
    """Measurements after one prefix of so many tokens.

    Seconds to the first token by way; shares of the prefix that were read, by way; tokens decoded a second; bytes held;
    whether logits were bit for bit those of no cache, by where the prefix came from.
    """

    tokens: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    read: dict[str, float] = field(default_factory=dict)
    decode_per_second: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    exact: dict[str, bool] = field(default_factory=dict)

    def add(self, way: str, seconds: float) -> None:
        self.seconds.setdefault(way, []).append(seconds)


def table(rows: Sequence[Row], weights: int) -> Iterator[str]:
    """Lines of Markdown.

    Args:
        rows: A prefix each.
        weights: The network's bytes.
    """
    ways = ("cold", "one pass", "in place", "copied", "host", "disk", "disk, cold", "floor", "deep copy")
    yield f"Weights {weights / 1e9:.2f} GB. Milliseconds to the first token; in brackets what was read, if not all.\n"
    yield f"| prefix | {' | '.join(ways)} | decode tok/s ours, theirs | GB blocks, buffers, peak ours, deep copy |"
    yield "|" + "---|" * (len(ways) + 3)
    for row in rows:
        cells = [_cell(row, way) for way in ways]
        rates = ", ".join(f"{row.decode_per_second.get(whose, 0):.1f}" for whose in ("ours", "transformers"))
        held = ("blocks", "buffers", "peak, ours", "peak, deep copy")
        memory = ", ".join(f"{row.memory[what] / 1e9:.2f}" if row.memory[what] else "–" for what in held)
        yield f"| {row.tokens} | {' | '.join(cells)} | {rates} | {memory} |"
    for row in rows:
        if row.exact:
            yield f"\nAfter {row.tokens} tokens, bit for bit as without a cache: {row.exact}."


def _cell(row: Row, way: str) -> str:
    if way not in row.seconds:
        return "skipped"
    share = row.read.get(way, 1.0)
    return f"{1000 * median(row.seconds[way]):.1f}" + (f" ({share:.0%})" if share < 1 and way != "cold" else "")
