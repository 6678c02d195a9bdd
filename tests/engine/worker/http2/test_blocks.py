"""Header blocks: what we send is what HPACK says, and what a target sends is read, bounded and remembered."""

from __future__ import annotations

import string

import pytest
from hpack import Decoder, Encoder, NeverIndexedHeaderTuple
from hpack.exceptions import HPACKError
from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.worker.http2.frames import ConnectionFault, StreamFault, headers
from gluten.engine.worker.http2.header_fields import FieldMemory
from gluten.engine.worker.http2.request_block import RequestEncoder, integer
from gluten.engine.worker.http2.response_head import NO_LENGTH, HeadMemory, HeadReader
from tests.support.http2 import frames as f

NAMES = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=20)
VALUES = st.text(string.ascii_letters + string.digits + "!\"#$%&'()=?* ", max_size=300).map(str.strip)
FORBIDDEN = {"host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}


def decoded(block: bytes) -> list[tuple[bytes, bytes]]:
    """What another implementation reads in a block."""
    return [(bytes(name), bytes(value)) for name, value in Decoder().decode(block, True)]


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), st.binary(max_size=50))
def test_a_request_is_encoded_as_hpack_says(fields: list[tuple[str, str]], body: bytes) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    request = f"PUT /a?b=c HTTP/1.1\r\nHost: h:1\r\n{lines}\r\n".encode() + body
    encoded = RequestEncoder("https").encode(request)
    pseudo = [(b":method", b"PUT"), (b":scheme", b"https"), (b":authority", b"h:1"), (b":path", b"/a?b=c")]
    wanted = [(name.lower().encode(), value.encode()) for name, value in fields if name.lower() not in FORBIDDEN]
    hosts = [value.encode() for name, value in fields if name.lower() == "host"]
    if hosts:
        pseudo[2] = (b":authority", hosts[-1])
    assert decoded(encoded.block) == pseudo + wanted
    assert encoded.body == body


def test_the_common_request_is_as_short_as_the_static_table_makes_it() -> None:
    block = RequestEncoder("http").encode(b"GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip, deflate\r\n\r\n").block
    assert block == b"\x82\x86\x01\x01h\x84\x90"


def test_secrets_are_marked_so_that_no_proxy_keeps_them() -> None:
    request = b"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic x\r\nCookie: a=b\r\n\r\n"
    fields = list(Decoder().decode(RequestEncoder("http").encode(request).block, True))
    assert [isinstance(field, NeverIndexedHeaderTuple) for field in fields] == [False] * 4 + [True] * 2


def test_a_request_is_encoded_once() -> None:
    encoder, request = RequestEncoder("http"), b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"
    assert encoder.encode(request) is encoder.encode(bytes(bytearray(request)))
    assert encoder.encode(request).bodiless


@given(st.integers(0, 1 << 40), st.integers(1, 8))
def test_a_number_has_as_many_bytes_as_it_needs(value: int, bits: int) -> None:
    data, most = integer(value, bits, 0), (1 << bits) - 1
    found = data[0] if data[0] < most else most + sum((byte & 127) << 7 * at for at, byte in enumerate(data[1:]))
    assert found == value
    assert all(byte & 128 for byte in data[1:-1])


def test_a_long_block_goes_in_several_frames() -> None:
    data = headers(7, bytes(40), last=True, most=16)
    first, second, third = data[:25], data[25:50], data[50:]
    assert (first[:9], second[:9]) == (b"\0\0\x10\1\1\0\0\0\7", b"\0\0\x10\x09\0\0\0\0\7")
    assert (third[:9], len(third)) == (b"\0\0\x08\x09\4\0\0\0\7", 17)


@given(st.lists(st.tuples(NAMES.map(str.lower), VALUES), max_size=8), st.integers(100, 999))
def test_a_head_has_the_form_of_http1(fields: list[tuple[str, str]], status: int) -> None:
    wanted = [(n.encode(), v.encode()) for n, v in fields if n not in FORBIDDEN - {"host"} and n != "content-length"]
    head = HeadMemory().read(f.block(status, *wanted, f.LENGTH))
    lines = [b"%b: %b" % pair for pair in [*wanted, f.LENGTH]]
    assert (head.status, head.length) == (status, 11)
    assert head.text == b"\r\n".join([b"HTTP/1.1 %d " % status, *lines]) + b"\r\n\r\n"


