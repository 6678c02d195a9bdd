"""`gluten target`: runs the small HTTP server that serves as a target."""

from __future__ import annotations

from gluten.cli.arguments import Arguments
from gluten.target.server import serve
from gluten.target.target_options import parse_options


def target(arguments: Arguments) -> int:
    """Serve until SIGTERM or Ctrl-C. Raises UsageError, ConfigError."""
    get = arguments.get
    return serve(
        parse_options(
            port=get("port", "8080"),
            bind=get("bind", "127.0.0.1"),
            delay=get("delay", "0"),
            servers=get("servers"),
            status=get("status", "200"),
            size=get("size"),
            reset=get("reset", "0"),
            chunked=arguments.flag("chunked"),
            close=arguments.flag("close"),
            request_id=arguments.flag("request-id"),
            headers=tuple(get("header", ())),
            body=get("body"),
            cert=get("cert"),
            key=get("key"),
        )
    )
