"""What is read without llhttp is what llhttp reads, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.engine.worker.http1 import plain_head
from gluten.engine.worker.http1.parser import Parser
from tests.support.engine.responses import mutated

SERVERS = {
    "nginx": b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 11\r\nConnection: keep-alive",
    "tomcat": b"HTTP/1.1 200 \r\nContent-Type: text/plain;charset=UTF-8\r\nTransfer-Encoding: chunked",
    "apache": b"HTTP/1.1 404 Not Found\r\nUpgrade: h2,h2c\r\nConnection: Upgrade\r\nKeep-Alive: timeout=5, max=99",
    "an old one": b"HTTP/1.0 200 OK\r\nSet-Cookie: caf\xe9\r\nEmpty:\r\nPadded: \t x \t",
    "an interim one": b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload",
}
UNUSUAL = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked",
    b"HTTP/1.1 200 OK\r\nContent-Length: +5",
    b"HTTP/1.1 200 OK\r\nContent-Length: \xb2",
    b"HTTP/1.1 200 OK\r\nNo-Colon",
    b"HTTP/1.1 200 OK\r\nSpace : x",
    b"HTTP/1.1 200 OK\r\n folded",
    b"HTTP/1.1 200 OK\r\nX: a\x00b",
    b"HTTP/1.1 200 OK\r\nX: a\nY: b",
    b"HTTP/2 200 OK",
    b"HTTP/1.1 20 OK",
    b"HTTP/1.1 200\tOK",
    b"",
)


def same(block: bytes) -> bool:
    """Whether the block is read, and then as llhttp reads it."""
    head = plain_head.read(block)
    if head is None:
        return False
    parser = Parser()
    parser.take(block + b"\r\n\r\n")
    assert (head.get_code(), head.get_http_version()) == (parser.get_code(), parser.get_http_version())
    assert head.fields == [(name, value.strip(" \t")) for name, value in parser.fields]
    assert bool(parser.interim) == head.interim == (not parser.ready)
    return True


@pytest.mark.parametrize("server", SERVERS)
def test_what_servers_send_needs_no_parser(server: str) -> None:
    assert same(SERVERS[server])


def test_what_is_wrong_or_rare_is_left_to_the_parser() -> None:
    assert [block for block in UNUSUAL if plain_head.read(block)] == []


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([*SERVERS.values(), *UNUSUAL[:-1]]).flatmap(mutated))
def test_a_changed_block_is_read_as_llhttp_reads_it_or_not_at_all(block: bytes) -> None:
    same(block)
