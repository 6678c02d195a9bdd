"""Whether a target speaks HTTP/2 is known before a run: by ALPN, or by the first frame that it sends."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gluten.engine.fault import Fault
from gluten.engine.host.preflight import reachable
from gluten.task.task import Task
from tests.support.engine.fault_load import serving_tls
from tests.support.engine.faults import (
    Behaviour,
    FaultServer,
    answer_well,
    answering,
    close_before_answer,
    reset_before_headers,
    silent,
)
from tests.support.http2 import peer
from tests.support.http2.frames import ACK, SETTINGS, frame, goaway
from tests.support.http2.programs import PROGRAMS, Program
from tests.support.nginx import Nginx, self_signed

WHY = "the target does not speak HTTP/2 on this port: leave out --http2"


def refusal(behaviour: Behaviour, tls: ssl.SSLContext | None = None, timeout: float = 2.0) -> str:
    """Why the target is refused; empty if it is not."""
    with FaultServer(behaviour, tls) as server:
        url = f"{'https' if tls else 'http'}://127.0.0.1:{server.port}/"
        task = Task(url, http2=True, insecure=True, timeout=timeout)
        found = asked(task)
        assert not server.failures
    return found


def asked(task: Task) -> str:
    try:
        return "" if reachable(task, ["127.0.0.1"]) else "no address"
    except Fault as fault:
        return str(fault)


@pytest.fixture
def speaking(tmp_path: Path) -> Callable[..., ssl.SSLContext]:
    pair = self_signed(tmp_path)

    def make(*protocols: str) -> ssl.SSLContext:
        context = serving_tls(pair)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context

    return make


def test_a_target_that_begins_with_settings_speaks_it() -> None:
    assert refusal(peer.answer_well) == ""


@pytest.mark.parametrize(
    "behaviour",
    [
        answer_well,
        answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        close_before_answer,
        reset_before_headers,
        answering(frame(SETTINGS, ACK, 0)),
        answering(frame(SETTINGS, 0, 1)),
        answering(goaway(0)),
    ],
)
def test_a_target_that_answers_with_anything_else_does_not(behaviour: Behaviour) -> None:
    assert refusal(behaviour).endswith(f": {WHY}")


@pytest.mark.parametrize("behaviour", [silent, answering(b"\x00\x00")], ids=["nothing", "two bytes"])
def test_a_target_that_says_too_little_in_time_is_not_refused(behaviour: Behaviour) -> None:
    assert refusal(behaviour, timeout=0.2) == ""


def test_of_several_addresses_those_that_speak_it_are_kept() -> None:
    with FaultServer(peer.answer_well) as server, socket.create_server(("127.0.0.2", server.port)) as other:
        closing = threading.Thread(target=lambda: other.accept()[0].close())
        closing.start()
        task = Task(f"http://a.invalid:{server.port}/", http2=True)
        assert reachable(task, ["127.0.0.2", "127.0.0.1"]) == ["127.0.0.1"]
        closing.join()


def test_over_tls_alpn_decides(speaking: Callable[..., ssl.SSLContext]) -> None:
    assert refusal(peer.answer_well, speaking("h2")) == ""
    assert refusal(peer.answer_well, speaking("http/1.1", "h2")) == ""
    for context in (speaking(), speaking("http/1.1")):
        assert refusal(answer_well, context).endswith(WHY)


def test_nginx_speaks_it_only_where_it_is_told_to(tmp_path: Path) -> None:
    pair = self_signed(tmp_path)
    for name, certificate, speaks in (("a", None, True), ("b", pair, True), ("c", None, False), ("d", pair, False)):
        (tmp_path / name).mkdir()
        with Nginx(tmp_path / name, certificate=certificate, http2=speaks) as nginx:
            task = Task(nginx.url, http2=True, insecure=True)
            if speaks:
                assert reachable(task, ["127.0.0.1"]) == ["127.0.0.1"]
            else:
                with pytest.raises(Fault, match=WHY):
                    reachable(task, ["127.0.0.1"])


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.program)
def test_real_servers_speak_it(program: type[Program], secure: bool, tmp_path: Path) -> None:
    with program(self_signed(tmp_path) if secure else None) as server:
        assert reachable(Task(server.url, http2=True, insecure=True), ["127.0.0.1"]) == ["127.0.0.1"]
        assert server.count(0) == 0
