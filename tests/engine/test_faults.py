"""A target that misbehaves: each way ends in the right kind, at its time, once, and costs nobody else anything."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gluten.task.limits import MAX_BODY
from gluten.task.task import Task
from tests.support import faults
from tests.support.faults import OK, Behaviour, FaultServer, Visit, answer_well, answering, closing_after
from tests.support.nginx import Certificate, expired, self_signed
from tests.support.rig import Outcome, Rig

pytestmark = pytest.mark.alone

FEW: dict[str, Any] = {"threads": 1, "connections": 2, "requests": 4, "duration": None, "timeout": 0.5}


def load(rig: Rig, server: FaultServer, **words: Any) -> Outcome:
    """Run a task against the fault server. Whatever happens, the counts add up and the server is sound."""
    outcome = rig.run(Task(**({"url": f"http://127.0.0.1:{server.port}/"} | FEW | words)))
    assert outcome.state == "finished", outcome
    assert outcome.adds_up, outcome.total.to_map()
    assert outcome.total.in_flight == 0
    assert server.failures == []
    return outcome


def against(rig: Rig, behaviour: Behaviour, **words: Any) -> Outcome:
    """The same, and nothing was sent twice: the server has seen each request once."""
    with FaultServer(behaviour) as server:
        outcome = load(rig, server, **words)
        assert server.requests == outcome.total.sent
    return outcome


READ, RESET, PROTOCOL, LIMIT = ({kind: 4} for kind in ("read", "reset", "protocol", "limit"))
TIMEOUT = {"timeout": 4}


@pytest.mark.parametrize(("behaviour", "errors"), [
    (faults.reset_before_headers, RESET), (faults.reset_in_headers, RESET), (faults.reset_after_headers, RESET),
    (faults.reset_in_body, RESET),
    (faults.close_before_answer, READ), (faults.close_in_headers, READ), (faults.close_in_body, READ),
    (faults.close_in_chunk, READ), (faults.length_too_long_closing, READ),
    (faults.garbage, PROTOCOL), (faults.garbage_kept_open, PROTOCOL), (faults.length_nonsense, PROTOCOL),
    (faults.length_twice, PROTOCOL), (faults.length_too_short, PROTOCOL), (faults.bytes_after_response, PROTOCOL),
    (faults.two_answers, PROTOCOL), (faults.status_204_with_body, PROTOCOL), (faults.status_304_with_body, PROTOCOL),
    (faults.chunk_size_nonsense, PROTOCOL),
    (faults.endless_headers, LIMIT), (faults.headers_300, LIMIT), (faults.interim_2000, LIMIT),
])  # fmt: skip
def test_each_fault_has_its_kind(rig: Rig, behaviour: Behaviour, errors: dict[str, int]) -> None:
    outcome = against(rig, behaviour)
    assert outcome.total.errors == errors, outcome.total.samples
    assert outcome.total.completed == 0
    assert set(outcome.total.samples) == set(errors)


@pytest.mark.parametrize("behaviour", [
    faults.one_interim, faults.headers(256), faults.http10_until_close, faults.chunked_with_extensions_and_trailers,
    faults.close_after_answer, closing_after(b"HTTP/1.1 200 OK\r\n\r\nno length"),
    closing_after(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    answering(b"HTTP/1.1 204 No Content\r\n\r\n"), answering(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
    answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), faults.drip(0.002),
])  # fmt: skip
def test_what_is_odd_but_allowed_is_completed(rig: Rig, behaviour: Behaviour) -> None:
    outcome = against(rig, behaviour, connections=1, requests=1)
    assert outcome.total.errors == {}
    assert outcome.total.completed == 1


@pytest.mark.parametrize("behaviour", [
    faults.http10_until_close, closing_after(b"HTTP/1.1 200 OK\r\n\r\nno length"),
    closing_after(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    closing_after(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"),
])  # fmt: skip
def test_a_connection_that_ends_with_its_response_is_not_used_again(rig: Rig, behaviour: Behaviour) -> None:
    with FaultServer(behaviour) as server:
        outcome = load(rig, server, requests=20)
    assert outcome.total.errors == {}
    assert server.requests == outcome.total.completed == 20


def test_no_keep_alive_means_a_connection_a_request_whatever_the_target_says(rig: Rig) -> None:
    with FaultServer(answer_well) as server:
        outcome = load(rig, server, requests=30, keepalive=False)
        # The scout's look is one connection more.
        assert server.connections == 31
    assert outcome.total.completed == server.requests == 30


def test_head_takes_no_body(rig: Rig) -> None:
    assert against(rig, faults.head_well, method="HEAD").total.completed == 4
    assert against(rig, faults.head_with_body, method="HEAD").total.errors == PROTOCOL


@pytest.mark.parametrize("behaviour", [faults.body_of(5000), faults.endless_body, faults.endless_chunks,
                                       faults.length_too_long])  # fmt: skip
def test_a_body_over_the_limit_is_not_read_on(rig: Rig, behaviour: Behaviour) -> None:
    outcome = against(rig, behaviour, max_body=19)
    assert outcome.total.errors == LIMIT
    assert outcome.total.read < 4 << 20


@pytest.mark.parametrize("behaviour", [faults.silent, faults.mute, faults.drip(0.1), faults.length_too_long],
                         ids=["silent", "mute", "a byte a time", "a body that stays short"])  # fmt: skip
def test_a_deadline_is_for_the_whole_request(rig: Rig, behaviour: Behaviour) -> None:
    """Two connections, two requests each, one after the other: 2 × 0.3 s."""
    with FaultServer(behaviour) as server:
        outcome = load(rig, server, timeout=0.3)
    assert outcome.total.errors == TIMEOUT
    assert 0.6 <= outcome.ended < 0.9, "a third deadline would end at 0.9"


def test_no_deadline_comes_early_or_twice(rig: Rig) -> None:
    """The server notes how long the client stayed after its request: 0.2 s, not twice as long."""
    stays: list[float] = []

    def note(visit: Visit) -> None:
        if visit.read_request() is not None:
            began = time.monotonic()
            visit.read_request()
            stays.append(time.monotonic() - began)

    with FaultServer(note) as server:
        load(rig, server, timeout=0.2, connections=8, requests=24)
    assert len(stays) == 24
    assert all(0.19 <= stay < 0.4 for stay in stays), stays


def test_a_request_that_nobody_reads_meets_its_deadline_too(rig: Rig) -> None:
    """Larger than the sockets' buffers: it cannot be written."""
    with FaultServer(faults.silent, room=4096) as server:
        outcome = load(rig, server, method="POST", body=b"x" * MAX_BODY, timeout=0.3, connections=1, requests=1)
    assert outcome.total.errors == {"timeout": 1}
    assert "written" in outcome.total.samples["timeout"]


