"""Trains a pair model: the upper layers of the bundled encoder, reading two questions at once.

    python -m training.train --leave-out SET … --steps N --out FILE [--from FILE …] [--seed 0] [--scale 1.0]

A first one learns what all share; from it two go on, each without the sets that the other one learns from, so that
every set can be measured by a model that never saw it (training/README.md).
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

from semantic_cache.encoder.encoder import FIRST_UPPER_LAYER
from semantic_cache.encoder.opened import packed_weights
from semantic_cache.encoder.packed_file import read_packed
from semantic_cache.encoder.pair_weights import PairWeights, averaged
from training.examples import SETS, Example
from training.families import FOLDER, read_families
from training.joint_model import JointModel
from training.mix import Mix, training_mix
from training.states import States

ROOT = Path(__file__).parents[1]
BATCH = 32
BODY_RATE, HEAD_RATE = 1e-4, 1e-3
SMOOTHING = 0.02
_WARM = 0.05  # of the steps


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


def train(model: JointModel, examples: list[Example], states: States, steps: int, seed: int) -> None:
    rng = random.Random(seed)
    model.train()
    body, head = list(model.layers.parameters()), [p for name, p in model.named_parameters() if "layers" not in name]
    groups = [{"params": body, "lr": BODY_RATE}, {"params": head, "lr": HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
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
            if done % 50 == 0:
                seconds = time.monotonic() - started
                print(f"step {done} of {steps}  loss {np.mean(recent[-50:]):.4f}  {seconds:.0f} s", flush=True)


def _rate(step: int, steps: int) -> float:
    """The share of the learning rate at a step: up in a line, down along a cosine."""
    return min(1.0, (step + 1) / (_WARM * steps)) * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))


def weights_in(path: Path) -> PairWeights:
    """What an earlier run wrote."""
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def weights_of(model: JointModel) -> dict[str, np.ndarray]:
    """Every parameter by name, float32."""
    return {name: value.detach().numpy() for name, value in model.named_parameters()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--leave-out", nargs="*", default=[], choices=list(SETS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, required=True, help=f"of {BATCH} pairs each")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="share of the contrast pairs and of those out of lists"
    )
    parser.add_argument("--families", type=float, default=1.0, help="share of the pairs of the families")
    parser.add_argument(
        "--whole",
        nargs="*",
        default=[],
        metavar="FILE",
        help="files of families (en_aj) of which all is learned that may be, whatever the share",
    )
    parser.add_argument("--dropout", type=float, default=0.0, help="share of what a layer adds that is left out")
    parser.add_argument(
        "--from", type=Path, dest="start", nargs="*", default=[],
        help="weights to go on from, as earlier runs wrote them: the mean of them",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"The labelled data is not here: {options.data}. Name its folder with --data.")
    if unknown := sorted(set(options.whole) - {one.stem for one in FOLDER.glob("*.txt")}):
        raise SystemExit(f"No such files of families in {FOLDER}: {', '.join(unknown)}.")
    before = [name for one in options.start for name in json.loads(_about(one).read_text("utf-8"))["learned"]]
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    torch.set_flush_denormal(True)
    packed = read_packed(packed_weights())
    states = States(packed, FIRST_UPPER_LAYER, ROOT / "training" / "out", options.threads)
    mix = Mix(options.seed, options.scale, frozenset(options.leave_out), options.families, frozenset(options.whole))
    examples = training_mix(options.data, states, mix)
    print(sorted(Counter((one.source, one.same) for one in examples).items()), flush=True)
    model = JointModel(packed, FIRST_UPPER_LAYER, dropout=options.dropout)
    if options.start:
        mean = averaged([weights_in(one) for one in options.start])
        model.load_state_dict({name: torch.tensor(value) for name, value in mean.items()})
    train(model, examples, states, options.steps, options.seed)
    np.savez(options.out, **weights_of(model))  # type: ignore[arg-type]
    counts = Counter(one.source for one in examples)
    about = {"seed": options.seed, "steps": options.steps, "from": [one.name for one in options.start],
             "first_joint_layer": FIRST_UPPER_LAYER, "scale": mix.scale, "families": mix.families,
             "whole": sorted(mix.whole),
             "topics": len(read_families()) if mix.families or mix.whole else 0, "dropout": options.dropout,
             "left_out": sorted(mix.left_out), "pairs": dict(sorted(counts.items())),
             "learned": sorted({*before, *counts})}  # fmt: skip
    _about(options.out).write_text(json.dumps(about, indent=2) + "\n", "utf-8")


def _about(weights: Path) -> Path:
    """What is said of a model: how it was trained, and what it and those it went on from learned from."""
    return ROOT / "training" / f"{weights.stem}.json"


if __name__ == "__main__":
    main()
