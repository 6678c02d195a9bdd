"""One certificate covers web and gRPC on a port. A client without TLS gets an explanation, and nothing is passed on."""

import contextlib
import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gluten.errors import ConfigError, Unreachable
from gluten.net.door import frontdoor
from gluten.net.door.tls import server_context
from gluten.net.rpc.grpc_channel import Tls
from gluten.net.rpc.rpc_client import Client
from tests.support.net.door import dealer, echoing_router, read_all
from tests.support.net.fake_rpc_master import Node, node
from tests.support.nginx import Certificate, self_signed


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("tls"))


def told(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    kept = {key: environ[key] for key in ("wsgi.url_scheme", "REMOTE_ADDR")}
    return [json.dumps(kept | {"body": environ["wsgi.input"].read().decode()}).encode()]


@pytest.fixture(scope="module")
def living(certificate: Certificate) -> Iterator[Node]:
    context = server_context(certificate.cert, certificate.key)
    with node(tls=context, app=told, handshake_timeout=1.0) as made:
        yield made


@pytest.fixture
def afar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every client seems to come from another host."""
    monkeypatch.setattr(frontdoor, "is_loopback", lambda address: False)


def trusting(certificate: Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate.cert)


def test_http_and_grpc_and_the_bus_share_a_port_with_tls(living: Node, certificate: Certificate) -> None:
    roots = Tls(Path(certificate.cert).read_bytes())
    with echoing_router(living.bus_path), dealer(living) as bus, Client(living.address, tls=roots) as client:
        for turn in range(5):
            bus.send(b"%d" % turn)
            assert client.nodes()[0]["name"] == "m"
            connection = http.client.HTTPSConnection("127.0.0.1", living.port, context=trusting(certificate))
            with contextlib.closing(connection):
                for body in (b"first", b"x" * 300_000):
                    connection.request("POST", "/", body)
                    answer = json.loads(connection.getresponse().read())
                    assert (answer["wsgi.url_scheme"], answer["body"]) == ("https", body.decode())
            assert bus.recv() == b"%d" % turn


def test_a_browser_that_offers_http2_gets_http_1(living: Node, certificate: Certificate) -> None:
    context = trusting(certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    sock = socket.create_connection(("127.0.0.1", living.port))
    with context.wrap_socket(sock, server_hostname="localhost") as secured:
        assert secured.selected_alpn_protocol() == "http/1.1"
        assert str(secured.version()) >= "TLSv1.2"


def test_nothing_older_than_tls_1_2_is_spoken(certificate: Certificate) -> None:
    # Asked of the context: the system's own settings may forbid the old ones, too, but need not.
    assert server_context(certificate.cert, certificate.key).minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_page_without_tls_is_sent_on_without_its_query(living: Node) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", living.port)
    connection.request("GET", "/login?token=secret")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://127.0.0.1:{living.port}/login")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {}),
        ("GET", {"Authorization": "Bearer x"}),
        ("GET", {"Host": "a/../b"}),
        ("GET", {"Host": "a@b"}),
        ("GET", {"Host": "evil.test"}),
    ],
)
def test_all_else_without_tls_is_refused(living: Node, method: str, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", living.port)
    connection.request(method, "/", headers=headers)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (403, None)
    assert "https://" in answer.read().decode()


def test_grpc_without_tls_is_for_this_host_alone(living: Node) -> None:
    with Client(living.address) as client:
        assert client.nodes()


def test_grpc_without_tls_from_another_host_is_closed_and_the_client_shows_the_remedy(living: Node, afar: None) -> None:
    with Client(living.address) as client, pytest.raises(Unreachable) as caught:
        client.nodes()
    assert str(caught.value) == (f"the master at {living.address} uses TLS: use --master https://{living.address}")


def test_a_certificate_that_is_not_trusted_is_named(living: Node) -> None:
    with Client(living.address, tls=Tls()) as client, pytest.raises(Unreachable, match="--master-cacert"):
        client.nodes()


def test_the_certificate_of_another_authority_is_not_trusted(living: Node, tmp_path: Path) -> None:
    other = Tls(Path(self_signed(tmp_path).cert).read_bytes())
    with Client(living.address, tls=other) as client, pytest.raises(Unreachable, match="not trusted here"):
        client.nodes()


def test_a_certificate_for_another_name_and_an_untrusted_one_have_different_errors(tmp_path: Path) -> None:
    made = self_signed(tmp_path, "DNS:other.test,IP:127.0.0.9")
    roots = Path(made.cert).read_bytes()
    with (
        node(tls=server_context(made.cert, made.key)) as astray,
        Client(astray.address, tls=Tls(roots)) as client,
        pytest.raises(Unreachable) as caught,
    ):
        client.nodes()
    assert str(caught.value) == (
        f"the master at {astray.address}: its certificate is not for 127.0.0.1: use a name that is in the certificate"
    )


def test_tls_to_a_master_without_it_says_so() -> None:
    with node() as plain, Client(plain.address, tls=Tls()) as client, pytest.raises(Unreachable) as caught:
        client.nodes()
    assert "does not use TLS" in str(caught.value)


@pytest.mark.parametrize("sent", [b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"])
def test_a_handshake_that_stops_is_ended(living: Node, sent: bytes) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", living.port), 5.0) as sock:
        sock.sendall(sent)
        assert read_all(sock) == b""
    assert time.monotonic() - began < 3.0


def test_a_grpc_connection_that_ends_leaves_nothing_behind(living: Node, certificate: Certificate) -> None:
    roots = Tls(Path(certificate.cert).read_bytes())
    for _ in range(3):
        with Client(living.address, tls=roots) as client:
            client.nodes()
    deadline = time.monotonic() + 5.0
    while living.do(lambda: living.doors[0].open_connections):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_files_that_are_no_certificate_are_one_line(certificate: Certificate, tmp_path: Path) -> None:
    other = self_signed(tmp_path)
    (tmp_path / "text").write_text("hello")
    for cert, key, words in (
        ("/no/such", certificate.key, "--tls-cert: /no/such cannot be read"),
        (certificate.cert, "/no/such", "--tls-key: /no/such cannot be read"),
        (certificate.cert, other.key, "does not belong to this certificate"),
        (str(tmp_path / "text"), other.key, "PEM"),
    ):
        with pytest.raises(ConfigError) as caught:
            server_context(cert, key)
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)
