"""A node's log on stderr: one line for each event, as text or as JSON."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from gluten.escapes import escaped

_CAUSED_BY_STRANGERS = ("grpc._cython.cygrpc",)
"""Loggers of libraries that log a traceback for what any stranger may send: a header of gRPC that is not UTF-8."""


class JsonLines(logging.Formatter):
    """Formats each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


class PlainLines(logging.Formatter):
    """Formats each record as one line of text. Names of runs and people, and what strangers sent, cannot forge one."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = escaped(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:
        return escaped(super().formatException(ei), "\n\t")


def configure(form: str, debug: bool = False) -> None:
    """Log to stderr. `form` is text or json. `debug` adds the debug messages of the program and its libraries."""
    handler = logging.StreamHandler(sys.stderr)
    plain = PlainLines("%(asctime)s %(levelname)-7s %(message)s")
    handler.setFormatter(JsonLines() if form == "json" else plain)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if debug else logging.WARNING)
    logging.getLogger("gluten").setLevel(logging.DEBUG if debug else logging.INFO)
    for name in _CAUSED_BY_STRANGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
