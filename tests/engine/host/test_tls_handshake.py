"""Errors of TLS that would fail every request are reported before a run. A slow target is not an error."""

from __future__ import annotations

import contextlib
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from gluten.engine.fault import Fault
from gluten.engine.host.preflight import reachable
from gluten.task.task import Task
from tests.support.authority import Authority, serving
from tests.support.engine import faults
from tests.support.engine.faults import Behaviour, FaultServer, Visit, answer_well
from tests.support.nginx import Certificate, expired, self_signed
from tests.support.rig import Rig

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


class Shop:
    """Certificates of the trusted authority, of another one, and of none."""

    def __init__(self, folder: Path) -> None:
        self.authority, self.stranger = Authority(folder), Authority(folder, "stranger")
        self.server, self.client = self.authority.issue("server"), self.authority.issue("client")
        self.unknown = self.stranger.issue("unknown")
        (folder / "own").mkdir()
        (folder / "old").mkdir()
        self.own, self.old = self_signed(folder / "own"), expired(folder / "old")

    def showing(self, pair: Certificate) -> dict[str, str]:
        return {"cert": Path(pair.cert).read_text(), "key": Path(pair.key).read_text()}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("shop"))


def refusal(server: FaultServer, host: str = "127.0.0.1", **more: Any) -> str:
    """Why the target is refused. Empty if it is reachable."""
    task = Task(f"https://{host}:{server.port}/", **more)
    with server:
        said = asked(task)
        assert server.requests == 0
    assert not said or said.startswith(f"{task.target.hostname}:{server.port}: ")
    return said


def asked(task: Task) -> str:
    try:
        found = reachable(task, ["127.0.0.1"])
    except Fault as fault:
        return str(fault) if fault.kind == "tls" else fault.kind
    return "" if found == ["127.0.0.1"] else str(found)


def test_a_certificate_that_does_not_verify_is_reported_with_its_remedies(shop: Shop) -> None:
    good, own = serving(shop.server), serving(shop.own)
    old = Path(shop.old.cert).read_text()
    for context, host, cacert, words in (
        (own, "127.0.0.1", "", "is self-signed: trust it by --cacert FILE"),
        (good, "127.0.0.1", "", "authority that is unknown here"),
        (good, "127.0.0.1", shop.stranger.text, "authority that is unknown here"),
        (good, "other.test", shop.authority.text, "is not valid for 'other.test'"),
        (good, "127.0.0.2", shop.authority.text, "is not valid for '127.0.0.2'"),
        (serving(shop.old), "127.0.0.1", old, "has expired"),
    ):
        said = refusal(FaultServer(answer_well, context), host, cacert=cacert)
        assert words in said
        assert "--insecure" in said
        assert "_ssl.c" not in said
        assert refusal(FaultServer(answer_well, context), host, insecure=True) == ""


