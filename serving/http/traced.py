"""Spans for OpenTelemetry, where a deployment wants them: one a request, with method, endpoint and status.

FastAPI's own spans hold addresses, and words of exceptions; nothing of that may leave.
"""

from __future__ import annotations

import importlib
import secrets

from opentelemetry import trace
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ml.errors import UsageError

from .observed import METHODS, NOWHERE, OTHER

EXPORTER = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
NEEDED = (
    "APUALY_TELEMETRY=on needs OpenTelemetry's exporter beside apualy: "
    "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http"
)


def require_exporter() -> None:
    """Raise UsageError when the exporter is not installed."""
    try:
        importlib.import_module(EXPORTER)
    except ImportError:
        raise UsageError(NEEDED) from None


def exporting() -> Tracer:
    """Return what makes spans and sends them, in batches, to the collector that the variables OTEL_* name."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return tracing(BatchSpanProcessor(OTLPSpanExporter()))


def tracing(processor: SpanProcessor) -> Tracer:
    """Return what makes spans and hands each to a processor."""
    provider = TracerProvider(id_generator=_Ids(), resource=Resource({SERVICE_NAME: "apualy"}))
    provider.add_span_processor(processor)
    return provider.get_tracer("apualy")


class _Ids(IdGenerator):
    """Ids from the system: the SDK's own draw from global random state."""

    def generate_span_id(self) -> int:
        return 1 + secrets.randbelow(2**64 - 1)

    def generate_trace_id(self) -> int:
        return 1 + secrets.randbelow(2**128 - 1)


class Traced:
    """Middleware: a span for each request, under whatever trace the caller is in."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        """Wrap an application."""
        self.app, self._tracer = app, tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, within a span."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else OTHER
        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        trace_of = {"traceparent": carrier["traceparent"]} if "traceparent" in carrier else {}
        with self._tracer.start_as_current_span(
            method, extract(trace_of), SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:

            async def watched(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(Status(StatusCode.ERROR))
                await send(message)

            try:
                await self.app(scope, receive, watched)
            finally:
                _name(span, method, getattr(scope.get("route"), "path", NOWHERE))


def _name(span: trace.Span, method: str, endpoint: str) -> None:
    span.update_name(f"{method} {endpoint}")
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.route", endpoint)
