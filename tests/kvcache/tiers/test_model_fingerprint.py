"""A model's fingerprint: the same after a restart, another as soon as anything changes the bits of its states."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from kvcache.tiers import TierConfig
from kvcache.tiers.fingerprint import Fingerprint
from kvcache.tiers.model_fingerprint import model_fingerprint
from kvcache.tiers.weights import weights_digest


def _network(folder: Path, dtype: torch.dtype = torch.float32) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, local_files_only=True)


def _tokenizer(folder: Path) -> Any:
    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def _print(
    network: Any,
    tokenizer: Any,
    config: TierConfig | None = None,
    block_tokens: int = 128,
    opening: tuple[int, ...] = (),
) -> Fingerprint:
    return model_fingerprint(network, tokenizer, config or TierConfig(), block_tokens=block_tokens, opening=opening)


def test_the_same_model_has_the_same_fingerprint_each_time(tiny_folder: Path) -> None:
    prints = [_print(_network(tiny_folder), _tokenizer(tiny_folder)) for _ in range(2)]
    assert prints[0] == prints[1]
    assert prints[0].name == prints[1].name
    assert prints[0].differences(prints[1]) == ""


def _other_weights(network: Any, _tokenizer: Any) -> dict[str, Any]:
    network.name_or_path = ""  # not from a folder: the tensors themselves are read
    with torch.no_grad():
        next(iter(network.parameters()))[0, 0] += 1
    return {}


def _other_rope(network: Any, _tokenizer: Any) -> dict[str, Any]:
    network.config.rope_parameters = {"rope_type": "linear", "factor": 2.0, "rope_theta": 10000.0}
    return {}


def _other_attention(network: Any, _tokenizer: Any) -> dict[str, Any]:
    network.set_attn_implementation("eager")
    return {}


def _other_quantization(network: Any, _tokenizer: Any) -> dict[str, Any]:
    network.config.quantization_config = {"quant_method": "gptq", "bits": 4}
    return {}


def _other_adapter(network: Any, _tokenizer: Any) -> dict[str, Any]:
    network.peft_config = {"of-a-tenant": object()}
    return {}


def _other_template(_network: Any, tokenizer: Any) -> dict[str, Any]:
    tokenizer.chat_template = "{{ messages }}"
    return {}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("weights", _other_weights),
        ("rope", _other_rope),
        ("attention", _other_attention),
        ("quantization", _other_quantization),
        ("adapter", _other_adapter),
        ("tokenizer", _other_template),
        ("grid", lambda *_: {"block_tokens": 64}),
        ("grid", lambda *_: {"opening": (1, 2)}),
        ("states", lambda *_: {"config": TierConfig(int8=True)}),
    ],
)
def test_what_changes_states_changes_it_and_is_named(
    tiny_folder: Path, name: str, change: Callable[[Any, Any], dict[str, Any]]
) -> None:
    network, tokenizer = _network(tiny_folder), _tokenizer(tiny_folder)
    before = _print(network, tokenizer)
    after = _print(network, tokenizer, **change(network, tokenizer))
    assert after.name != before.name
    assert f"{name} is" in before.differences(after)


def test_type_threads_and_versions_are_in_it(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, tokenizer = _network(tiny_folder), _tokenizer(tiny_folder)
    before = _print(network, tokenizer)
    other_type = before.differences(_print(_network(tiny_folder, torch.bfloat16), tokenizer))
    assert other_type == "dtype is bfloat16 there, float32 here"
    monkeypatch.setattr("transformers.__version__", "99.0")
    monkeypatch.setattr("torch.__version__", "98.0")
    monkeypatch.setattr("torch.get_num_threads", lambda: 77)
    later = before.differences(_print(network, tokenizer))
    assert "transformers is 99.0 there" in later
    assert "torch is 98.0 there" in later
    assert "77 threads there" in later


def test_weights_are_read_once_and_again_when_their_file_changes(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    digest = hashlib.file_digest

    def noted(file: Any, kind: str) -> Any:
        read.append(file.name)
        return digest(file, kind)

    monkeypatch.setattr("kvcache.tiers.weights.hashlib.file_digest", noted)
    folder = tmp_path / "model"
    _network(tiny_folder).save_pretrained(folder)
    network, memory = _network(folder), tmp_path / "tier"
    first = weights_digest(network, memory)
    assert weights_digest(network, memory) == first
    assert len(read) == 1
    assert weights_digest(network, None) == first  # remembered or not, it is the same
    file = folder / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))
    os.utime(file, ns=(0, 0))
    assert weights_digest(network, memory) != first
    assert len(read) == 3
    assert (memory / "weights.json").stat().st_mode & 0o077 == 0


def test_weights_changed_in_place_are_others_even_if_their_times_are_set_back(
    tiny_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    _network(tiny_folder).save_pretrained(folder)
    network, memory, file = _network(folder), tmp_path / "tier", folder / "model.safetensors"
    first, times = weights_digest(network, memory), file.stat()
    with file.open("r+b") as changed:
        changed.seek(-1, os.SEEK_END)
        last = changed.read(1)[0]
        changed.seek(-1, os.SEEK_END)
        changed.write(bytes([last ^ 1]))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert weights_digest(network, memory) != first


def test_weights_are_those_of_every_file_that_may_hold_them(tiny_folder: Path, tmp_path: Path) -> None:
    network = _network(tiny_folder)
    network.name_or_path, tensors = str(tmp_path), network.state_dict()
    save_file({"another": torch.zeros(2)}, tmp_path / "consolidated.safetensors")
    torch.save(tensors, tmp_path / "pytorch_model.bin")
    first = weights_digest(network, None)
    torch.save({name: tensor * 1.1 for name, tensor in tensors.items()}, tmp_path / "pytorch_model.bin")
    assert weights_digest(network, None) != first


@pytest.mark.parametrize("way", ["index", "setting", "unreadable"])
def test_where_weights_may_lie_elsewhere_the_tensors_themselves_are_read(
    tiny_folder: Path, tmp_path: Path, way: str
) -> None:
    network = _network(tiny_folder)
    network.name_or_path = ""
    of_tensors = weights_digest(network, None)
    network.name_or_path = str(tmp_path)
    save_file({"another": torch.zeros(2)}, tmp_path / "consolidated.safetensors")
    assert weights_digest(network, None) != of_tensors
    (tmp_path / "parts").mkdir()
    save_file({"one": torch.zeros(2)}, tmp_path / "parts" / "one.safetensors")
    index = tmp_path / "model.safetensors.index.json"
    match way:
        case "index":
            index.write_text(json.dumps({"weight_map": {"one": "parts/one.safetensors"}}))
        case "setting":
            network.config.transformers_weights = "parts/one.safetensors"
        case _:
            index.write_text("[]")
    assert weights_digest(network, None) == of_tensors


def test_an_index_of_files_that_are_not_there_keeps_weights_from_being_read_again_no_more(
    tiny_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    _network(tiny_folder).save_pretrained(folder)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": {"one": "part-1.bin"}}))
    weights_digest(_network(folder), tmp_path)
    remembered = json.loads((tmp_path / "weights.json").read_text())
    assert sorted(Path(key.split()[0]).name for key in remembered) == [
        "model.safetensors",
        "pytorch_model.bin.index.json",
    ]


@pytest.mark.parametrize("damage", ["", "no json", "[1]"])
def test_a_damaged_memory_of_weights_is_as_good_as_none(tiny_folder: Path, tmp_path: Path, damage: str) -> None:
    network = _network(tiny_folder)
    first = weights_digest(network, tmp_path)
    (tmp_path / "weights.json").write_text(damage)
    assert weights_digest(network, tmp_path) == first


def test_another_processor_or_precision_is_another_model(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, tokenizer = _network(tiny_folder), _tokenizer(tiny_folder)
    before = _print(network, tokenizer)
    monkeypatch.setattr("kvcache.tiers.model_fingerprint._processor", lambda: "Another make")
    monkeypatch.setattr("torch.get_float32_matmul_precision", lambda: "medium")
    later = before.differences(_print(network, tokenizer))
    assert "device is Another make" in later
    assert "precision is medium there, highest here" in later
