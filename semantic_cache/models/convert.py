"""GGUF → safetensors, once: transformers takes tens of seconds to read GGUF and two to read safetensors.

The work is done in a process of its own, so that the gigabytes it takes are given back and what the libraries print on
the way stays off the user's terminal.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from semantic_cache.errors import ModelFetchError
from semantic_cache.models.wheel import Progress

__all__ = ["convert_gguf"]

_STEP = re.compile(r"^step (\d+) of (\d+)")


def convert_gguf(gguf: Path, directory: Path, progress: Progress) -> None:
    """Write config, tokenizer, chat template and float32 weights of `gguf` into `directory`.

    The quantised values are kept exactly: they are only written out at full width.

    Raises:
        ModelFetchError: The converting process failed; its last words are passed on.
    """
    progress("convert", 0, 3)
    environment = {**os.environ, "TQDM_DISABLE": "1", "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "semantic_cache.models.convert", str(gguf), str(directory)]
    last = ""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if match := _STEP.match(line):
                progress("convert", int(match[1]), int(match[2]))
            last = line.strip() or last
    if process.returncode != 0:
        raise ModelFetchError(f"{gguf.name} could not be converted to safetensors: {last}")


def _convert(gguf: Path, directory: Path) -> None:
    import torch  # noqa: PLC0415  (loading it takes seconds, and only the converting process needs it)
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415

    tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name)
    tokenizer.save_pretrained(str(directory))
    sys.stdout.write("step 1 of 3\n")
    loaded = AutoModelForCausalLM.from_pretrained(str(gguf.parent), gguf_file=gguf.name, dtype=torch.float32)
    sys.stdout.write("step 2 of 3\n")
    # A model read from GGUF remembers its quantisation and refuses to be saved; a fresh one of the same shape does not.
    config = loaded.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    fresh = type(loaded)(config)
    fresh.load_state_dict(loaded.state_dict())
    fresh.generation_config = loaded.generation_config
    fresh.save_pretrained(str(directory))
    sys.stdout.write("step 3 of 3\n")


if __name__ == "__main__":
    _convert(Path(sys.argv[1]), Path(sys.argv[2]))
