"""What importing a package loads: heavy parts come when they are first used."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("normalize", ["torch", "transformers", "numpy", "sqlalchemy", "semantic_cache"]),
        ("storage", ["torch", "transformers", "normalize", "kvcache", "semantic_cache"]),
        ("kvcache", ["normalize", "storage", "semantic_cache", "faiss"]),
        ("semantic_cache", ["torch", "transformers", "sentence_transformers", "kvcache", "openai", "fastapi"]),
        ("semantic_cache.cli", ["torch", "transformers", "fastapi"]),
        ("semantic_cache.tuning", ["torch", "matplotlib", "scipy"]),
    ],
)
def test_importing_a_package_does_not_load(package: str, forbidden: list[str]) -> None:
    script = f"import sys, {package}; print([name for name in {forbidden!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert result.stdout.strip() == "[]", result.stdout + result.stderr
