"""`gluten.pyz target`: a small fast HTTP server for tests, in one process.

It uses asyncio protocols, renders responses in advance, and writes once for each read. Prototypes answered wrk's 64
connections at these rates, in requests/s: asyncio 184k, gevent 105k, a plain epoll loop 221k. asyncio was chosen
because it has TLS and timers. The complete server answers 128k.
"""

import asyncio
import resource
import socket
import ssl
import sys
from typing import Any

from gluten.errors import ConfigError
from gluten.interrupts import handled_by
from gluten.target.incoming import HeadParser
from gluten.target.scripted_answer import Script, request_ids
from gluten.target.servers import Servers
from gluten.target.tally import Tally
from gluten.target.target_connection import Behaviour, TargetConnection
from gluten.target.target_options import TargetOptions
from gluten.target.timing import exact_event_loop

BACKLOG = 4096


def serve(options: TargetOptions, behaviour: Behaviour | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Prints one line with the address when it listens. Returns 0.

    `behaviour` replaces what the options say about answers. Raises ConfigError if it cannot listen, or if the
    certificate cannot be read.
    """
    context = tls_context(options)
    listener = listen(options)
    raise_file_limit()
    with asyncio.Runner(loop_factory=exact_event_loop) as runner:
        runner.run(_serve(behaviour or behaviour_of(options), listener, context))
    return 0


def behaviour_of(options: TargetOptions) -> Behaviour:
    """How a target with these options answers."""
    return Behaviour(
        script=Script(options),
        servers=None if options.servers is None else Servers(options.servers),
        tally=Tally(),
        parser=HeadParser(),
        ids=request_ids() if options.request_id else None,
        encrypted=options.cert is not None,
    )


async def _serve(behaviour: Behaviour, listener: socket.socket, context: ssl.SSLContext | None) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_report)
    stopped = asyncio.Event()

    def stop() -> None:
        loop.call_soon_threadsafe(stopped.set)

    server = await loop.create_server(
        lambda: TargetConnection(behaviour, loop), sock=listener, backlog=BACKLOG, ssl=context
    )
    with handled_by(stop):
        print(f"target listening on {url_of(listener, context is not None)}", flush=True)
        await stopped.wait()
    server.close()
    for connection in list(behaviour.connections):
        connection.end()
    await asyncio.sleep(0)  # lets the loop close them


def listen(options: TargetOptions) -> socket.socket:
    """The listening socket. Raises ConfigError with the reason if it cannot listen."""
    place = _place(options.bind, options.port)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            options.bind, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigError(f"cannot listen on {place}: {error.strerror}; choose another --bind") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot listen on {place}: {error.strerror}; choose another --port (0: any free one) or --bind"
        ) from None
    return listener


def tls_context(options: TargetOptions) -> ssl.SSLContext | None:
    """The TLS context for the certificate of the options, or None without one. Raises ConfigError."""
    if options.cert is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(options.cert, options.key)
    except OSError as error:  # ssl.SSLError is one too
        files = options.cert if options.key is None else f"{options.cert}, --key {options.key}"
        raise ConfigError(f"--cert {files}: {error.strerror or error}; give PEM files that match") from None
    return context


def raise_file_limit() -> None:
    """Allow this process as many open files as the host permits."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):  # macOS refuses "unlimited"; then the limit stays as it is
        return


def url_of(listener: socket.socket, encrypted: bool) -> str:
    """The URL of the target."""
    host, port = listener.getsockname()[:2]
    return f"{'https' if encrypted else 'http'}://{_place(host, port)}/"


def _place(host: str, port: int) -> str:
    """An IPv6 address stands in brackets before a port. (The target is started without the modules of a task.)"""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Print one line in place of asyncio's traceback. Without free descriptors the target goes on with open ones."""
    error = context.get("exception")
    print(f"target: {context['message']}: {error}", file=sys.stderr, flush=True)
