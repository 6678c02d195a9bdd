"""Setup and teardown in a process of their own: what is taken, and why they fail, in one line without secrets."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest

from gluten.plan.chores import SETUP, TEARDOWN
from gluten.plan.job import UNREACHED
from gluten.task.limits import MAX_TAKEN
from gluten.task.policy import REFUSED
from gluten.task.task import Task
from tests.support.engine.faults import FaultServer, Visit
from tests.support.rig import Rig
from tests.support.shop import Shop

TEXT = """
setup = ["login", "home"]
teardown = ["view"]
[vars]
product = "7"
[request.login]
post = "/api/login"
json = {name = "ada", password = "{{env PASSWORD}}", n = 0}
check = ["status == 200"]
take = {token = "json $.token", sid = "cookie session", nothing = "header X-Nothing else none"}
[request.home]
get = "/home"
check = ["HOME"]
[request.view]
get = "/api/products/{{product}}"
header = ["Authorization: Bearer {{token}}", "Cookie: session={{sid}}"]
[request.load]
get = "/new"
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as made:
        yield made


def a_task(url: str, password: str = "pw-ada", text: str = TEXT, home: str = "status == 200") -> Task:
    env = (("PASSWORD", password),)
    return Task(f"{url}/", workload=f'url = "{url}"\n{text.replace("HOME", home)}', env=env, timeout=2.0)


def test_setup_is_asked_in_order_and_gives_what_it_took(rig: Rig, shop: Shop) -> None:
    done = rig.do(a_task(shop.url), SETUP)
    assert (done.kind, done.reason, done.fault) == (SETUP, "", "")
    assert done.taken == {"token": "token-1", "sid": "1", "nothing": "none"}
    assert [entry.kind for entry in shop.ledger().entries] == ["login", "home"]


def test_teardown_knows_what_setup_took(rig: Rig, shop: Shop) -> None:
    taken = rig.do(a_task(shop.url), SETUP).taken
    done = rig.do(a_task(shop.url), TEARDOWN, taken)
    assert (done.reason, done.taken) == ("", {})
    assert [entry.path for entry in shop.ledger().entries][2:] == ["/api/products/7"]
    assert shop.ledger().problems == []


def test_the_first_request_that_is_not_good_ends_it(rig: Rig, shop: Shop) -> None:
    done = rig.do(a_task(shop.url, "CANARY"), SETUP)
    assert done.reason == "request login: 'status == 200' does not hold: it was answered with status 401"
    assert done.taken == {}
    assert shop.ledger().by_kind() == {"login": 1}


def test_a_request_that_says_so_need_not_be_good(rig: Rig, shop: Shop) -> None:
    text = TEXT.replace('check = ["status == 200"]', 'check = ["status == 200"]\non_fail = "continue"')
    done = rig.do(a_task(shop.url, "wrong", text), SETUP)
    assert (done.reason, done.taken["token"]) == ("", "")
    assert shop.ledger().by_kind() == {"login": 1, "home": 1}


def test_a_host_that_is_not_there_is_said_before_anything_is_sent(rig: Rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    done = rig.do(a_task(f"http://127.0.0.1:{port}"), SETUP)
    assert done.fault == "connect"
    assert done.reason.startswith(UNREACHED)


def test_a_node_asks_no_host_that_its_policy_does_not_allow(rig: Rig, shop: Shop) -> None:
    done = rig.do(a_task(shop.url), SETUP, allow=("10.0.0.0/8",))
    assert done.fault == REFUSED
    assert shop.ledger().entries == ()


def test_a_chore_needs_no_host_that_it_does_not_ask(rig: Rig, shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        away = f"http://127.0.0.1:{server.getsockname()[1]}"
    task = a_task(shop.url, text=TEXT + f'[request.away]\nget = "{away}/"\n')
    assert rig.do(task, SETUP).reason == ""


def silent(visit: Visit) -> None:
    visit.read_request()
    visit.read_request()


def test_each_request_has_its_own_timeout(rig: Rig) -> None:
    text = TEXT.replace("[request.home]", 'timeout = "300ms"\n[request.home]')
    with FaultServer(silent) as server:
        began = time.monotonic()
        done = rig.do(a_task(f"http://127.0.0.1:{server.port}", text=text), SETUP)
    assert done.reason.startswith("request login: timeout: ")
    assert time.monotonic() - began < 2.0


@pytest.mark.parametrize("kind", [SETUP, TEARDOWN])
def test_a_chore_can_be_ended(rig: Rig, kind: str) -> None:
    with FaultServer(silent) as server:
        task = a_task(f"http://127.0.0.1:{server.port}")._replace(timeout=20.0)
        rig.begin_chore(task, kind)
        rig.end_chore(kind)
        assert rig.finish_chore().reason.startswith("its process was ended")


def test_it_ends_with_the_lease_of_its_node(rig: Rig) -> None:
    with FaultServer(silent) as server:
        rig.begin_chore(a_task(f"http://127.0.0.1:{server.port}")._replace(timeout=20.0), SETUP)
        rig.renew(0.2)
        assert rig.finish_chore().reason.startswith("its process was ended")


def test_it_takes_no_more_than_a_message_holds(rig: Rig) -> None:
    body = json.dumps({"token": "x" * MAX_TAKEN}).encode()
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    def long(visit: Visit) -> None:
        while visit.read_request() is not None:
            visit.send(answer)

    with FaultServer(long) as server:
        done = rig.do(a_task(f"http://127.0.0.1:{server.port}"), SETUP)
    assert done.reason.endswith("at most 64 KiB")
    assert done.taken == {}
