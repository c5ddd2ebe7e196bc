"""Trains a pair model and writes its adapter.

    python -m training.train --leave-out SET … --out FILE [--seed 0] [--epochs 1.4] [--scale 1.0]

Two are shipped, each trained without the sets that the other one learned from, so that every set can be measured by a
model that never saw it: semantic_cache/matching/pair_adapter_1.npz and pair_adapter_2.npz (training/README.md).
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from semantic_cache.encoder.opened import packed_weights
from semantic_cache.encoder.packed_file import read_packed
from training.examples import SETS, Example
from training.joint_model import JointModel
from training.mix import Mix, training_mix
from training.states import States

ROOT = Path(__file__).parents[1]
FIRST_JOINT_LAYER = 6
RANK = 16
BATCH = 32
LEARNING_RATE = 1e-3
SMOOTHING = 0.02


def batches(examples: list[Example], states: States, rng: random.Random) -> list[list[Example]]:
    """Pairs of like length together, so that little is padded; the batches in random order."""
    shuffled = rng.sample(examples, len(examples))
    shuffled.sort(key=lambda pair: len(states[pair.one]) + len(states[pair.other]) + rng.uniform(0, 3))
    cut = [shuffled[start : start + BATCH] for start in range(0, len(shuffled), BATCH)]
    return rng.sample(cut, len(cut))


def stacked(texts: list[str], states: States) -> tuple[torch.Tensor, torch.Tensor]:
    """(batch, tokens, width) float32 and its (batch, tokens) bool mask."""
    rows = [states[text] for text in texts]
    longest = max(map(len, rows))
    out = np.zeros((len(rows), longest, rows[0].shape[1]), dtype=np.float32)
    mask = np.zeros((len(rows), longest), dtype=bool)
    for place, row in enumerate(rows):
        out[place, : len(row)] = row
        mask[place, : len(row)] = True
    return torch.from_numpy(out), torch.from_numpy(mask)


def logits(model: JointModel, pairs: list[tuple[str, str]], states: States) -> torch.Tensor:
    one, one_mask = stacked([pair[0] for pair in pairs], states)
    other, other_mask = stacked([pair[1] for pair in pairs], states)
    out: torch.Tensor = model(one, one_mask, other, other_mask)
    return out


def train(model: JointModel, examples: list[Example], states: States, epochs: float, seed: int) -> None:
    rng = random.Random(seed)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], LEARNING_RATE, weight_decay=0.01)
    steps = math.ceil(epochs * len(examples) / BATCH)
    warm = max(1, steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / warm) * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    )
    started, done, recent = time.monotonic(), 0, []
    while done < steps:
        for batch in batches(examples, states, rng)[: steps - done]:
            # The answer is right or not whichever question was first.
            pairs = [(one.one, one.other) if rng.random() < 0.5 else (one.other, one.one) for one in batch]
            target = torch.tensor([float(one.same) for one in batch]) * (1 - 2 * SMOOTHING) + SMOOTHING
            loss = functional.binary_cross_entropy_with_logits(logits(model, pairs, states), target)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            recent.append(loss.item())
            if done % 100 == 0:
                print(
                    f"step {done} of {steps}  loss {np.mean(recent[-100:]):.4f}  {time.monotonic() - started:.0f} s",
                    flush=True,
                )


def adapter_of(model: JointModel) -> dict[str, np.ndarray]:
    """What was learned, as float16 arrays."""
    return {name: value.detach().numpy().astype(np.float16) for name, value in model.named_parameters()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--leave-out", nargs="*", default=[], choices=list(SETS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=float, default=1.4, help="how often each pair is read; may be a fraction")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual number of pairs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"The labelled data is not here: {options.data}. Name its folder with --data.")
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    packed = read_packed(packed_weights())
    states = States(packed, FIRST_JOINT_LAYER, ROOT / "training" / "out", options.threads)
    mix = Mix(options.seed, options.scale, frozenset(options.leave_out))
    examples = training_mix(options.data, states, mix)
    print(Counter((one.source, one.same) for one in examples))
    model = JointModel(packed, FIRST_JOINT_LAYER, RANK)
    train(model, examples, states, options.epochs, options.seed)
    np.savez_compressed(options.out, **adapter_of(model))  # type: ignore[arg-type]
    counts = Counter(one.source for one in examples)
    about = {"seed": options.seed, "epochs": options.epochs, "first_joint_layer": FIRST_JOINT_LAYER, "rank": RANK,
             "left_out": sorted(mix.left_out), "pairs": dict(sorted(counts.items()))}  # fmt: skip
    (ROOT / "training" / f"{options.out.stem}.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
