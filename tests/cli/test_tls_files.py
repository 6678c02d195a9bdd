"""A file for TLS that cannot be used is refused in one line that names it and its option, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.conftest import Command
from tests.support.authority import Place, serving
from tests.support.engine.faults import FaultServer, answer_well


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[FaultServer]:
    with FaultServer(answer_well, serving(place.server)) as made:
        yield made


WRONG = [
    (("--cert", "client.pem", "--key", "client.key.enc"), "--key", "openssl pkey -in client.key.enc"),
    (("--cert", "client.pem"), "--key", "is missing"),
    (("--cert", "client.pem", "--key", "other.key"), "--key", "'other.key' is not the key of the certificate"),
    (("--key", "client.key"), "--cert", "is missing"),
    (("--cert", "client.key", "--key", "client.key"), "--cert", "it has a PRIVATE KEY"),
    (("--cert", "client.pem", "--key", "client.pem"), "--key", "it has a CERTIFICATE"),
    (("--cacert", "client.key"), "--cacert", "no certificate"),
    *(
        ((option, name, *more), option, repr(name))
        for name in ("empty", "garbage", "der", "missing", ".", "")
        for option, more in (("--cacert", ()), ("--cert", ("--key", "client.key")), ("--key", ("--cert", "client.pem")))
    ),
]


@pytest.mark.parametrize(("options", "option", "words"), WRONG, ids=lambda value: " ".join(value)[:40])
def test_a_file_that_cannot_be_used_is_refused(
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    place: Place,
    server: FaultServer,
    options: tuple[str, ...],
    option: str,
    words: str,
) -> None:
    monkeypatch.chdir(place.folder)
    load = ("-n", "4", "-c", "2", "-t", "1", "--quiet", "--insecure")
    done = command("run", *load, *options, f"https://127.0.0.1:{server.port}/")
    assert (done.code, done.out) == (2, ""), done.error
    assert done.is_one_line(), done.error
    assert option in done.error
    assert words in done.error
    assert server.connections == 0
