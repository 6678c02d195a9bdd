"""Load against a target that misbehaves. Whatever it does, the counts add up."""

from __future__ import annotations

import ssl
from typing import Any

from gluten.task.task import Task
from tests.support.engine.faults import Behaviour, FaultServer
from tests.support.nginx import Certificate
from tests.support.rig import Outcome, Rig

FEW: dict[str, Any] = {"threads": 1, "connections": 2, "requests": 4, "duration": None, "timeout": 5.0}
READ, RESET, PROTOCOL, LIMIT = ({kind: 4} for kind in ("read", "reset", "protocol", "limit"))
TIMEOUT = {"timeout": 4}


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


def serving_tls(pair: Certificate) -> ssl.SSLContext:
    """A server's side of TLS, with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    return context
