"""Spans where a deployment wants them; nothing leaves where it does not, and nothing of anybody where it does."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ml.errors import UsageError
from serving.http.traced import Traced, tracing
from serving.operation import Operation

from .servers import done, running

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def spans_of(path: str, method: str = "GET", **headers: str) -> list[Any]:
    """Return the spans of one request to a small application."""
    kept = InMemorySpanExporter()

    async def seen(request: Request) -> Response:
        if request.path_params["who"] == "nobody":
            raise RuntimeError("words about somebody")
        return Response(status_code=204)

    app = Traced(_routed(Starlette(routes=[Route("/clients/{who}", seen)])), tracing(SimpleSpanProcessor(kept)))
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"secret=1",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()], "state": {},
        "client": ("192.0.2.7", 1), "server": ("127.0.0.1", 80), "scheme": "http", "root_path": "",
        "http_version": "1.1",
    }  # fmt: skip

    async def ask() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(_: Any) -> None:
            pass

        with contextlib.suppress(RuntimeError):
            await app(scope, receive, send)

    asyncio.run(ask())
    return list(kept.get_finished_spans())


def _routed(app: Any) -> Any:
    """Leave the route in the scope, as FastAPI does."""

    async def call(scope: Any, receive: Any, send: Any) -> None:
        scope["route"] = app.routes[0]
        await app(scope, receive, send)

    return call


@pytest.mark.parametrize(("path", "status"), [("/clients/ada", 204), ("/clients/nobody", 500)])
def test_a_span_tells_method_endpoint_and_status_and_nothing_else(path: str, status: int) -> None:
    (span,) = spans_of(path, authorization="Bearer secret", **{"user-agent": "x"})
    assert span.name == "GET /clients/{who}"
    assert dict(span.attributes) == {
        "http.request.method": "GET", "http.route": "/clients/{who}", "http.response.status_code": status,
    }  # fmt: skip
    assert span.events == ()  # an exception's words are events
    assert "words" not in span.to_json()
    assert span.status.is_ok == (status == 204)


def test_a_span_is_of_the_trace_of_whoever_asks() -> None:
    (span,) = spans_of("/clients/ada", traceparent=PARENT)
    assert f"{span.context.trace_id:032x}" == PARENT.split("-")[1]
    assert f"{span.parent.span_id:016x}" == PARENT.split("-")[2]


@pytest.mark.parametrize(
    ("said", "traced"), [({}, False), ({"APUALY_TELEMETRY": "off"}, False), ({"APUALY_TELEMETRY": "on"}, True)]
)
def test_off_unless_said(said: dict[str, str], traced: bool) -> None:
    assert Operation.from_environ(said).traced is traced


def test_what_is_neither_on_nor_off() -> None:
    with pytest.raises(UsageError, match='APUALY_TELEMETRY is "yes"; it must be "on" or "off"'):
        Operation.from_environ({"APUALY_TELEMETRY": "yes"})


def test_without_the_exporter_it_says_what_is_needed(
    apualy: Any, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter", None)
    ran = apualy("serve", "ltu-small", APUALY_TELEMETRY="on", APUALY_ENV="demo", APUALY_HOME=str(own_home))
    assert ran.code == 2
    assert "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http" in ran.err


def test_the_environment_of_others_turns_nothing_on(own_home: Path) -> None:
    """FastAPI would send spans to whatever OTEL_* names: a collector that would be asked is not."""
    with socket.create_server(("127.0.0.1", 0)) as collector:
        collector.settimeout(8)
        address = f"http://127.0.0.1:{collector.getsockname()[1]}"
        others = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": address, "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
            "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_TRACES_EXPORTER": "otlp",
        }  # fmt: skip
        with running(own_home, **others) as server:
            done(server.alone(None, "GET", "/readyz"))
            with pytest.raises(TimeoutError):
                collector.accept()
