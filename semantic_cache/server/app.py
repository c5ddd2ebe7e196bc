"""The routes."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from semantic_cache.cache import SemanticCache
from semantic_cache.errors import SamewiseError, StoreError
from semantic_cache.server import openai
from semantic_cache.server.entries import InvalidateRequest, delete, invalidate
from semantic_cache.server.errors import ApiError, of_samewise, of_validation
from semantic_cache.server.feedback import FeedbackRequest, feedback
from semantic_cache.settings import Settings

__all__ = ["make_app", "run_server"]

_SERVED_MODEL = "samewise"
_HEALTH_SECONDS = 0.8  # who watches gives up after a second, as a rule


def run_server(settings: Settings, *, tenant: str, host: str, port: int, api_key: str | None) -> None:
    """Open the cache and serve it until interrupted.

    Raises:
        SamewiseError: The cache cannot be opened.
    """
    with SemanticCache.open(settings) as cache:
        # No access log: what is asked stays out of logs unless somebody wants it there.
        uvicorn.run(make_app(cache, tenant=tenant, api_key=api_key), host=host, port=port, access_log=False)


def make_app(cache: SemanticCache, *, tenant: str, api_key: str | None = None) -> FastAPI:
    """The application over an open cache. The tenant is the server's to say, never the request's.

    Args:
        cache: Answers; the caller closes it.
        tenant: Whose questions come in here.
        api_key: What clients must send as their bearer token; None lets everyone in.
    """
    app = FastAPI(title="Samewise", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(ApiError, _on_api_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(SamewiseError, _on_samewise_error)
    names = (_SERVED_MODEL, cache.settings.model)

    @app.get("/healthz")
    async def healthz() -> dict[str, object]:
        # Without its store it still answers, from the model: who watches must not restart it for that, nor wait.
        try:
            usage = await asyncio.wait_for(asyncio.to_thread(cache.usage), _HEALTH_SECONDS)
            return {"status": "ok", "entries": usage.entries}
        except (StoreError, TimeoutError):
            return {"status": "degraded", "entries": None}

    @app.get("/v1/models")
    def models(request: Request) -> dict[str, object]:
        _authorize(request, api_key)
        return {"object": "list", "data": [{"id": name, "object": "model", "owned_by": "samewise"} for name in names]}

    @app.post("/v1/chat/completions")
    async def chat_completions(request: Request, body: openai.ChatRequest) -> Response:
        _authorize(request, api_key)
        call = openai.call_of(body, names, cache.settings)
        # Reading a conversation may open a model, and takes milliseconds.
        stream = await asyncio.to_thread(
            cache.astream,
            call.question,
            tenant=tenant,
            history=call.history,
            sampling=call.sampling,
            tags=call.tags,
            user=call.user,
        )
        if not body.stream:
            pieces = [piece async for piece in stream]
            return JSONResponse(openai.completion(body.model, "".join(pieces), stream.answer))
        # The first piece is computed before the status line goes out: an error until then has a status of its own.
        first = await anext(stream, "")
        return EventSourceResponse(openai.chunks(body, first, stream), sep="\n")

    @app.post("/v1/feedback")
    def judged(request: Request, body: FeedbackRequest) -> dict[str, object]:
        _authorize(request, api_key)
        return feedback(cache, body, tenant)

    @app.post("/v1/invalidate")
    def invalidated(request: Request, body: InvalidateRequest) -> dict[str, object]:
        _authorize(request, api_key)
        return invalidate(cache, body, tenant)

    @app.delete("/v1/entries/{entry_id}")
    def deleted(request: Request, entry_id: Annotated[int, Path(ge=1, lt=1 << 63)]) -> dict[str, object]:
        _authorize(request, api_key)
        return delete(cache, entry_id, tenant)

    return app


def _authorize(request: Request, api_key: str | None) -> None:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if api_key is not None and not secrets.compare_digest(given.encode(), api_key.encode()):
        raise ApiError(401, "The API key is missing or wrong.", code="invalid_api_key", kind="authentication_error")


async def _on_api_error(_: Request, error: Any) -> JSONResponse:
    return _response(error)


async def _on_validation_error(_: Request, error: Any) -> JSONResponse:
    return _response(of_validation(error))


async def _on_samewise_error(_: Request, error: Any) -> JSONResponse:
    return _response(of_samewise(error))


def _response(error: ApiError) -> JSONResponse:
    return JSONResponse(error.body(), status_code=error.status)
