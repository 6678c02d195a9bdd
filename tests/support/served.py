"""A small server in a thread, for as long as a test needs it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from socketserver import ThreadingTCPServer
from threading import Thread


@contextlib.contextmanager
def served(server: ThreadingTCPServer | ThreadingHTTPServer) -> Iterator[str]:
    """Serve until the block ends; the server's address as the start of a URL."""
    with server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()
