"""Writes the trained pair models as they are shipped: their difference from the encoder, a byte a number.

python -m training.pack [training/out/pair_model_1.npz training/out/pair_model_2.npz]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from semantic_cache.encoder.opened import packed_weights
from semantic_cache.encoder.packed_file import read_packed
from semantic_cache.encoder.pair_weights import packed_difference

ROOT = Path(__file__).parents[1]
TRAINED = tuple(ROOT / "training" / "out" / f"pair_model_{number}.npz" for number in (1, 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trained", type=Path, nargs="*", default=list(TRAINED))
    parser.add_argument("--to", type=Path, default=ROOT / "semantic_cache" / "matching")
    options = parser.parse_args()
    packed = read_packed(packed_weights())
    for path in options.trained:
        with np.load(path) as file:
            arrays = packed_difference({name: file[name] for name in file.files}, packed)
        out = options.to / path.name
        np.savez_compressed(out, **arrays)  # type: ignore[arg-type]
        print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
