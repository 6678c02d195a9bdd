"""The desk sends each request of a task once, in a process of its own, under the node's rules and within its time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gluten.engine.trial import desk
from gluten.engine.trial.handle import Trials
from gluten.errors import Refused
from gluten.task.policy import OPEN, Policy, read_patterns
from gluten.task.task import Task
from gluten.workload.task_of import task_of
from tests.support.engine.faults import FaultServer, mute
from tests.support.engine.ledger import Ledger, Seen, response
from tests.support.ports import free_port

FILE = """
url = "URL"
[[feed]]
name = "user"
file = "users.csv"
secret = true
[request.login]
post = "/login"
json = {name = "{{user.name}}"}
check = ["status == 201", "body contains ann"]
[request.home]
get = "/home"
check = ["body exists"]
"""


@contextmanager
def trials(policy: Policy = OPEN, longest: float = 20.0) -> Iterator[Trials]:
    made = Trials(desk.spawn(policy, longest))
    try:
        yield made
    finally:
        made.close()


def tried(task: Task, files: Mapping[str, str] | None = None, **words: Any) -> dict[str, Any]:
    with trials(**words) as desk_of:
        return desk_of.attempt(task, files or {})


def answer(seen: Seen) -> bytes:
    return response(seen.body, 201) if seen.method == "POST" else response(b"", 200)


def test_each_request_is_sent_once_and_secrets_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("name\nann-7531\n")
    with Ledger(answer) as target:
        task = task_of(FILE.replace("URL", target.url), {}, {})
        found = tried(task, {"users.csv": str(tmp_path / "users.csv")})
    assert [(seen.method, seen.path) for seen in target.seen] == [("POST", "/login"), ("GET", "/home")]
    assert b"ann-7531" in target.seen[0].body
    assert (found["good"], found["reason"]) == (False, "")
    login, home = found["requests"]
    assert (login["request"], login["good"], login["answer"]["status"]) == ("login", True, 201)
    assert "***" in login["sent"]["body"]
    assert "ann-7531" not in str(found)
    assert home["checks"] == [{"check": "body exists", "holds": False}]


def test_one_url_is_one_request() -> None:
    with Ledger(answer) as target:
        found = tried(Task(f"{target.url}/a", headers=(("X-Api-Key", "k-991"),)))
    (one,) = found["requests"]
    assert (one["request"], one["good"], one["sent"]["url"]) == ("request", True, f"{target.url}/a")
    assert "k-991" not in str(found)


def test_an_address_that_the_policy_forbids_is_refused() -> None:
    with Ledger(answer) as target, pytest.raises(Refused, match=r"127\.0\.0\.1"):
        tried(Task(target.url), policy=Policy(read_patterns(["10.0.0.0/8"])))
    assert target.seen == []


def test_a_target_that_cannot_be_reached_is_said() -> None:
    found = tried(Task(f"http://127.0.0.1:{free_port()}/"))
    assert (found["good"], found["requests"]) == (False, [])
    assert found["reason"].startswith("the target cannot be reached")


def test_a_trial_is_ended_at_its_time_and_the_next_one_is_made() -> None:
    with FaultServer(mute) as silent, Ledger(answer) as target, trials(longest=2.0) as desk_of:
        began = time.monotonic()
        found = desk_of.attempt(Task(f"http://127.0.0.1:{silent.port}/", timeout=60.0), {})
        assert time.monotonic() - began < 10
        assert "took longer than 2 s" in found["reason"]
        assert desk_of.attempt(Task(target.url), {})["good"]


def test_a_wrong_workload_is_said_in_one_line(tmp_path: Path) -> None:
    with Ledger(answer) as target:
        found = tried(task_of(FILE.replace("URL", target.url), {}, {}), {})
    assert found["reason"] == "users.csv: cannot be read: this host does not have it"
