"""A target that is not reachable, or not any more: names, addresses, refused connections, no file descriptors."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from gluten.task.task import Task
from tests.support.engine.fault_load import load
from tests.support.engine.faults import OK, Behaviour, FaultServer, Visit, answer_well
from tests.support.rig import Rig, wait_until


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
    """A target that answers for a while and then stops listening."""

    def __init__(self) -> None:
        self.server = FaultServer(self._behave)
        self._over = threading.Event()

    def _behave(self, visit: Visit) -> None:
        while not self._over.is_set() and visit.read_request() is not None:
            visit.send(OK)

    def leave(self) -> None:
        """Close everything in the middle of the load."""
        wait_until(lambda: self.server.requests > 20)
        self._over.set()
        self.server.__exit__(None, None, None)


@pytest.mark.parametrize("words", [{}, {"rate": 100.0}], ids=["closed", "rate"])
def test_a_target_that_refuses_in_mid_run_is_not_spun_on(rig: Rig, words: dict[str, Any]) -> None:
    leaving = Leaving()
    with leaving.server as server:
        rig.start(Task(f"http://127.0.0.1:{server.port}/", duration=1.5, timeout=5.0, **words))
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


def test_no_file_descriptors_left_is_said_with_its_remedy(own_rig: Rig) -> None:
    with FaultServer(answer_well) as server:
        task = Task(f"http://127.0.0.1:{server.port}/", connections=60, threads=1, duration=0.5)
        outcome = own_rig.run(task, files=40)
    assert outcome.adds_up
    assert set(outcome.total.errors) == {"connect"}
    assert "ulimit -n" in outcome.total.samples["connect"]
    assert outcome.total.completed > 0
