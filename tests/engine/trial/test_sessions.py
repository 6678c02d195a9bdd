"""A trial of scenarios: one whole session of each, with its takes, cookies, redirects and pauses."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gluten.engine.parts import WorkloadPart
from gluten.engine.trial.sessions import SESSIONS, fullest
from gluten.engine.trial.trial import Trial
from gluten.engine.trial.tried import Tried
from gluten.task.policy import OPEN, Policy, read_patterns
from gluten.workload.feeds.rows import read_rows
from gluten.workload.reader import of_task
from gluten.workload.scenarios.steps import Ask, Chance, Scenario
from gluten.workload.scenarios.walk import Walk
from gluten.workload.task_of import task_of
from tests.support.engine.ledger import Ledger, Seen, response

FILE = """
url = "URL"
[request.login]
post = "/login"
json = {name = "ann"}
take = {token = "json $.access", cart = "header Location"}
[request.view]
get = "/view"
header = ["X-Token: {{token}}", "X-Seq: {{seq}}", "X-Draw: {{text 8}}"]
[request.pay]
post = "{{cart}}/pay"
[[scenario]]
name = "buy"
do = ["login", {think = "30s"}, {group = "checkout", do = ["view", {think = "500ms"}, {think = "100ms"}, "pay"]}]
"""


def shop(seen: Seen) -> bytes:
    if seen.path == "/login":
        return response(b'{"access": "t-8642"}', 200, "Location: /cart/7", "Set-Cookie: sid=c-9753; Path=/")
    return response(b"well")


class Tries:
    """The requests that were tried, and the pauses that were slept."""

    def __init__(self, text: str, policy: Policy = OPEN, rows: Mapping[str, str] | None = None, **given: Any) -> None:
        task = task_of(text, given, {})
        workload = of_task(task)
        found = {name: read_rows(f"{name}.csv", csv.encode()) for name, csv in (rows or {}).items()}
        self.slept: list[float] = []
        trial = Trial(task, WorkloadPart(workload, found, ()), policy, sleep=self.slept.append)
        self.all: list[Tried] = list(trial.run())

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.all]

    @property
    def good(self) -> list[bool]:
        return [one.good for one in self.all]


def tried(text: str = FILE, answer: Callable[[Seen], bytes | None] = shop, **more: Any) -> tuple[Tries, Ledger]:
    with Ledger(answer) as target:
        return Tries(text.replace("URL", target.url), **more), target


def test_a_session_is_in_order_over_one_connection_with_what_it_took() -> None:
    found, target = tried()
    assert (found.names, found.good) == (["login", "view", "pay"], [True, True, True])
    assert [seen.path for seen in target.seen] == ["/login", "/view", "/cart/7/pay"]
    assert len({seen.connection for seen in target.seen}) == 1
    assert target.seen[1].headers["x-token"] == "t-8642"
    assert [seen.headers.get("cookie") for seen in target.seen] == [None, "sid=c-9753", "sid=c-9753"]


def test_pauses_are_shown_and_not_slept_for_longer_than_a_second() -> None:
    found, _ = tried()
    assert [round(one.pause, 6) for one in found.all] == [0, 30, 0.6]
    assert found.slept == [1.0, 0.5, 0.1]


def test_taken_values_are_shown_but_secrets() -> None:
    found, _ = tried()
    assert found.all[0].takes == (("token", "***"), ("cart", "/cart/7"))
    assert "t-8642" not in str(found.all)
    assert ("X-Token", "***") in found.all[1].exchange.sent.headers
    assert "c-9753" not in str(found.all)


def test_each_scenario_has_a_session_with_the_first_rows() -> None:
    text = """