def test_a_large_request_is_written_in_pieces(rig: Rig) -> None:
    received: list[int] = []

    def swallow(visit: Visit) -> None:
        if visit.read_request() is not None:
            size = 0
            while size < MAX_BODY:
                visit.pause(0.0005)
                size += len(visit._client.recv(1 << 20))
                size += len(visit._buffer)
                visit._buffer = b""
            received.append(size)
            visit.send(OK)

    with FaultServer(swallow, room=4096) as server:
        outcome = load(rig, server, method="POST", body=b"x" * MAX_BODY, timeout=5.0, connections=1, requests=1)
    assert outcome.total.completed == 1
    assert received == [MAX_BODY]
    assert outcome.total.written > MAX_BODY


@pytest.mark.parametrize("behaviour", [faults.close_on_second_request, faults.reset_on_second_request])
@pytest.mark.parametrize("connections", [1, 8])
def test_a_kept_connection_that_is_closed_on_a_request_is_its_own_kind(
    rig: Rig, behaviour: Behaviour, connections: int
) -> None:
    """Odd requests of a connection are answered, even ones meet its end, by FIN or by RST. With several connections the
    later ones' first answers are already known: that must make no difference. A connection's last may be an odd one."""
    outcome = against(rig, behaviour, connections=connections, requests=8 * connections)
    assert outcome.total.errors == {"closed": outcome.total.failed}
    assert 0 <= outcome.total.completed - outcome.total.failed <= connections


