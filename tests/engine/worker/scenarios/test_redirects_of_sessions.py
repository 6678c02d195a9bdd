"""A session follows redirects, and has a connection to each host that it asks."""

from __future__ import annotations

from collections.abc import Callable

from gluten.task.policy import Policy, read_patterns
from tests.support.engine.scenario_rig import ScenarioRig, answer

Run = Callable[..., ScenarioRig]

REDIRECT = """
url = "http://shop.test"
[request.old]
post = "/old"
json = {a = 1}
header = ["Authorization: k"]
redirects = 2
check = ["status == 200"]
take = {got = "json $.got"}
[request.next]
get = "/next/{{got}}"
[[scenario]]
name = "s"
do = ["old", "next"]
"""


def test_redirects_are_followed_and_counted_under_their_own_name(run: Run) -> None:
    rig = run(REDIRECT)
    assert rig.line() == "POST /old"
    rig.answers(answer(302, "", "Location: /new"))
    assert rig.delta.by_name["old"].sent == 1
    assert rig.line() == "GET /new"
    rig.answers(answer(200, '{"got": 9}'))
    assert rig.line() == "GET /next/9"
    rig.answers(answer())
    by_name = rig.delta.by_name
    assert {name: (stats.sent, stats.completed, stats.status) for name, stats in by_name.items()} == {
        "old": (1, 1, {200: 1}),
        "old (redirect)": (1, 1, {302: 1}),
        "next": (1, 1, {200: 1}),
    }
    assert rig.scenario("s") == {"begun": 1, "finished": 1, "good": 1}


def test_a_redirect_beyond_the_last_is_the_answer(run: Run) -> None:
    rig = run(REDIRECT)
    for _ in range(3):
        rig.answers(answer(302, "", "Location: /new"))
    assert rig.delta.by_name["old (redirect)"].status == {302: 2}
    assert rig.delta.by_name["old"].status == {302: 1}
    assert rig.scenario("s") == {"begun": 1, "ended": 1}


def test_all_redirects_have_one_deadline(run: Run) -> None:
    rig = run(REDIRECT)
    before = rig.context.slots.timeouts[0]
    rig.answers(answer(302, "", "Location: /new"))
    assert rig.context.slots.timeouts[0] < before
    rig.expire()
    assert rig.delta.errors == {"timeout": 1}


def test_the_response_time_counts_from_when_the_first_was_due(run: Run) -> None:
    rig = run(REDIRECT)
    rig.context.slots.dues[0] -= 5.0
    rig.answers(answer(302, "", "Location: /new"))
    rig.answers(answer(200, '{"got": 9}'))
    old = rig.delta.by_name["old"]
    assert old.response.most >= 5_000_000 > old.service.most
    assert (len(old.response), len(old.service)) == (1, 1)


def test_a_redirect_that_repeats_is_followed_each_time(run: Run) -> None:
    rig = run(REDIRECT, requests=3)
    for _ in range(3):
        assert rig.line() == "POST /old"
        rig.answers(answer(302, "", "Location: /new"))
        assert rig.line() == "GET /new"
        rig.answers(answer(200, '{"got": 9}'))
        assert rig.line() == "GET /next/9"
        rig.answers(answer())
    assert rig.scenario("s") == {"begun": 3, "finished": 3, "good": 3}


def test_a_redirect_to_what_is_no_http_url_fails(run: Run) -> None:
    rig = run(REDIRECT)
    rig.answers(answer(302, "", "Location: ftp://shop.test/"))
    assert rig.delta.by_name["old"].errors == {"protocol": 1}
    assert rig.scenario("s") == {"begun": 1, "ended": 1}


def test_the_policy_of_the_node_judges_each_redirect(run: Run) -> None:
    rig = run(REDIRECT, policy=Policy(read_patterns(["127.0.0.1"])))
    rig.answers(answer(302, "", "Location: http://127.0.0.2/"))
    assert rig.delta.by_name["old"].errors == {"connect": 1}
    assert set(rig.transports) == {0}


HOSTS = """
url = "http://shop.test"
[request.login]
post = "http://id.test/login"
take = {token = "header X-Token"}
[request.view]
get = "/view/{{token}}"
[[scenario]]
name = "s"
do = ["login", "view", "login"]
"""


def test_a_session_has_a_connection_to_each_host_and_keeps_it(run: Run) -> None:
    rig = run(HOSTS, requests=2)
    for _ in range(2):
        assert rig.line(0) == "POST /login"
        rig.answers(answer(200, "", "X-Token: t", "Set-Cookie: a=1"), 0)
        request = rig.asked(1)
        assert request.startswith(b"GET /view/t ")
        assert b"Cookie" not in request
        rig.answers(answer(), 1)
        assert b"\r\nCookie: a=1\r\n" in rig.asked(0)
        rig.answers(answer(200, "", "X-Token: t"), 0)
    assert (rig.transports[0].dials, rig.transports[1].dials) == (1, 1)
    assert rig.scenario("s") == {"begun": 2, "finished": 2, "good": 2}
