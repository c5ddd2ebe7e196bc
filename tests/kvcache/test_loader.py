"""What can be loaded, what cannot, and what the refusal says."""

from __future__ import annotations

import gc
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from transformers import (
    DeepseekV32Config,
    GPT2Config,
    GPT2LMHeadModel,
    MambaConfig,
    PreTrainedConfig,
    T5Config,
)

from kvcache import (
    ConfigError,
    KVCacheConfig,
    KVCacheError,
    LocalModel,
    ModelLoadError,
    ModelNotFoundError,
    UnsupportedModelError,
)


@pytest.fixture
def copied(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that a test may break."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


def _edit_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize("name", ["/no/such/folder", "./nothing", Path("nothing"), "~/nothing/here", "a/b/c", ""])
def test_a_missing_folder_is_named(name: str | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if name == "":
        with pytest.raises(KVCacheError):
            LocalModel.load(name)
        return
    with pytest.raises(ModelNotFoundError, match="no folder"):
        LocalModel.load(name)


def test_a_folder_or_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match=r"config\.json"):
        LocalModel.load(tmp_path)
    (tmp_path / "weights.bin").write_bytes(b"x")
    with pytest.raises(ModelLoadError, match="is a file"):
        LocalModel.load(tmp_path / "weights.bin")


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"model_type": "no-such-model"}'])
def test_a_config_that_describes_no_model_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(ModelLoadError, match=r"config\.json"):
        LocalModel.load(tmp_path)


def test_missing_and_broken_weights_are_refused(copied: Path) -> None:
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelLoadError):
        LocalModel.load(copied)
    weights.unlink()
    with pytest.raises(ModelLoadError):
        LocalModel.load(copied)


def test_weights_that_lack_a_layer_are_not_made_up(copied: Path) -> None:
    _edit_config(copied, num_hidden_layers=3)
    with pytest.raises(ModelLoadError, match="lacks 9 weights"):
        LocalModel.load(copied)


def test_a_missing_tokenizer_is_refused(copied: Path) -> None:
    for path in copied.glob("token*"):
        path.unlink()
    with pytest.raises(ModelLoadError):
        LocalModel.load(copied)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (DeepseekV32Config(), "DynamicIndexedLayer"),
        (MambaConfig(), "no layer with keys and values"),
        (T5Config(), "encoder-decoder"),
    ],
)
def test_a_model_whose_state_cannot_be_cut_is_refused_before_its_weights_are_read(
    tmp_path: Path, config: PreTrainedConfig, words: str
) -> None:
    config.save_pretrained(tmp_path)
    with pytest.raises(UnsupportedModelError, match=words):
        LocalModel.load(tmp_path)


def test_positions_that_depend_on_the_prompts_length_are_refused(copied: Path) -> None:
    _edit_config(copied, rope_parameters={"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4})
    with pytest.raises(UnsupportedModelError, match="dynamic"):
        LocalModel.load(copied)


@pytest.mark.parametrize(("option", "value"), [("dtype", "int4"), ("device", "abacus")])
def test_an_unknown_dtype_or_device_is_refused(tiny_folder: Path, option: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"{option} is '{value}'"):
        LocalModel.load(tiny_folder, **{option: value})  # type: ignore[arg-type]


def test_a_model_with_learned_positions_works_and_hits_exactly(tiny_folder: Path, tmp_path: Path) -> None:
    for path in tiny_folder.glob("token*"):
        shutil.copy(path, tmp_path)
    config = GPT2Config(vocab_size=300, n_embd=16, n_layer=2, n_head=2, n_positions=128, eos_token_id=257)
    GPT2LMHeadModel(config).save_pretrained(tmp_path)
    model = LocalModel.load(tmp_path, cache=KVCacheConfig(max_bytes=1 << 20, block_tokens=8))
    model.generate([*range(24), 7], max_tokens=1)
    plain, hit = (model.generate([*range(30)], max_tokens=8, cache=use) for use in (False, True))
    assert hit.usage.cached_tokens == 24
    assert hit.token_ids == plain.token_ids
    assert model.max_tokens == 128


def test_a_local_folder_is_loaded_without_opening_a_connection(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert LocalModel.load(tiny_folder).max_tokens == 512


def test_loading_leaves_garbage_collection_as_it_was(tiny_folder: Path, tmp_path: Path) -> None:
    LocalModel.load(tiny_folder)
    assert gc.isenabled()
    with pytest.raises(ModelLoadError):
        LocalModel.load(tmp_path)
    assert gc.isenabled()


def test_importing_the_package_loads_neither_torch_nor_transformers() -> None:
    code = "import kvcache, sys; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
