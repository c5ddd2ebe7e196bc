"""Disk tiers that are closed after the test, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import torch
from tier_blocks import MODEL, Clock, OpenDisk

from kvcache.tiers import TierConfig
from kvcache.tiers.disk_tier import DiskTier
from kvcache.tiers.fingerprint import Fingerprint


@pytest.fixture
def clock() -> Clock:
    """Stands still until it is moved."""
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the tier lies."""
    return tmp_path / "tier"


@pytest.fixture
def open_disk(folder: Path, clock: Clock) -> Iterator[OpenDisk]:
    """Opens the same folder again and again; `model` and the settings are keywords."""
    with ExitStack() as stack:

        def open_one(model: Fingerprint = MODEL, **settings: Any) -> DiskTier:
            config = TierConfig(**{"folder": folder, **settings})
            tier = DiskTier(config, model, torch.device("cpu"), clock)
            stack.callback(tier.close)
            return tier

        yield open_one
