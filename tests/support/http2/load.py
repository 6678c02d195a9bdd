"""Load over HTTP/2 against a server that does as a script says. Whatever it does, the counts add up."""

from __future__ import annotations

from typing import Any

from gluten.task.task import Task
from tests.support.engine.faults import Behaviour, FaultServer
from tests.support.http2.peer import Script, serving
from tests.support.rig import Outcome, Rig

FEW: dict[str, Any] = {"threads": 1, "connections": 2, "requests": 4, "duration": None, "timeout": 5.0, "http2": True}


def against(rig: Rig, behaviour: Behaviour, **words: Any) -> Outcome:
    """Run a task against the server. The server is sound, and has seen each request once."""
    with FaultServer(behaviour) as server:
        outcome = rig.run(Task(**({"url": f"http://127.0.0.1:{server.port}/"} | FEW | words)))
        assert outcome.state == "finished", outcome
        assert outcome.adds_up, outcome.total.to_map()
        assert outcome.total.in_flight == 0
        assert server.failures == []
        assert server.requests == outcome.total.sent
    return outcome


def scripted(rig: Rig, script: Script, offered: dict[int, int] | None = None, **words: Any) -> Outcome:
    """The same with a script for each request."""
    return against(rig, serving(script, offered), **words)