def test_a_certificate_is_taken_by_every_spelling_of_its_name(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = serving(authority.issue("names", "DNS:xn--mnchen-3ya.test,DNS:a_b.test,IP:127.0.0.1,IP:::1,IP:fe80::1"))
    seen: list[str] = []
    context.sni_callback = lambda sock, name, ours: seen.append(name)
    for host in (
        "münchen.test",
        "MÜNCHEN.Test.",
        "xn--mnchen-3ya.test",
        "a_b.test",
        "127.1",
        "[::1]",
        "[fe80::1%25lo]",
    ):
        assert refusal(FaultServer(answer_well, context), host, cacert=authority.text) == "", host
    # No address stands in a SNI (RFC 6066).
    assert seen == ["xn--mnchen-3ya.test"] * 3 + ["a_b.test"] + [None] * 3


@pytest.mark.parametrize("version", [V12, V13])
def test_a_client_certificate_that_is_missing_or_unknown_is_told(shop: Shop, version: ssl.TLSVersion) -> None:
    context = serving(shop.server, shop.authority.cert, version)
    trust = {"cacert": shop.authority.text}
    missing = refusal(FaultServer(answer_well, context), **trust)
    assert "a client certificate" in missing
    assert "--cert and --key" in missing
    assert "does not know the authority" in refusal(
        FaultServer(answer_well, context), **trust, **shop.showing(shop.unknown)
    )
    assert refusal(FaultServer(answer_well, context), **trust, **shop.showing(shop.client)) == ""


def test_a_client_certificate_that_is_only_welcome_is_not_needed(shop: Shop) -> None:
    context = serving(shop.server, shop.authority.cert)
    context.verify_mode = ssl.CERT_OPTIONAL
    assert refusal(FaultServer(answer_well, context), cacert=shop.authority.text) == ""


def test_another_version_of_tls_is_told(shop: Shop) -> None:
    alert = b"\x15\x03\x01\x00\x02\x02\x46"
    assert "another version of TLS" in refusal(FaultServer(after_hello(alert)))


def after_hello(data: bytes) -> Behaviour:
    def behave(visit: Visit) -> None:
        visit._client.recv(65536)
        visit.send(data)

    return behave


def hold_until_eof(visit: Visit) -> None:
    """A server without TLS that waits for the rest of what it takes for a request."""
    while visit._client.recv(65536):
        pass


@pytest.mark.parametrize(
    "behaviour",
    [
        after_hello(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
        after_hello(b""),
        hold_until_eof,
        after_hello(b"SSH-2.0-OpenSSH_9.6\r\n"),
        faults.resetting_after(b""),
    ],
    ids=["400", "close", "wait", "ssh", "reset"],
)
def test_a_port_without_tls_is_told(behaviour: Behaviour) -> None:
    said = refusal(FaultServer(behaviour), timeout=1.0)
    assert "http://" in said


def test_a_target_that_is_silent_keeps_its_run() -> None:
    assert refusal(FaultServer(faults.tls_stalls), timeout=0.3) == ""


def test_a_target_that_hangs_up_once_keeps_its_run(shop: Shop) -> None:
    context = serving(shop.own)

    def behave(visit: Visit) -> None:
        if visit.number > 1:
            with contextlib.suppress(OSError), context.wrap_socket(visit._client, server_side=True) as secured:
                secured.recv(1)

    assert refusal(FaultServer(behave), insecure=True) == ""


def test_one_good_address_is_enough(shop: Shop) -> None:
    with FaultServer(answer_well, serving(shop.server)) as good, socket.create_server(("127.0.0.2", good.port)) as bad:
        bad.close()
        task = Task(f"https://localhost:{good.port}/", cacert=shop.authority.text)
        assert reachable(task, ["127.0.0.2", "127.0.0.1"]) == ["127.0.0.1"]


@pytest.mark.parametrize("keepalive", [True, False])
@pytest.mark.parametrize("version", [V12, V13])
def test_a_certificate_that_is_required_from_now_on_is_a_tls_error(
    rig: Rig, shop: Shop, version: ssl.TLSVersion, keepalive: bool
) -> None:
    """The target accepted the preflight. It refuses the workers."""
    server = Turning(serving(shop.server, "", version), serving(shop.server, shop.authority.cert, version))
    with server:
        task = Task(
            f"https://127.0.0.1:{server.port}/",
            requests=6,
            duration=None,
            connections=2,
            threads=1,
            cacert=shop.authority.text,
            keepalive=keepalive,
            body=b"x" * 300_000,
            method="POST",
        )
        outcome = rig.run(task)
    assert outcome.adds_up
    assert outcome.total.errors == {"tls": 6}
    assert "a client certificate" in outcome.total.samples["tls"]
    assert "_ssl.c" not in outcome.total.samples["tls"]


class Turning(FaultServer):
    """A server whose first connection has other TLS settings than the rest."""

    def __init__(self, first: ssl.SSLContext, then: ssl.SSLContext) -> None:
        super().__init__(answer_well, first)
        self._then = then

    def _serve(self, client: socket.socket, number: int) -> None:
        if number > 1:
            self._tls = self._then
        super()._serve(client, number)
