"""Which tiers are opened: on a processor none for host memory, and it is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tier_blocks import MODEL, path_of, put_path, same, some_block

from kvcache.tiers import NoLowerTiers, TierConfig
from kvcache.tiers.opening import open_tiers


def test_without_a_folder_there_is_nothing_below_a_processor(tmp_path: Path) -> None:
    tiers = open_tiers(TierConfig(), MODEL, torch.device("cpu"))
    assert isinstance(tiers, NoLowerTiers)
    assert tiers.stats().notes == (
        "No host tier: the model runs on cpu, where the prefix cache lies in host memory itself.",
    )


def test_with_a_folder_the_disk_is_below_and_the_host_tier_is_skipped_aloud(tmp_path: Path) -> None:
    tiers = open_tiers(TierConfig(folder=tmp_path / "tier"), MODEL, torch.device("cpu"))
    assert [tier.name for tier in tiers.stats().tiers] == ["disk"]
    assert "No host tier" in tiers.stats().notes[0]
    tiers.close()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_on_a_gpu_blocks_go_to_pinned_memory_and_to_disk_and_come_back_bit_for_bit(tmp_path: Path) -> None:
    device, path = torch.device("cuda"), path_of(1, 2)
    config = TierConfig(folder=tmp_path / "tier", host_bytes=64 << 20)
    tiers = open_tiers(config, MODEL, device)
    put_path(tiers, "a", path)
    loaded = tiers.load("a", path, 0, tiers.find("a", path, 0).blocks)
    assert [tier.name for tier in tiers.stats().tiers] == ["host", "disk"]
    assert {block.kept.states[0][0].device.type for block in loaded} == {"cuda"}
    tiers.close()
    again = open_tiers(config, MODEL, device)
    for depth, block in enumerate(again.load("a", path, 0, again.find("a", path, 0).blocks), start=1):
        states = tuple((keys.cpu(), values.cpu()) for keys, values in block.kept.states)
        logits = None if block.kept.logits is None else block.kept.logits.cpu()
        assert same(type(block.kept)(states, logits), some_block(path[:depth]).kept)
    again.close()
