"""A folder or hub id → network and tokenizer, checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as transformers_logging

from kvcache.architecture import check_config, check_network
from kvcache.errors import ConfigError, ModelLoadError, ModelNotFoundError

__all__ = ["Loaded", "load"]

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_LOAD_ERRORS = (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError, SafetensorError)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A causal language model on its device, and its tokenizer."""

    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase


def load(path_or_id: str | Path, *, device: str, dtype: str) -> Loaded:
    """Load a model. A local folder is loaded without any network access; no code from the repository is run.

    Raises:
        ConfigError: Unknown dtype or device.
        ModelNotFoundError: There is no such folder, and the hub gives no such model.
        ModelLoadError: It is not a complete causal language model with a tokenizer.
        UnsupportedModelError: Its state cannot be cut into blocks.
    """
    if dtype not in _DTYPES:
        raise ConfigError(f"dtype is {dtype!r}; it must be one of {', '.join(_DTYPES)}.")
    place = _device(device)
    source, is_local = _source(path_or_id)
    with _no_progress_bar():
        config = _load_config(source, is_local)
        check_config(config)
        try:
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                source, config=config, dtype=_DTYPES[dtype], output_loading_info=True, **_options(is_local)
            )
            network, report = loaded
            tokenizer = AutoTokenizer.from_pretrained(source, config=config, **_options(is_local))
        except _LOAD_ERRORS as exc:
            raise ModelLoadError(f"{source} cannot be loaded as a causal language model: {exc}") from exc
    if report["missing_keys"]:
        missing = sorted(report["missing_keys"])
        raise ModelLoadError(f"{source} lacks {len(missing)} weights, {missing[0]} among them; fetch the model again.")
    check_network(network)
    return Loaded(network.to(place), tokenizer)


def _load_config(source: str, is_local: bool) -> PreTrainedConfig:
    try:
        config: PreTrainedConfig = AutoConfig.from_pretrained(source, **_options(is_local))
    except _LOAD_ERRORS as exc:
        if is_local:
            raise ModelLoadError(f"{source}/config.json describes no model that transformers knows: {exc}") from exc
        raise ModelNotFoundError(
            f"{source} is no folder here, and the hub did not give a model of that name: {exc}"
        ) from exc
    return config


def _options(is_local: bool) -> dict[str, bool]:
    return {"local_files_only": is_local, "trust_remote_code": False}


def _device(name: str) -> torch.device:
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError, TypeError) as exc:
        raise ConfigError(f"device is {name!r}, which torch cannot use here ({exc}); try 'cpu'.") from exc


def _source(path_or_id: str | Path) -> tuple[str, bool]:
    """Where to load from, and whether that is a local folder."""
    path, name = Path(path_or_id).expanduser(), str(path_or_id)
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelLoadError(f"{path} has no config.json; give the folder of a model saved with save_pretrained.")
        return str(path), True
    if path.exists():
        raise ModelLoadError(f"{path} is a file; give the folder that holds config.json and the weights.")
    if (
        isinstance(path_or_id, Path)
        or not name
        or name.startswith(("/", ".", "~"))
        or name.count("/") > 1
        or "\\" in name
    ):
        raise ModelNotFoundError(f"There is no folder {name!r}; give an existing folder or a hub id (owner/name).")
    return name, False


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    drawn = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if drawn:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
