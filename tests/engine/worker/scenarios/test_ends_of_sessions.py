"""A load ends while its sessions wait: none begins any more, and after a cut nothing is sent."""

from __future__ import annotations

from collections.abc import Callable

import gevent

from tests.support.engine.scenario_rig import PAUSED, ScenarioRig, answer

Run = Callable[..., ScenarioRig]

ONCE = """
url = "http://shop.test"
[request.login]
post = "/login"
[request.more]
get = "/more"
[request.view]
get = "/view"
[[scenario]]
name = "s"
once = ["login", "more"]
do = ["view"]
"""
VIEWS = """
url = "http://shop.test"
on_fail = "continue"
[request.view]
get = "/view"
[[scenario]]
name = "s"
do = [{repeat = 2, do = ["view"]}]
"""


def end(rig: ScenarioRig) -> None:
    """The load ends, and its drain begins."""
    rig.thread.over = True
    rig.hub(rig.client.session.end)


def await_end(rig: ScenarioRig) -> None:
    with gevent.Timeout(PAUSED):
        while not rig.left:
            gevent.sleep(0.001)


def test_what_is_asked_once_is_awaited_and_then_no_session_begins(run: Run) -> None:
    rig = run(ONCE, requests=5)
    assert rig.line() == "POST /login"
    end(rig)
    assert (rig.line(), rig.left) == ("", False)
    rig.answers(answer())
    assert (rig.line(), rig.left) == ("", True)
    delta = rig.delta
    assert (delta.sent, delta.completed, delta.in_flight) == (1, 1, 0)
    assert rig.scenario("s") == {}


def test_a_session_that_waits_because_no_connection_was_made_does_not_begin_any_more(run: Run) -> None:
    rig = run(VIEWS.replace("continue", "end"), requests=5)
    rig.asked()
    rig.closes()
    end(rig)
    await_end(rig)
    assert rig.asked() == b""
    assert rig.scenario("s") == {"begun": 1, "ended": 1}


def test_a_session_under_way_that_waits_for_the_same_reason_is_cut(run: Run) -> None:
    rig = run(VIEWS, requests=5)
    rig.asked()
    rig.closes()
    rig.cut()
    await_end(rig)
    assert rig.asked() == b""
    assert rig.scenario("s") == {"begun": 1, "cut": 1}


def test_a_session_under_way_goes_on_in_the_drain(run: Run) -> None:
    rig = run(VIEWS, requests=5)
    rig.asked()
    rig.closes()
    end(rig)
    assert rig.await_request() == "GET /view"
    rig.answers(answer())
    assert rig.left
    assert rig.scenario("s") == {"begun": 1, "finished": 1}