def test_a_block_is_read_once() -> None:
    memory, block = HeadMemory(), f.block(404, (b"a", b"b"))
    assert memory.find(block) is None
    head = memory.read(block)
    assert memory.find(block) is head
    assert head.length == NO_LENGTH


def test_a_wrong_block_is_wrong_each_time() -> None:
    heads = HeadReader(HeadMemory())
    for _ in range(2):
        with pytest.raises(StreamFault, match="the header upgrade"):
            heads.read(f.block(200, (b"upgrade", b"h2c")))


def test_the_memory_is_bounded() -> None:
    memory = HeadMemory()
    for number in range(2000):
        memory.read(f.block(200, (b"a", b"%d" % number)))
    assert sum(memory.find(f.block(200, (b"a", b"%d" % number))) is not None for number in range(2000)) <= 512


@given(st.binary(max_size=200))
def test_whatever_a_block_is_nothing_but_a_fault_comes_of_it(block: bytes) -> None:
    try:
        head = HeadReader(HeadMemory()).read(block)
    except (ConnectionFault, StreamFault):
        return
    assert head.text.endswith(b"\r\n\r\n")


FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=8)


@given(FIELDS, st.booleans())
def test_the_fields_are_those_that_hpack_reads(fields: list[tuple[str, str]], huffman: bool) -> None:
    encoder = Encoder()
    encoder.header_table_size = 0
    block = encoder.encode(fields, huffman)
    wanted = [(name.encode(), value.encode()) for name, value in fields]
    memory = FieldMemory()
    assert memory.fields(block) == wanted
    assert memory.fields(block) == wanted


@given(st.binary(max_size=60))
def test_what_hpack_refuses_is_refused(block: bytes) -> None:
    decoder = Decoder()
    decoder.max_allowed_table_size = decoder.header_table_size = 0
    try:
        wanted = [(bytes(name), bytes(value)) for name, value in decoder.decode(block, True)]
    except HPACKError:
        with pytest.raises(ConnectionFault):
            FieldMemory().fields(block)
    else:
        assert FieldMemory().fields(block) == wanted


@pytest.mark.parametrize("heeds", [True, False])
@given(st.lists(FIELDS, min_size=1, max_size=6), st.booleans())
def test_a_target_may_keep_a_table_that_we_forbid(
    heeds: bool, blocks: list[list[tuple[str, str]]], huffman: bool
) -> None:
    """h2o 2.2 does not heed SETTINGS_HEADER_TABLE_SIZE. Each connection has a table of its own."""
    encoders, memory = (Encoder(), Encoder()), HeadMemory()
    readers = [HeadReader(memory), HeadReader(memory)]
    for encoder in encoders:
        if heeds:
            encoder.header_table_size = 0
    for number, fields in enumerate([blocks[0], *blocks, *blocks]):
        kept = [(n, v) for n, v in fields if n.lower() not in FORBIDDEN - {"host"} and n.lower() != "content-length"]
        wanted = [(name.lower(), value) for name, value in kept]
        block = encoders[number % 2].encode([(":status", "200"), *wanted], huffman)
        head = readers[number % 2].find(block) or readers[number % 2].read(block)
        lines = [f"{name}: {value}".encode() for name, value in wanted]
        assert head.text == b"\r\n".join([b"HTTP/1.1 200 ", *lines]) + b"\r\n\r\n"


def test_a_target_that_keeps_no_table_says_so_by_its_first_block() -> None:
    heads = HeadReader(HeadMemory())
    heads.read(b"\x20\x88\x76\x01a")
    assert heads.stateless
    heads = HeadReader(HeadMemory())
    heads.read(b"\x88\x76\x01a")
    assert not heads.stateless
    assert heads.read(b"\x88\xbe").text == b"HTTP/1.1 200 \r\nserver: a\r\n\r\n"