url = "URL"
[[feed]]
name = "user"
file = "user.csv"
[[feed]]
name = "page"
file = "page.csv"
pick = "random"
per = "request"
[request.a]
get = "/{{user.name}}/{{page.n}}"
[request.b]
get = "/b/{{user.name}}"
[[scenario]]
name = "one"
do = [{repeat = 2, do = ["a"]}]
[[scenario]]
name = "two"
do = ["b"]
"""
    found, target = tried(text, rows={"user": "name\nann\nbob\n", "page": "n\n1\n2\n"})
    assert [one.session for one in found.all] == ["one", "one", "two"]
    assert [seen.path[:5] for seen in target.seen] == ["/ann/", "/ann/", "/b/bo"]


def test_the_session_ends_where_a_request_is_not_good() -> None:
    found, _ = tried(answer=lambda seen: response(b"{}", 503) if seen.path == "/view" else shop(seen))
    assert (found.names, found.good) == (["login", "view"], [True, False])
    assert [one.ended for one in found.all] == [False, True]


def test_on_fail_continue_goes_on() -> None:
    text = FILE.replace("[request.view]", "[request.view]\non_fail = 'continue'")
    found, _ = tried(text, answer=lambda seen: response(b"{}", 503) if seen.path == "/view" else shop(seen))
    assert (found.names, found.good) == (["login", "view", "pay"], [True, False, True])


SECOND = "[[scenario]]\nname = 'second'\ndo = ['login']\n"


@pytest.mark.parametrize(("on_fail", "names"), [("end", ["login", "login"]), ("stop", ["login"])])
def test_on_fail_stop_ends_the_trial(on_fail: str, names: list[str]) -> None:
    text = f"on_fail = '{on_fail}'\n{FILE}{SECOND}"
    found, _ = tried(text, answer=lambda seen: response(b"{}", 503))
    assert found.names == names


def test_what_is_too_slow_alone_does_not_end_a_session() -> None:
    text = FILE.replace("[request.view]", "[request.view]\ncheck = ['time < 0us']")
    found, _ = tried(text)
    assert (found.names, found.good) == (["login", "view", "pay"], [True, False, True])


def test_a_take_that_finds_nothing_is_a_check_that_is_not_true() -> None:
    found, _ = tried(answer=lambda seen: response(b"{}", 200, "Location: /x"))
    assert (found.names, found.good) == (["login"], [False])
    assert ("take token", False) in found.all[0].checks
    assert found.all[0].takes == (("cart", "/x"),)


REDIRECTED = """
redirects = 2
url = "URL"
[request.login]
post = "/login"
json = {name = "ann"}
header = ["Authorization: Bearer b"]
check = ["status == 200", "body contains home"]
"""


def hops(seen: Seen) -> bytes:
    match seen.path:
        case "/login":
            return response(b"", 302, "Location: /a", "Set-Cookie: sid=1")
        case "/a":
            return response(b"", 307, "Location: b?x=1")
    return response(b"home")


def test_redirects_are_followed_and_shown() -> None:
    found, target = tried(REDIRECTED, hops)
    assert found.names == ["login (redirect)", "login (redirect)", "login"]
    assert [(seen.method, seen.target, seen.body) for seen in target.seen] == [
        ("POST", "/login", b'{"name":"ann"}'),
        ("GET", "/a", b""),
        ("GET", "/b?x=1", b""),
    ]
    assert [seen.headers.get("cookie") for seen in target.seen] == [None, "sid=1", "sid=1"]
    assert found.all[2].checks == (("status == 200", True), ("body contains home", True))


def test_the_first_answer_beyond_the_limit_is_the_request_s() -> None:
    found, _ = tried(REDIRECTED.replace("redirects = 2", "redirects = 1"), hops)
    assert found.names == ["login (redirect)", "login"]
    assert found.all[1].exchange.answer is not None
    assert (found.all[1].exchange.answer.status, found.all[1].good) == (307, False)


def test_a_redirect_to_another_host_is_followed_without_authorization() -> None:
    with Ledger(hops) as other:
        found, target = tried(REDIRECTED, lambda seen: response(b"", 302, f"Location: {other.url}/home"))
    assert found.good == [True, True]
    assert target.seen[0].headers["authorization"] == "Bearer b"
    assert "authorization" not in other.seen[0].headers
    assert found.all[1].exchange.sent.url == f"{other.url}/home"


def test_a_redirect_to_a_host_that_is_not_allowed_fails() -> None:
    rules = Policy(read_patterns(["127.0.0.1"]))
    with Ledger(hops) as other:
        away = other.url.replace("127.0.0.1", "127.0.0.2")
        found, _ = tried(REDIRECTED, lambda seen: response(b"", 302, f"Location: {away}/"), policy=rules)
    assert (found.names, found.good) == (["login (redirect)", "login"], [True, False])
    assert found.all[1].kind == "connect"
    assert "127.0.0.2" in found.all[1].exchange.text
    assert other.seen == []


AROUND = """
setup = ["token"]
teardown = ["bye"]
url = "URL"
[request.token]
post = "/token"
take = {key = "body"}
[request.bye]
delete = "/bye/{{key}}"
[request.view]
get = "/{{key}}/view"
"""


@pytest.mark.parametrize("more", ["", "[[scenario]]\nname = 'x'\ndo = ['view']\n"])
def test_setup_comes_first_and_teardown_last(more: str) -> None:
    found, target = tried(AROUND + more, lambda seen: response(b"k7"))
    assert found.names == ["token", "view", "bye"]
    assert [seen.path for seen in target.seen] == ["/token", "/k7/view", "/bye/k7"]


def test_a_failed_setup_ends_the_trial() -> None:
    found, _ = tried(AROUND, lambda seen: response(b"", 500))
    assert (found.names, found.good) == (["token"], [False])


ONCE = FILE.replace('do = ["login", {think = "30s"}, ', 'once = ["login"]\ndo = [')


def test_once_comes_before_the_session() -> None:
    found, target = tried(ONCE)
    assert found.names == ["login", "view", "pay"]
    assert target.seen[1].headers["cookie"] == "sid=c-9753"


POLL = """
url = "URL"
[request.ask]
get = "/state"
take = {plan = "json $.plan"}
[request.gold]
get = "/gold"
[[scenario]]
name = "x"
do = [
    {repeat = 20, until = "json $.state == done", do = ["ask", {think = "1ms"}]},
    {if = "{{plan}} == PLAN", do = ["gold"]},
]
"""


@pytest.mark.parametrize(("plan", "names"), [("gold", ["ask", "ask", "ask", "gold"]), ("tin", ["ask", "ask", "ask"])])
def test_until_and_if_follow_the_answers(plan: str, names: list[str]) -> None:
    states = iter(["new", "busy", "done"])

    def state(seen: Seen) -> bytes:
        return response(json.dumps({"state": next(states, ""), "plan": "gold"}).encode())

    found, _ = tried(POLL.replace("PLAN", plan), state)
    assert found.names == names


def test_a_new_connection_for_each_session() -> None:
    text = FILE.replace('name = "buy"', 'name = "buy"\nconnection = "new"')
    _, target = tried(text + SECOND + "connection = 'new'\n")
    first, *others, last = (seen.connection for seen in target.seen)
    assert set(others) == {first} != {last}


def test_two_sessions_share_no_cookie_and_no_value() -> None:
    _, target = tried(FILE + SECOND)
    assert "cookie" not in target.seen[3].headers


def test_the_fullest_of_many_sessions_is_tried() -> None:
    rare = Walk(Scenario("x", (Ask(0), Chance(0.1, (Ask(1),)))), 7)
    number = fullest(rare, range(SESSIONS))
    assert number > 0
    assert fullest(Walk(Scenario("x", (Ask(0),)), 7), range(5, 50)) == 5
