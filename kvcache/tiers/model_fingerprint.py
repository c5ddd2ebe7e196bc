"""A loaded model → its fingerprint."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from kvcache.tiers.config import TierConfig
from kvcache.tiers.fingerprint import Fingerprint
from kvcache.tiers.weights import weights_digest

__all__ = ["model_fingerprint"]

#: What a configuration says besides that changes no state.
_IDLE = ("_name_or_path", "transformers_version", "architectures", "torch_dtype", "dtype", "use_cache")


def model_fingerprint(
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    config: TierConfig,
    *,
    block_tokens: int,
    opening: Sequence[int],
) -> Fingerprint:
    """Everything that changes the bits of this model's states: the same again only where all of it is.

    Args:
        network: As it runs: on its device, with the attention it uses.
        tokenizer: Its tokenizer.
        config: Whether blocks are rounded; and a folder in which to remember the digest of the weights.
        block_tokens: Most tokens in a block.
        opening: What opens an answer, and so cuts prompts too; see grid.py.
    """
    described = {name: value for name, value in network.config.to_dict().items() if name not in _IDLE}
    return Fingerprint.of(
        {
            "weights": weights_digest(network, config.folder),
            "configuration": _digest(described),
            "rope": json.dumps(described.get("rope_parameters"), sort_keys=True, default=str),
            "quantization": json.dumps(described.get("quantization_config"), sort_keys=True, default=str),
            "adapter": json.dumps(_adapters(network)),
            "attention": str(network.config._attn_implementation),
            "dtype": str(network.dtype).removeprefix("torch."),
            "device": _device(network.device),
            "threads": f"{torch.get_num_threads()} threads" if network.device.type == "cpu" else "those of the device",
            "precision": torch.get_float32_matmul_precision(),
            "tokenizer": _digest(_vocabulary(tokenizer)),
            "grid": json.dumps([block_tokens, *opening]),
            "states": "int8" if config.int8 else "exact",
            "transformers": transformers.__version__,
            "torch": torch.__version__,
        }
    )


def _device(device: torch.device) -> str:
    """Other instructions may add numbers in another order."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "cpu":
        return f"{_processor()}, {torch.backends.cpu.get_cpu_capability()}"
    return str(device)


def _processor() -> str:
    """Its make: kernels are chosen by more than the instructions that torch names."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found.group(1).strip() if found else platform.machine()


def _adapters(network: PreTrainedModel) -> list[str]:
    return sorted(getattr(network, "peft_config", None) or {})


def _vocabulary(tokenizer: PreTrainedTokenizerBase) -> list[Any]:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    known = tokenizer.get_vocab() if backend is None else backend.to_str()
    return [known, tokenizer.chat_template]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
