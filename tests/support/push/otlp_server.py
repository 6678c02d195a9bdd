"""A server that takes OTLP/HTTP and keeps what it got, read by opentelemetry-proto's own messages."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

Plain = dict[str, Any]


class OtlpServer:
    """`statuses` are answered first, one each; after them 200. `path` is before /v1/…. What is refused is not kept."""

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.statuses: list[int] = []
        self.logs_status = 200
        self.metrics: list[ExportMetricsServiceRequest] = []
        self.logs: list[ExportLogsServiceRequest] = []
        self.headers: list[Message] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{self.path}"

    @contextmanager
    def running(self) -> Iterator[OtlpServer]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()

    def take(self, path: str, headers: Message, body: bytes) -> int:
        """The status of the answer."""
        self.headers.append(headers)
        if self.statuses:
            return self.statuses.pop(0)
        assert headers["Content-Type"] == "application/x-protobuf"
        plain = gzip.decompress(body)
        if path == f"{self.path}/v1/metrics":
            self.metrics.append(ExportMetricsServiceRequest.FromString(plain))
            return 200
        if path == f"{self.path}/v1/logs":
            if self.logs_status == 200:
                self.logs.append(ExportLogsServiceRequest.FromString(plain))
            return self.logs_status
        return 404

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(outer.take(self.path, self.headers, body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Tests need no log."""

        return Handler


def labels_of(pairs: Any) -> dict[str, str]:
    """Attributes as a plain map."""
    return {pair.key: pair.value.string_value for pair in pairs}


def points(request: ExportMetricsServiceRequest, name: str, /, **labels: str) -> list[Any]:
    """The data points of a metric that have these labels, of all resources."""
    found = []
    for resource in request.resource_metrics:
        for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics if metric.name == name):
            data = getattr(metric, str(metric.WhichOneof("data")))
            found += [point for point in data.data_points if labels.items() <= labels_of(point.attributes).items()]
    return found
