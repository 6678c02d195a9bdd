"""With TLS a fault has the same kind as without it. A fault of the handshake has a kind of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

import pytest

from gluten.task.task import Task
from tests.support.engine import faults
from tests.support.engine.fault_load import TIMEOUT, load, serving_tls
from tests.support.engine.faults import Behaviour, FaultServer, Visit, answer_well
from tests.support.nginx import expired, self_signed
from tests.support.rig import Rig


@pytest.mark.parametrize(
    "behaviour",
    [
        answer_well,
        faults.one_interim,
        faults.body_of(100_000),
        faults.chunked_with_extensions_and_trailers,
        faults.drip(0.001),
    ],
)
def test_tls_carries_the_same(rig: Rig, tmp_path: Path, behaviour: Behaviour) -> None:
    with FaultServer(behaviour, serving_tls(self_signed(tmp_path))) as server:
        outcome = load(rig, server, url=f"https://127.0.0.1:{server.port}/", insecure=True)
        assert server.requests == 4
    assert outcome.total.errors == {}
    assert outcome.total.completed == 4


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (faults.close_before_answer, "read"),
        (faults.mute, "timeout"),
        (faults.garbage, "protocol"),
        (faults.close_in_body, "read"),
        (faults.close_on_second_request, "closed"),
        (faults.reset_on_second_request, "closed"),
    ],
)
def test_tls_fails_alike(rig: Rig, tmp_path: Path, behaviour: Behaviour, kind: str) -> None:
    patience = 0.3 if kind == "timeout" else 5.0
    with FaultServer(behaviour, serving_tls(self_signed(tmp_path))) as server:
        outcome = load(rig, server, url=f"https://127.0.0.1:{server.port}/", insecure=True, timeout=patience)
        assert server.requests == outcome.total.sent
    assert set(outcome.total.errors) == {kind}


def test_an_expired_certificate_is_refused(rig: Rig, tmp_path: Path) -> None:
    pair = expired(tmp_path)
    with FaultServer(answer_well, serving_tls(pair)) as server:
        outcome = rig.run(Task(f"https://127.0.0.1:{server.port}/", cacert=Path(pair.cert).read_text()))
    assert (outcome.state, outcome.kind, outcome.total.sent) == ("failed", "tls", 0)
    assert "expired" in outcome.reason


def test_a_certificate_for_another_name_is_refused(rig: Rig, tmp_path: Path) -> None:
    pair = self_signed(tmp_path)
    with FaultServer(answer_well, serving_tls(pair)) as server:
        rule = (f"other.invalid:{server.port}:127.0.0.1",)
        url = f"https://other.invalid:{server.port}/"
        outcome = rig.run(Task(url, cacert=Path(pair.cert).read_text(), resolve=rule))
        assert (outcome.state, outcome.kind, outcome.total.sent) == ("failed", "tls", 0)
        assert load(rig, server, url=url, insecure=True, resolve=rule).total.errors == {}


@pytest.mark.alone
def test_a_handshake_that_stalls_meets_the_deadline(rig: Rig) -> None:
    with FaultServer(faults.tls_stalls) as server:
        outcome = load(rig, server, url=f"https://127.0.0.1:{server.port}/", insecure=True, timeout=0.3)
    assert outcome.total.errors == TIMEOUT
    # The first try was before the start; no failure was counted for it.
    assert 0.8 <= outcome.ended < 1.2


def test_a_port_without_tls_is_reported_before_anything_is_sent(rig: Rig) -> None:
    with FaultServer(answer_well) as server:
        outcome = rig.run(Task(f"https://127.0.0.1:{server.port}/", insecure=True))
    assert (outcome.state, outcome.kind, outcome.total.sent) == ("failed", "tls", 0)
    assert "http://" in outcome.reason


@pytest.mark.alone
def test_a_stalled_handshake_delays_no_other_connection(rig: Rig, tmp_path: Path) -> None:
    """A relay passes every second connection to a server with TLS and ignores the others."""
    with FaultServer(answer_well, serving_tls(self_signed(tmp_path))) as good, FaultServer(_half(good.port)) as relay:
        outcome = rig.run(
            Task(f"https://127.0.0.1:{relay.port}/", insecure=True, duration=1.0, timeout=0.4, connections=4)
        )
    assert outcome.adds_up
    assert set(outcome.total.errors) == {"timeout"}
    assert outcome.total.completed > 200
    assert outcome.total.service.percentile(90) < 400_000, "the others wait for no deadline"


def _half(port: int) -> Behaviour:
    def behave(visit: Visit) -> None:
        if visit.number % 2:
            return visit.hold()
        with socket.create_connection(("127.0.0.1", port)) as other:
            threading.Thread(target=_pump, args=(other, visit._client), daemon=True).start()
            _pump(visit._client, other)
        return None

    return behave


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_RDWR)


def test_certificates_that_cannot_be_read_are_said_in_one_line(rig: Rig) -> None:
    for field in ("cacert", "cert"):
        with FaultServer(answer_well) as server:
            text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
            task = Task(f"https://127.0.0.1:{server.port}/", duration=1.0)
            outcome = rig.run(task._replace(**{field: text}))
        assert (outcome.state, outcome.kind) == ("failed", "tls")
        assert "\n" not in outcome.reason
        assert outcome.took < 1.0
