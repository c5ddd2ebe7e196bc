"""Settings and a model → the tiers below its prefix cache. The one place that names the real ones."""

from __future__ import annotations

import torch

from kvcache.tiers.config import TierConfig
from kvcache.tiers.disk_tier import DiskTier
from kvcache.tiers.fingerprint import Fingerprint
from kvcache.tiers.host_tier import HostTier
from kvcache.tiers.lower_tiers import LowerTiers, NoLowerTiers

__all__ = ["open_tiers"]

_NO_HOST = "No host tier: the model runs on {}, where the prefix cache lies in host memory itself."


def open_tiers(config: TierConfig, fingerprint: Fingerprint, device: torch.device) -> LowerTiers:
    """Host memory over disk, as far as they are wanted and make sense here. Close what is returned.

    Args:
        config: The limits; by default there is no disk tier.
        fingerprint: The model; see model_fingerprint.py.
        device: Where it runs.

    Raises:
        TierOpenError: The folder of the disk tier can neither be read nor made.
    """
    is_apart = device.type == "cuda"
    notes = () if is_apart else (_NO_HOST.format(device.type),)
    below = NoLowerTiers(notes) if config.folder is None else DiskTier(config, fingerprint, device, notes=notes)
    return HostTier(config, device, below) if is_apart and config.host_bytes else below
