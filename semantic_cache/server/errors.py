"""Errors in OpenAI's form.

ApiError    an HTTP status with `{"error": {message, type, param, code}}`
"""

from __future__ import annotations

import logging

from fastapi.exceptions import RequestValidationError

from semantic_cache.errors import FeedbackError, QuestionError, SamewiseError, SelectionError, SettingsError, StoreError

__all__ = ["ApiError", "of_samewise", "of_validation"]

_LOG = logging.getLogger(__name__)


class ApiError(Exception):
    """What a client is told."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self._error = {"message": message, "type": kind, "param": param, "code": code}

    def body(self) -> dict[str, object]:
        """The JSON body."""
        return {"error": self._error}


def of_samewise(error: SamewiseError) -> ApiError:
    """A question, feedback or selection that cannot be taken is the client's fault (400); all else is ours (500).

    Where the store lies, and as whom it is opened, is for the server's log and not for its clients.
    """
    if isinstance(error, QuestionError | FeedbackError | SelectionError | SettingsError):
        return ApiError(400, str(error))
    if isinstance(error, StoreError):
        _LOG.error("The store failed: %s", error)
        return ApiError(500, "The store failed; the server's log says how.", kind="server_error", code="StoreError")
    return ApiError(500, str(error), kind="server_error", code=type(error).__name__)


def of_validation(error: RequestValidationError) -> ApiError:
    """The first thing that is wrong with a body, with the field's name."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part != "body")
    if first["type"] == "extra_forbidden":
        return ApiError(400, f"The field {field!r} is not supported here: leave it out.", param=field)
    return ApiError(400, f"{field or 'body'}: {first['msg']}", param=field or None)
