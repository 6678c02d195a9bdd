"""Files of workloads by gRPC, as a command sends them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import grpc
import pytest

from gluten.errors import StoreError, TaskError, UsageError
from gluten.net import gluten_pb2 as pb
from gluten.net.rpc.rpc_client import Client
from tests.support.net.fake_rpc_master import Node, node
from tests.support.net.rpc_calls import refusal, talking

DATA = bytes(range(256)) * 20_000
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def living() -> Iterator[Node]:
    with node() as made:
        yield made


def parts(data: bytes) -> Iterator[bytes]:
    yield from (data[start : start + 1_000_000] for start in range(0, len(data), 1_000_000))


def test_only_what_is_missing_is_asked_for(living: Node) -> None:
    with Client(living.address) as client:
        assert client.missing_files([SHA, "a" * 64]) == [SHA, "a" * 64]
        client.put_file(SHA, len(DATA), parts(DATA))
        assert client.missing_files([SHA, "a" * 64]) == ["a" * 64]
    assert living.master.files.read(SHA, 0, len(DATA)) == DATA
    assert [(entry.action, entry.detail) for entry in living.master.noted] == [("upload", f"file {SHA[:12]}")]


def test_a_known_file_is_not_read_again(living: Node) -> None:
    with Client(living.address) as client:
        client.put_file(SHA, len(DATA), parts(DATA))
        client.put_file(SHA, len(DATA), parts(b"other"))
    assert living.master.files.names == [SHA]


def test_other_bytes_are_refused_and_leave_nothing(living: Node) -> None:
    with Client(living.address) as client, pytest.raises(UsageError, match="the bytes have the SHA-256"):
        client.put_file(SHA, len(DATA), parts(DATA[:-1]))
    assert living.master.files.names == []


def test_a_client_that_fails_in_the_middle_leaves_nothing(living: Node) -> None:
    def broken() -> Iterator[bytes]:
        yield DATA[:1000]
        raise ValueError("the disk of the client broke")

    with Client(living.address) as client, pytest.raises(Exception):  # noqa: B017  # grpc's own
        client.put_file(SHA, len(DATA), broken())
    with Client(living.address) as client:
        client.put_file(SHA, len(DATA), parts(DATA))
    assert living.master.files.names == [SHA]


def test_an_error_of_the_master_s_disk_arrives_in_words(living: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("DATA/files: its disk is full")

    monkeypatch.setattr(living.master, "upload", full)
    with Client(living.address) as client, pytest.raises(StoreError, match="its disk is full"):
        client.put_file(SHA, len(DATA), parts(DATA))


def test_what_is_no_sha_256_is_refused(living: Node) -> None:
    with Client(living.address) as client:
        with pytest.raises(TaskError, match="no SHA-256"):
            client.missing_files(["../../etc/passwd"])
        with pytest.raises(TaskError, match="no SHA-256"):
            client.put_file("../x", 1, iter([b"x"]))


def test_a_file_that_is_too_large_is_refused_by_its_size() -> None:
    with talking() as (living, stub):
        too_large = pb.FilePart(sha256=SHA, size=(1 << 30) + 1)
        error = refusal(lambda request, **options: [stub.PutFile(request, **options)], iter([too_large]))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "at most 1 GiB" in error.details()
        assert living.master.files.names == []
