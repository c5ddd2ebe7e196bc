"""Writes the pair models as they are shipped: what they learned beyond the encoder, a byte a number.

    python -m training.pack [--stages roles words …] [--from training/out] [--to semantic_cache/matching]
                            [--about training]

Each is the mean of its last stages of training: one that read harder questions is better at those and worse at others,
and their mean keeps both (notebooks/LOG.md).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from semantic_cache.encoder.opened import packed_weights
from semantic_cache.encoder.packed_file import read_packed
from semantic_cache.encoder.pair_weights import averaged, packed_difference
from training.train import weights_in

__all__ = ["joined"]

ROOT = Path(__file__).parents[1]


def joined(names: list[str], about: Path) -> dict[str, list[str]]:
    """What is said of a mean: whose it is, and what any of them learned from.

    Args:
        names: Of the stages of one model, such as "wide_1".
        about: The folder of their `.json`.
    """
    learned = (json.loads((about / f"{name}.json").read_text("utf-8"))["learned"] for name in names)
    return {"mean_of": names, "learned": sorted(set().union(*learned))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stages", nargs="+", default=["roles", "words", "short", "sides", "kin", "names"])
    parser.add_argument("--from", type=Path, dest="trained", default=ROOT / "training" / "out")
    parser.add_argument("--to", type=Path, default=ROOT / "semantic_cache" / "matching")
    parser.add_argument("--about", type=Path, default=ROOT / "training", help="where it is said what each learned from")
    options = parser.parse_args()
    packed = read_packed(packed_weights())
    for number in (1, 2):
        names = [f"{stage}_{number}" for stage in options.stages]
        mean = averaged([weights_in(options.trained / f"{name}.npz") for name in names])
        out = options.to / f"pair_model_{number}.npz"
        np.savez_compressed(out, **packed_difference(mean, packed))  # type: ignore[arg-type]
        about = json.dumps(joined(names, options.about), indent=2)
        (options.about / f"pair_model_{number}.json").write_text(about + "\n", "utf-8")
        print(f"{out}: {out.stat().st_size / 1e6:.1f} MB, the mean of {' and '.join(names)}")


if __name__ == "__main__":
    main()
