"""Trains the model of conversations, and says what it would have decided on blocks that it did not learn from.

    python -m training.turns [--out semantic_cache/encoder/turns.npz]

`training/conversations` in, a few small nets out (their mean log odds count) and `training/turns.json`: of turns that
depend, the share that would be taken out of their conversation, and of those that stand alone, by cut, cross-fitted
over blocks.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from semantic_cache.encoder.opened import open_encoder
from training.conversations import NextTurn, read_conversations
from training.examples import dealt
from training.turn_net import Read, TurnNet, read_turns

ROOT = Path(__file__).parents[1]
FOLDS, NETS = 5, 3
EPOCHS, BATCH, RATE, DECAY, DROPOUT = 10, 32, 2e-3, 0.05, 0.2
CONDITIONS = 0.5
"""What it counts to tell the turns that set a condition, beside the answer itself."""
CUTS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99)


def trained(reads: list[Read], seed: int) -> TurnNet:
    """One net."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    tokens = np.concatenate([one.mine for one in reads])
    net = TurnNet(torch.from_numpy(tokens.mean(0)), torch.from_numpy(tokens.std(0) + 1e-6), DROPOUT)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(reads) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    net.train()
    for _ in range(EPOCHS):
        shuffled = rng.sample(reads, len(reads))
        for start in range(0, len(shuffled), BATCH):
            batch = shuffled[start : start + BATCH]
            target = torch.tensor([float(one.alone) for one in batch])
            conditions = torch.tensor([float(one) for read in batch for one in read.conditions])
            alone, set_before = net(batch)
            loss = functional.binary_cross_entropy_with_logits(alone, target)
            loss = loss + CONDITIONS * functional.binary_cross_entropy_with_logits(set_before, conditions)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    net.eval()
    return net


def nets(reads: list[Read], seed: int = 0) -> list[TurnNet]:
    """Several, from other beginnings."""
    return [trained(reads, seed + number) for number in range(NETS)]


def probabilities(models: list[TurnNet], reads: list[Read]) -> NDArray[np.float64]:
    """(len(reads),) that a turn stands alone."""
    with torch.no_grad():
        logits = torch.stack(
            [torch.cat([net(reads[at : at + 64])[0] for at in range(0, len(reads), 64)]) for net in models]
        )
    return np.asarray(1 / (1 + np.exp(-logits.mean(0).double().numpy())))


def fold_of(group: str) -> int:
    return dealt(group, FOLDS)


def cross_fitted(turns: list[NextTurn], reads: list[Read]) -> NDArray[np.float64]:
    """Of each turn, by nets that did not learn from its block."""
    folds = np.array([fold_of(one.group) for one in turns])
    out = np.zeros(len(turns))
    for fold in range(FOLDS):
        learned = nets([read for read, at in zip(reads, folds, strict=True) if at != fold])
        mine = np.flatnonzero(folds == fold)
        out[mine] = probabilities(learned, [reads[at] for at in mine])
    return out


def shares(turns: list[NextTurn], found: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Cut → kind, and language of those that stand alone or depend → share that would be taken out."""
    kinds = defaultdict[str, list[int]](list)
    for at, one in enumerate(turns):
        whole = "stands alone" if one.alone else "depends"
        kind = "S after a condition" if one.kind == "S" and not one.alone else one.kind
        for name in (whole, kind, f"{one.language} {whole}"):
            kinds[name].append(at)
    names = sorted(kinds)
    return {str(cut): {name: round(float((found[kinds[name]] >= cut).mean()), 4) for name in names} for cut in CUTS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "semantic_cache" / "encoder" / "turns.npz")
    options = parser.parse_args()
    torch.set_num_threads(1)
    turns = read_conversations()
    reads = read_turns(turns, open_encoder())
    found = cross_fitted(turns, reads)
    models = nets(reads)
    names = [name for name in models[0].state_dict() if not name.startswith("condition.")]  # for training alone
    arrays = {name: np.stack([one.state_dict()[name].numpy() for one in models]) for name in names}
    np.savez_compressed(options.out, **arrays)  # type: ignore[arg-type]
    about = {"turns": len(turns), "blocks": len({one.group for one in turns}), "cross_fitted": shares(turns, found)}
    (ROOT / "training" / "turns.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")
    print(json.dumps(about, indent=2))


if __name__ == "__main__":
    main()
