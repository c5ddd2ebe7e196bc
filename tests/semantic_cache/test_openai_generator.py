"""What an engine is sent, seen by one that listens."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from semantic_cache.generator import Completion, Prompt
from semantic_cache.openai_generator import OpenAIGenerator
from semantic_cache.request import SamplingOptions


class Engine(HTTPServer):
    """Answers every request with one word, and remembers the bodies."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Engine)
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        choice = {"index": 0, "delta": {"content": "Yes"}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for chunk in ({**head, "choices": [choice]}, {**head, "choices": [], "usage": usage}):
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_user_is_passed_on_and_nobody_is_made_up(engine: Engine) -> None:
    generator = OpenAIGenerator("m", base_url=engine.url, api_key=None)
    for user in ("ann", None):
        prompt = Prompt("Be brief.", (), "Is there a pool?", "t", SamplingOptions(4, 0.0), "Be brief.", user)
        *pieces, completion = generator.generate(prompt)
        assert isinstance(completion, Completion)
        assert (pieces, completion.text, completion.prefix) == (["Yes"], "Yes", None)
        assert (completion.usage.prompt_tokens, completion.usage.written_tokens) == (9, 0)
    generator.close()
    assert [body.get("user", "nobody") for body in engine.bodies] == ["ann", "nobody"]
    assert engine.bodies[0]["messages"][0] == {"role": "system", "content": "Be brief."}
