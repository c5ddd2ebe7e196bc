"""What stands for a network's weights: SHA-256 over all their bytes.

Reading them all takes a second a gigabyte, so the result for files is remembered with their size and time of change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence, Set
from pathlib import Path

import torch
from transformers import PreTrainedModel

from kvcache.tiers.private_file import make_private_folder, replace_private

__all__ = ["weights_digest"]

_MEMORY = "weights.json"
_INDEX = ".index.json"
#: Whatever may hold weights: which of them a network was made of depends on what else is there.
_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", _INDEX)


def weights_digest(network: PreTrainedModel, remember_in: Path | None) -> str:
    """The digest of a network as it was loaded.

    Args:
        network: From a folder, all of whose files of weights are read then, once. The tensors are read instead of a
            network from elsewhere, of one with an adapter, and where a file that it may be made of lies elsewhere.
        remember_in: A folder for the results, or None.
    """
    files = [] if getattr(network, "peft_config", None) else _files(network)
    if not files:
        return _of_tensors(network)
    return hashlib.sha256(json.dumps(_of_files(files, remember_in)).encode()).hexdigest()


def _files(network: PreTrainedModel) -> list[Path]:
    """All that may hold its weights; nothing when there may be more."""
    source = str(getattr(network, "name_or_path", "") or "")
    if not source or getattr(network.config, "transformers_weights", None):
        return []
    files = sorted(path for path in Path(source).glob("*") if path.name.endswith(_WEIGHTS) and path.is_file())
    names = {path.name for path in files if not path.name.endswith(_INDEX)}
    indexes = [path for path in files if path.name.endswith(_INDEX)]
    return files if names and all(_names_only(names, path) for path in indexes) else []


def _names_only(names: Set[str], index: Path) -> bool:
    """Whether each file that an index names is one of these, or is not there. False when it cannot be read."""
    try:
        parts = set(json.loads(index.read_bytes())["weight_map"].values())
        return not any((index.parent / part).exists() for part in parts - names)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _of_files(files: Sequence[Path], remember_in: Path | None) -> list[tuple[str, str]]:
    memory = _recall(remember_in)
    digests, known = [], len(memory)
    for path in files:
        status = path.stat()
        # The time of modification can be set back, as tools that copy and patch do; that of the last change cannot.
        stamps = f"{status.st_mtime_ns} {status.st_ctime_ns}"
        key = f"{path.resolve()} {status.st_ino} {status.st_size} {stamps}"
        if key not in memory:
            with path.open("rb") as file:
                memory[key] = hashlib.file_digest(file, "sha256").hexdigest()
        digests.append((path.name, memory[key]))
    if remember_in is not None and len(memory) > known:
        _keep(remember_in, memory)
    return digests


def _of_tensors(network: PreTrainedModel) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _recall(folder: Path | None) -> dict[str, str]:
    try:
        text = "{}" if folder is None else (folder / _MEMORY).read_text("utf-8")
        memory = json.loads(text)
    except (OSError, ValueError):  # nothing remembered: read them again
        return {}
    return {str(key): str(value) for key, value in memory.items()} if isinstance(memory, dict) else {}


def _keep(folder: Path, memory: dict[str, str]) -> None:
    try:
        make_private_folder(folder)
        replace_private(folder / _MEMORY, json.dumps(memory).encode(), sync=False)
    except OSError:  # the next start reads the weights again
        return
