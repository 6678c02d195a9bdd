"""Setup and teardown as values: what they say to people, how long they may take, and how much setup may take."""

from __future__ import annotations

from gluten.plan.chores import SETUP, TEARDOWN, ChoreDone, Chores, chores_of, too_much
from gluten.task.limits import MAX_TAKEN
from gluten.task.task import Task

TEXT = """
setup = ["token", "user"]
teardown = ["bye"]
[request.token]
post = "/token"
take = {token = "json $.token"}
timeout = "5s"
[request.user]
post = "https://other.test/user"
[request.bye]
delete = "/token"
[request.view]
get = "/view"
"""


def done(kind: str = SETUP, reason: str = "", **taken: str) -> ChoreDone:
    return ChoreDone("run", kind, reason, "", taken, 0.1234)


def test_people_see_how_many_values_there_are_and_not_which() -> None:
    assert done(token="CANARY", user="ada").text == "setup took 2 values in 123 ms"
    assert done(token="CANARY").text == "setup took 1 value in 123 ms"
    assert done().text == "setup took 0 values in 123 ms"
    assert done(TEARDOWN).text == "teardown was done in 123 ms"


def test_a_failure_is_an_event_of_its_own_kind() -> None:
    failed = done(TEARDOWN, "request bye: it was answered with status 500")
    assert (failed.event, failed.text) == (
        "teardown_failed",
        "teardown failed: request bye: it was answered with status 500",
    )
    assert done().event == "setup"


def test_a_chore_may_take_the_timeouts_of_its_requests_and_of_finding_its_hosts() -> None:
    task = Task("http://shop.test/", workload=TEXT, timeout=2.0)
    chores = chores_of(task)
    assert chores == Chores(setup=5.0 + 2.0 + 2 * (2.0 + 2.0), teardown=2.0 + (2.0 + 2.0), takes=True)
    assert chores_of(Task("http://shop.test/")) == Chores()


def test_what_all_nodes_are_given_is_bounded() -> None:
    assert too_much({"a": "é" * ((MAX_TAKEN - 1) // 2)}) == ""
    assert too_much({"a": "é" * (MAX_TAKEN // 2)}) == "it took values of 65537 bytes in all; at most 64 KiB"
    assert too_much({f"n{place}": "" for place in range(64)}) == ""
    assert too_much({f"n{place}": "" for place in range(65)}) == "it took 65 values; at most 64"