def test_a_closed_race_at_a_constant_rate_is_the_same(rig: Rig) -> None:
    outcome = against(rig, faults.close_on_second_request, rate=200.0, requests=40, duration=2.0)
    assert set(outcome.total.errors) <= {"closed"}
    assert outcome.total.sent == 40


def test_an_idle_connection_may_be_closed_without_harm(rig: Rig) -> None:
    """At a constant rate a connection has time to be idle: the target closes it there, nobody is hurt."""
    outcome = against(rig, faults.close_after_answer, rate=40.0, requests=20, duration=2.0)
    assert outcome.total.errors == {}
    assert outcome.total.completed == 20


def large_then(last: bytes) -> Behaviour:
    """Ten large answers, each with another header; then the connection's last bytes."""

    def behave(visit: Visit) -> None:
        for number, _ in enumerate(visit.requests()):
            if number == 10:
                return visit.send(last)
            visit.send(b"HTTP/1.1 200 OK\r\nX-Id: %d\r\nContent-Length: 50000\r\n\r\n" % number + b"x" * 50_000)
        return None

    return behave


@pytest.mark.parametrize(("last", "kind"), [
    (b"", "closed"), (b"HTTP/1.1 200 OK\r\nContent-Len", "read"), (b"garbage\r\n\r\n", "protocol"),
    (b"HTTP/1.1 200 OK\r\nX-Id: 9\r\nContent-Length: 50000\r\n\r\nxxx", "read"),
])  # fmt: skip
@pytest.mark.parametrize("rate", [None, 200.0])
def test_a_fault_after_large_answers_has_its_kind(rig: Rig, last: bytes, kind: str, rate: float | None) -> None:
    """22 requests on one connection after another: 10 answered, one not, twice."""
    outcome = against(rig, large_then(last), connections=1, requests=22, rate=rate)
    assert outcome.total.errors == {kind: 2}, outcome.total.samples
    assert outcome.total.completed == 20


def test_one_reset_in_a_hundred_hurts_nobody_else(rig: Rig) -> None:
    with FaultServer(faults.reset_one_in(5)) as server:
        outcome = load(rig, server, connections=8, keepalive=False, requests=500)
    assert outcome.total.errors == {"reset": 100}
    assert outcome.total.completed == 400
    assert server.requests == 500


@pytest.mark.parametrize(("bad", "kind"), [(faults.mute, "timeout"), (faults.drip(0.05), "timeout"),
                                           (faults.endless_headers, "limit")])  # fmt: skip
def test_the_load_of_other_connections_goes_on(rig: Rig, bad: Behaviour, kind: str) -> None:
    def behave(visit: Visit) -> None:
        (bad if visit.number % 5 == 1 else answer_well)(visit)

    with FaultServer(behave) as server:
        outcome = load(rig, server, connections=5, requests=None, duration=0.8, timeout=0.3)
    assert set(outcome.total.errors) == {kind}
    assert outcome.total.completed > 500
    assert outcome.total.service.percentile(50) < 300_000, "the others wait for no deadline"


def test_who_waits_sends_nothing_more(rig: Rig) -> None:
    """What waiting costs, `bench/bounds.py` measures."""
    with FaultServer(faults.silent) as server:
        outcome = load(rig, server, connections=20, threads=2, requests=None, duration=1.5, timeout=2.0)
    assert outcome.total.sent == 20
    assert outcome.total.errors == {"timeout": 20}


