"""The lines of an exported file: what each kind holds, checked when it is written and when it is read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator

from storage.entry import Origin
from storage.errors import StoreValueError
from storage.learned import FeedbackSource
from storage.rows import checked_vector

__all__ = ["FORMAT", "LINE", "VERSION", "AliasLine", "BlockedLine", "CalibrationLine", "EntryLine", "FeedbackLine",
           "Header", "Line", "PairLine", "WrongLineError", "wording"]  # fmt: skip

FORMAT = "samewise"
VERSION = 1
"""Of the format. It changes when a file of today could not be read by tomorrow's code, or the reverse."""

_Id = Annotated[int, Field(ge=-(2**63) + 1, lt=2**63)]
_Count = Annotated[int, Field(ge=0, lt=2**63)]
_Tokens = Annotated[int, Field(ge=0, lt=2**31)]


class WrongLineError(Exception):
    """A line that is well written, and cannot be taken all the same."""

    def __init__(self, line: Line, why: str) -> None:
        super().__init__(why)
        self.line = line


class _Line(BaseModel):
    # Half characters and numbers without an end are refused by the parser; nothing is converted.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Header(_Line):
    """The first line. `at` is seconds since the epoch, `counts` says how many lines of each kind follow."""

    kind: Literal["header"]
    format: Literal["samewise"]
    version: Literal[1]
    schema_version: int
    at: float
    tenant: str | None
    counts: dict[Literal["entry", "alias", "blocked", "feedback", "calibration"], _Count]


class EntryLine(_Line):
    """An entry. `vector` is base64 of little-endian float32, `tool_calls` are [id, name, arguments], `documents` are
    [name, digest]; the others are as in `storage.Entry`."""

    kind: Literal["entry"]
    id: _Id
    tenant: str
    scope: str
    question: str
    exact_hash: str
    key: str
    key_hash: str
    language: str
    facts: dict[str, tuple[str, ...]]
    answer: str
    finish_reason: str
    origin: Origin
    prompt_tokens: _Tokens
    completion_tokens: _Tokens
    tags: tuple[str, ...]
    model: str
    embedder: str | None
    normalizer_version: str
    vector: str | None
    tool_calls: tuple[tuple[str, str, str], ...]
    documents: tuple[tuple[str, str], ...]
    bot: str
    generation_ms: float
    created: float
    last_used: float
    hits: _Count
    answered: float
    expires: float | None
    ttl_seconds: Annotated[float, Field(gt=0)] | None
    sliding: bool

    @field_validator("vector")
    @classmethod
    def _is_unit(cls, text: str | None) -> str | None:
        if text is not None:
            checked_vector(_decoded(text))
        return text

    @model_validator(mode="after")
    def _holds_together(self) -> EntryLine:
        if (self.vector is None) != (self.embedder is None):
            raise ValueError("vector and embedder go together: give both or neither")
        if (self.expires is None) != (self.ttl_seconds is None) or (self.sliding and self.ttl_seconds is None):
            raise ValueError("expires and ttl_seconds go together, and only with them sliding: give all or none")
        return self

    def vector_values(self) -> np.ndarray[tuple[int], np.dtype[np.float32]] | None:
        """(dimensions,) of unit length."""
        return None if self.vector is None else _decoded(self.vector)


class PairLine(_Line):
    """An asked question and the entry of `entry_id`, whose scope it has."""

    entry_id: _Id
    question: str
    exact_hash: str
    key_hash: str
    normalizer_version: str
    created: float


class AliasLine(PairLine):
    """A question that the entry was confirmed for."""

    kind: Literal["alias"]


class BlockedLine(PairLine):
    """A question that the entry is wrong for."""

    kind: Literal["blocked"]


class FeedbackLine(_Line):
    """A judgement, as in `storage.Feedback`; `current` says that it counts. The entry may be gone. One without hashes
    is the sum of `number` old judgements."""

    kind: Literal["feedback"]
    at: float
    tenant: str
    scope: str
    entry_id: _Id
    question: str | None
    exact_hash: str
    key_hash: str
    served: str | None
    similarity: float | None
    probability: float | None
    correct: bool
    note: str
    source: FeedbackSource
    current: bool
    number: Annotated[int, Field(ge=1, lt=2**31)] = 1


class CalibrationLine(_Line):
    """A decision rule, as in `storage.Calibration`."""

    kind: Literal["calibration"]
    at: float
    name: Annotated[str, Field(min_length=1)]
    body: str | None
    note: str


Line = EntryLine | AliasLine | BlockedLine | FeedbackLine | CalibrationLine
"""Any line but the first."""

LINE: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])


def wording(error: ValidationError) -> str:
    """The first thing that is wrong with a line: its field, what is expected, and what is there."""
    first: Mapping[str, Any] = error.errors(include_url=False)[0]
    # Of lines of many kinds, the first place is the kind.
    place = ".".join(str(part) for part in first["loc"][error.title != Header.__name__ :])
    there = "" if isinstance(first["input"], Mapping) or not place else f", and is {first['input']!r:.80}"
    return f"{place or 'the line'}: {first['msg']}{there}"


def _decoded(text: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise StoreValueError(f"it is no base64 ({error})") from error
    if len(data) % 4:
        raise StoreValueError(f"it has {len(data)} bytes, and four make a number")
    return np.frombuffer(data, dtype="<f4")
