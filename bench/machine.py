"""What every benchmark says beside its figures: machine, date, command, versions; and where the figures go."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import Any

__all__ = ["describe", "spread", "write"]

_OUT = Path(__file__).parent / "out"


def describe(*packages: str) -> dict[str, Any]:
    """The circumstances of a run."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "command": " ".join(["python", *sys.argv]),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in packages},
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, first and third quartile, 99th percentile and count."""
    if len(values) < 2:
        return {"median": values[0], "q1": values[0], "q3": values[0], "p99": values[0], "count": len(values)}
    low, _, high = quantiles(values, n=4)
    return {"median": median(values), "q1": low, "q3": high, "p99": quantiles(values, n=100)[98], "count": len(values)}


def write(name: str, result: dict[str, Any]) -> Path:
    """Keep the figures as JSON in bench/out; returns the file."""
    _OUT.mkdir(exist_ok=True)
    path = _OUT / f"{name}.json"
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return path


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