def test_a_target_that_refuses_before_the_run_is_said_at_once(rig: Rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    outcome = rig.run(Task(f"http://127.0.0.1:{port}/", duration=5.0))
    assert (outcome.state, outcome.kind) == ("failed", "connect")
    assert "refused" in outcome.reason
    assert "\n" not in outcome.reason
    assert outcome.took < 5.0, "it does not wait for the end of the run"
    assert outcome.total.sent == 0


class Leaving:
    """A target that answers well for a while, and then nobody listens any more."""

    def __init__(self, seconds: float) -> None:
        self.server = FaultServer(self._behave)
        self._seconds = seconds
        self._over = threading.Event()

    def _behave(self, visit: Visit) -> None:
        while not self._over.is_set() and visit.read_request() is not None:
            visit.send(OK)

    def leave(self) -> None:
        """Wait, then close everything."""
        time.sleep(self._seconds)
        self._over.set()
        self.server.__exit__(None, None, None)


@pytest.mark.parametrize("words", [{}, {"rate": 100.0}], ids=["closed", "rate"])
def test_a_target_that_refuses_in_mid_run_is_not_spun_on(rig: Rig, words: dict[str, Any]) -> None:
    leaving = Leaving(0.4)
    with leaving.server as server:
        rig.start(Task(f"http://127.0.0.1:{server.port}/", duration=1.5, timeout=0.5, **words))
        leaving.leave()
        outcome = rig.finish()
    assert outcome.state == "finished"
    assert outcome.adds_up
    assert "connect" in outcome.total.errors
    assert set(outcome.total.errors) <= {"connect", "closed", "read", "reset"}
    assert outcome.total.failed < 400


def test_a_name_that_does_not_resolve_is_a_dns_failure(rig: Rig) -> None:
    outcome = rig.run(Task("http://no-such-host.invalid/", duration=5.0))
    assert (outcome.state, outcome.kind) == ("failed", "dns")
    assert "no-such-host.invalid" in outcome.reason
    assert "\n" not in outcome.reason


def test_a_rule_takes_the_place_of_dns(rig: Rig) -> None:
    with FaultServer(answer_well) as server:
        url, rule = f"http://no-such-host.invalid:{server.port}/", f"no-such-host.invalid:{server.port}:127.0.0.1"
        assert load(rig, server, url=url, resolve=(rule,)).total.completed == 4


def test_connections_are_spread_over_all_addresses(rig: Rig) -> None:
    peers: list[str] = []

    def note(visit: Visit) -> None:
        peers.append(visit._client.getsockname()[0])
        answer_well(visit)

    with FaultServer(note) as server, _second_address(server.port, note) as other:
        rules = tuple(f"two.invalid:{server.port}:{address}" for address in ("127.0.0.1", "127.0.0.2"))
        outcome = rig.run(Task(f"http://two.invalid:{server.port}/", duration=0.3, connections=6, resolve=rules))
        assert server.requests + other.requests == outcome.total.completed
    # The scout has looked at each address once.
    assert sorted(set(peers)) == ["127.0.0.1", "127.0.0.2"]
    assert [peers.count(address) for address in ("127.0.0.1", "127.0.0.2")] == [4, 4]


def _second_address(port: int, behaviour: Behaviour) -> FaultServer:
    """The same port of 127.0.0.2."""
    server = FaultServer(behaviour)
    server._listener.close()
    server._listener = socket.create_server(("127.0.0.2", port), backlog=1024)
    server._listener.settimeout(0.05)
    return server


def _context(pair: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    return context


@pytest.mark.parametrize("behaviour", [answer_well, faults.one_interim, faults.body_of(100_000),
                                       faults.chunked_with_extensions_and_trailers, faults.drip(0.001)])  # fmt: skip
def test_tls_carries_the_same(rig: Rig, tmp_path: Path, behaviour: Behaviour) -> None:
    with FaultServer(behaviour, _context(self_signed(tmp_path))) as server:
        outcome = load(rig, server, url=f"https://127.0.0.1:{server.port}/", insecure=True)
        assert server.requests == 4
    assert outcome.total.errors == {}
    assert outcome.total.completed == 4


@pytest.mark.parametrize(("behaviour", "kind"), [
    (faults.close_before_answer, "read"), (faults.mute, "timeout"), (faults.garbage, "protocol"),
    (faults.close_in_body, "read"), (faults.close_on_second_request, "closed"),
    (faults.reset_on_second_request, "closed"),
])  # fmt: skip
def test_tls_fails_alike(rig: Rig, tmp_path: Path, behaviour: Behaviour, kind: str) -> None:
    with FaultServer(behaviour, _context(self_signed(tmp_path))) as server:
        outcome = load(rig, server, url=f"https://127.0.0.1:{server.port}/", insecure=True, timeout=0.3)
        assert server.requests == outcome.total.sent
    assert set(outcome.total.errors) == {kind}


def test_an_expired_certificate_is_refused(rig: Rig, tmp_path: Path) -> None:
    pair = expired(tmp_path)
    with FaultServer(answer_well, _context(pair)) as server:
        outcome = rig.run(Task(f"https://127.0.0.1:{server.port}/", cacert=Path(pair.cert).read_text()))
    assert (outcome.state, outcome.kind, outcome.total.sent) == ("failed", "tls", 0)
    assert "expired" in outcome.reason


def test_a_certificate_for_another_name_is_refused(rig: Rig, tmp_path: Path) -> None:
    pair = self_signed(tmp_path)
    with FaultServer(answer_well, _context(pair)) as server:
        rule = (f"other.invalid:{server.port}:127.0.0.1",)
        url = f"https://other.invalid:{server.port}/"
        outcome = rig.run(Task(url, cacert=Path(pair.cert).read_text(), resolve=rule))
        assert (outcome.state, outcome.kind, outcome.total.sent) == ("failed", "tls", 0)
        assert load(rig, server, url=url, insecure=True, resolve=rule).total.errors == {}


def test_a_handshake_that_stalls_meets_the_deadline(rig: Rig) -> None:
    with FaultServer(faults.tls_stalls) as server:
        outcome = load(rig, server, url=f"https://127.0.0.1:{server.port}/", insecure=True, timeout=0.3)
    assert outcome.total.errors == TIMEOUT
    # The first try was before the start; no failure was counted for it.
    assert 0.8 <= outcome.ended < 1.2


def test_plain_http_behind_https_is_told_before_anything_is_sent(rig: Rig) -> None:
    with FaultServer(answer_well) as server:
        outcome = rig.run(Task(f"https://127.0.0.1:{server.port}/", insecure=True))
    assert (outcome.state, outcome.kind, outcome.total.sent) == ("failed", "tls", 0)
    assert "http://" in outcome.reason


def test_a_stalled_handshake_holds_nobody_else_up(rig: Rig, tmp_path: Path) -> None:
    """A relay hands every second connection to a server with TLS, and leaves the others alone."""
    with FaultServer(answer_well, _context(self_signed(tmp_path))) as good, FaultServer(_half(good.port)) as relay:
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
            outcome = rig.run(replace(task, **{field: text}))  # type: ignore[arg-type]
        assert (outcome.state, outcome.kind) == ("failed", "tls")
        assert "\n" not in outcome.reason
        assert outcome.took < 1.0


def test_no_file_descriptors_left_is_said_with_its_remedy(own_rig: Rig) -> None:
    with FaultServer(answer_well) as server:
        task = Task(f"http://127.0.0.1:{server.port}/", connections=60, threads=1, duration=0.5)
        outcome = own_rig.run(task, files=40)
    assert outcome.adds_up
    assert set(outcome.total.errors) == {"connect"}
    assert "ulimit -n" in outcome.total.samples["connect"]
    assert outcome.total.completed > 0
