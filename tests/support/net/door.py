"""A front door as its clients see it: connections, requests, and applications behind it."""

import contextlib
import http.client
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import gevent
import gevent.event
import zmq

from tests.support.net.fake_rpc_master import Node


def dial(living: Node, timeout: float = 5.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", living.port), timeout)


def get(living: Node, path: str = "/") -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", living.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().read()


def read_all(sock: socket.socket) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while part := sock.recv(65536):
            data += part
    return data


@contextlib.contextmanager
def echoing_router(path: str) -> Iterator[None]:
    """A bus that sends back what it gets, on the unix socket, in a native thread."""
    context = zmq.Context()
    router = context.socket(zmq.ROUTER)
    router.linger = 0
    router.rcvtimeo = 100
    router.bind(f"ipc://{path}")
    ended = threading.Event()

    def echo() -> None:
        while not ended.is_set():
            with contextlib.suppress(zmq.Again):
                router.send_multipart(router.recv_multipart())

    thread = threading.Thread(target=echo)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        router.close()
        context.term()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


@contextlib.contextmanager
def dealer(living: Node) -> Iterator[zmq.Socket[bytes]]:
    context = zmq.Context()
    made = context.socket(zmq.DEALER)
    made.linger = 0
    made.rcvtimeo = 10_000
    made.connect(f"tcp://{living.address}")
    try:
        yield made
    finally:
        made.close()
        context.term()


def reading(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    try:
        environ["wsgi.input"].read()
        text = "200 whole"
    except OSError as error:
        text = f"408 {error}"
    start_response(text, [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return []


def endless(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache")])
    while True:
        yield b"data: tick\n\n"
        gevent.sleep(0.05)


def failing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    raise ValueError("secret")
