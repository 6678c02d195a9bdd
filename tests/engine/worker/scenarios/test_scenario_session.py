"""A user does what the scenario says: in its order, with what was taken, until a request is not good."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

import gevent
import pytest

from tests.support.engine.scenario_rig import ScenarioRig, answer

REQUESTS = {
    "login": """post = "/login"
take = {token = "json $.token"}""",
    "view": """get = "/view"
header = ["Authorization: Bearer {{token}}"]
check = ["json $.price == 5"]""",
    "out": 'get = "/out"',
}
DO = 'do = ["login", "view", "out"]'
TOKEN = answer(200, '{"token": "t1"}')
PRICE = answer(200, '{"price": 5}')


Run = Callable[..., ScenarioRig]


def scenario(do: str = DO, more: str = "") -> str:
    """A file with one scenario, and the requests that it names."""
    used = [f"[request.{name}]\n{lines}" for name, lines in REQUESTS.items() if f'"{name}"' in do]
    return "\n".join(['url = "http://shop.test"', *used, '[[scenario]]\nname = "s"', more, do, ""])


def test_a_session_asks_in_order_with_what_it_took(run: Run) -> None:
    rig = run(scenario())
    assert rig.line() == "POST /login"
    rig.answers(TOKEN)
    request = rig.asked()
    assert request.startswith(b"GET /view ")
    assert b"\r\nAuthorization: Bearer t1\r\n" in request
    rig.answers(PRICE)
    assert rig.line() == "GET /out"
    rig.answers(answer())
    assert rig.left
    assert rig.scenario("s") == {"begun": 1, "finished": 1, "good": 1}
    assert rig.delta.by_name["view"].checks == {"json $.price == 5": [1, 0]}


def test_the_next_session_knows_nothing_of_the_last_one(run: Run) -> None:
    rig = run(
        scenario('do = ["view", "login"]').replace("Bearer {{token}}", "x{{token}}y") + "[vars]\ntoken = 'v'\n",
        requests=2,
    )
    assert b": xvy\r\n" in rig.asked()
    rig.answers(PRICE)
    rig.answers(TOKEN)
    assert b": xvy\r\n" in rig.asked()


@pytest.mark.parametrize(
    ("bad", "skipped"),
    [
        (answer(500), {"view": 1, "out": 1}),
        (answer(200, '{"no": 1}'), {"view": 1, "out": 1}),
        (answer(200, "not json"), {"view": 1, "out": 1}),
    ],
    ids=["status", "no match", "no JSON"],
)
def test_a_session_ends_at_its_first_request_that_is_not_good(run: Run, bad: bytes, skipped: dict[str, int]) -> None:
    rig = run(scenario())
    rig.answers(bad)
    assert rig.left
    assert rig.scenario("s") == {"begun": 1, "ended": 1}
    assert {name: stats.skipped for name, stats in rig.delta.by_name.items() if stats.skipped} == skipped


def test_a_take_that_finds_nothing_is_a_check_that_fails(run: Run) -> None:
    rig = run(scenario())
    rig.answers(answer(200, "{}"))
    login = rig.delta.by_name["login"]
    assert (login.good, login.checks) == (0, {"take token": [0, 1]})


def test_a_session_goes_on_where_on_fail_says_continue(run: Run) -> None:
    rig = run(scenario(more='on_fail = "continue"'))
    rig.answers(answer(500))
    rig.answers(PRICE)
    rig.answers(answer())
    assert rig.scenario("s") == {"begun": 1, "finished": 1}


def test_the_request_outranks_its_scenario_and_the_file(run: Run) -> None:
    text = scenario(more='on_fail = "end"').replace('post = "/login"', 'post = "/login"\non_fail = "continue"')
    rig = run('on_fail = "stop"\n' + text)
    rig.answers(answer(500))
    assert "GET /view" in (rig.line(), "GET /view")
    assert rig.scenario("s") == {"begun": 1}


def test_a_request_may_stop_the_run(run: Run) -> None:
    rig = run('on_fail = "stop"\n' + scenario())
    rig.answers(answer(503))
    assert rig.stopped == ["request login: it was not good, and on_fail is stop"]
    assert rig.scenario("s") == {"begun": 1, "ended": 1}


def test_a_check_of_the_time_alone_does_not_end_a_session(run: Run) -> None:
    rig = run(scenario().replace('get = "/view"', 'get = "/view"').replace('"json $.price == 5"', '"time < 1us"'))
    rig.answers(TOKEN)
    rig.answers(PRICE)
    rig.answers(answer())
    assert rig.scenario("s") == {"begun": 1, "finished": 1}
    assert rig.delta.by_name["view"].checks == {"time < 1us": [0, 1]}


def test_a_request_that_fails_ends_its_session_and_the_next_one_connects_anew(run: Run) -> None:
    rig = run(scenario(), requests=2)
    rig.closes()
    assert rig.scenario("s") == {"begun": 1, "ended": 1}
    rig.asked()
    assert rig.await_request() == "POST /login"
    assert rig.transports[0].dials == 2


def test_a_request_past_its_deadline_ends_its_session(run: Run) -> None:
    rig = run(scenario())
    rig.expire()
    assert (rig.delta.errors, rig.scenario("s")) == ({"timeout": 1}, {"begun": 1, "ended": 1})


def test_cookies_live_as_long_as_their_session(run: Run) -> None:
    rig = run(scenario(), requests=2)
    rig.asked()
    rig.answers(answer(200, '{"token": "t1"}', "Set-Cookie: sid=7; Path=/"))
    assert b"\r\nCookie: sid=7\r\n" in rig.asked()
    rig.answers(PRICE)
    assert b"\r\nCookie: sid=7\r\n" in rig.asked()
    rig.answers(answer())
    assert b"Cookie" not in rig.asked()


def test_a_known_answer_gives_its_cookie_each_time(run: Run) -> None:
    rig = run(scenario('do = ["out", "view"]').replace(" {{token}}", ""), requests=3)
    for _ in range(3):
        assert b"Cookie" not in rig.asked()
        rig.answers(answer(200, "", "Set-Cookie: sid=7; Path=/"))
        assert b"\r\nCookie: sid=7\r\n" in rig.asked()
        rig.answers(PRICE)


def test_a_pause_lies_between_two_requests(run: Run) -> None:
    rig = run(scenario('do = ["login", {think = "50ms"}, "view"]'))
    assert rig.line() == "POST /login"
    rig.answers(TOKEN)
    assert rig.line() == ""
    assert rig.await_request() == "GET /view"
    rig.answers(PRICE)
    assert rig.delta.by_scenario["s"].time.most >= 50_000


def test_a_connection_that_is_closed_in_a_pause_is_opened_again_and_that_is_no_error(run: Run) -> None:
    rig = run(scenario('do = ["login", {think = "50ms"}, "view"]'))
    rig.asked()
    rig.answers(TOKEN)
    rig.closes()
    assert rig.await_request() == "GET /view"
    rig.answers(PRICE)
    assert rig.transports[0].dials == 2
    assert (rig.delta.errors, rig.scenario("s")) == ({}, {"begun": 1, "finished": 1, "good": 1})


def test_a_cut_awaits_the_request_in_flight_and_no_session_goes_on(run: Run) -> None:
    rig = run(scenario(), requests=5)
    rig.asked()
    rig.cut()
    assert not rig.left
    rig.answers(TOKEN)
    assert (rig.line(), rig.left) == ("", True)
    assert rig.scenario("s") == {"begun": 1, "cut": 1}


def test_a_cut_ends_a_pause(run: Run) -> None:
    rig = run(scenario('do = ["login", {think = "1h"}, "view"]'))
    rig.answers(TOKEN)
    rig.cut()
    assert rig.left
    assert rig.scenario("s") == {"begun": 1, "cut": 1}


def test_a_group_is_timed_from_its_first_request_to_its_last_byte(run: Run) -> None:
    rig = run(scenario('do = ["login", {think = "30ms"}, {group = "g", do = ["view", {think = "30ms"}, "out"]}]'))
    rig.asked()
    rig.answers(TOKEN)
    rig.await_request()
    rig.answers(PRICE)
    rig.await_request()
    rig.answers(answer())
    delta = rig.delta
    assert len(delta.groups["g"]) == 1
    assert 30_000 <= delta.groups["g"].most < delta.by_scenario["s"].time.most - 29_000


def test_only_whole_groups_count(run: Run) -> None:
    rig = run(scenario('do = ["login", {group = "g", do = ["view", "out"]}]'))
    rig.answers(TOKEN)
    rig.answers(answer(200, '{"price": 6}'))
    assert "g" not in rig.delta.groups or not len(rig.delta.groups["g"])


def test_until_looks_at_the_last_answer(run: Run) -> None:
    rig = run(
        scenario('do = ["login", {repeat = "1..20", until = "json $.state == done", do = ["view"]}, "out"]').replace(
            'check = ["json $.price == 5"]', ""
        )
    )
    rig.asked()
    rig.answers(TOKEN)
    for state in ("wait", "wait", "done"):
        assert rig.line() == "GET /view"
        rig.answers(answer(200, f'{{"state": "{state}"}}'))
    # At most twenty were drawn, and the third one ends it.
    assert rig.line() in ("GET /out", "GET /view")


def test_if_looks_at_the_values(run: Run) -> None:
    text = scenario('do = ["login", {if = "{{token}} == t1", do = ["view"]}, {if = "{{token}} == t2", do = ["out"]}]')
    rig = run(text)
    rig.asked()
    rig.answers(TOKEN)
    assert rig.line() == "GET /view"
    rig.answers(PRICE)
    assert rig.left


def test_rows_that_end_end_the_sessions(run: Run) -> None:
    text = scenario().replace("{{token}}", "{{user.name}}").replace('"view", ', '"view", ') + (
        '[[feed]]\nname = "user"\nfile = "u.csv"\npick = "unique"\n'
    )
    rig = run(text.replace('take = {token = "json $.token"}', ""), requests=9, files={"u.csv": b"name\nann\n"})
    rig.answers(answer())
    assert b"Bearer ann\r\n" in rig.asked()
    rig.answers(PRICE)
    rig.answers(answer())
    assert rig.left
    assert len(rig.used) == 1
    assert rig.scenario("s") == {"begun": 1, "finished": 1, "good": 1}


def test_two_runs_of_one_seed_ask_the_same(run: Run) -> None:
    def asked() -> list[str]:
        rig = run(
            scenario('do = [{one_of = [{do = ["out"]}, {do = ["login"]}]}, {chance = 0.5, do = ["out"]}]'), requests=20
        )
        lines = []
        while not rig.left:
            lines.append(rig.line())
            rig.answers(TOKEN)
        return lines

    first = asked()
    assert first == asked()
    assert {"POST /login", "GET /out"} <= set(first)


ONCE = 'once = ["login"]'


def test_what_a_connection_learnt_once_its_later_sessions_know(run: Run) -> None:
    text = scenario('do = ["view"]', ONCE).replace(
        "[request.view]", '[request.login]\npost = "/login"\ntake = {token = "json $.token"}\n[request.view]'
    )
    rig = run(text, requests=2)
    assert rig.line() == "POST /login"
    rig.answers(answer(200, '{"token": "t1"}', "Set-Cookie: sid=7; Path=/"))
    for _ in range(2):
        request = rig.asked()
        assert request.startswith(b"GET /view ")
        assert b"Bearer t1\r\n" in request
        assert b"Cookie: sid=7\r\n" in request
        rig.answers(PRICE)
    assert rig.scenario("s") == {"begun": 2, "finished": 2, "good": 2}
    assert rig.delta.by_name["login"].sent == 1


def test_a_connection_that_could_not_learn_tries_again_with_its_next_session(run: Run) -> None:
    text = scenario('do = ["view"]', ONCE).replace(
        "[request.view]", '[request.login]\npost = "/login"\ntake = {token = "json $.token"}\n[request.view]'
    )
    rig = run(text, requests=2)
    rig.asked()
    rig.answers(answer(500))
    assert rig.scenario("s") == {"begun": 1, "ended": 1}
    assert rig.line() == "POST /login"
    rig.answers(TOKEN)
    assert rig.line() == "GET /view"


def test_a_scenario_may_have_connections_of_its_own_for_each_session(run: Run) -> None:
    rig = run(scenario('do = ["out"]', 'connection = "new"'), requests=3)
    for _ in range(3):
        rig.answers(answer())
    assert rig.transports[0].dials == 3
    assert rig.scenario("s") == {"begun": 3, "finished": 3, "good": 3}


def test_a_session_that_waited_for_a_connection_does_not_make_the_generator_late(run: Run) -> None:
    rig = run(scenario('do = ["out"]'), rate=10.0)
    for second in (0.0, 10.1):
        rig.fire(second)
        assert rig.line() == "GET /out"
        rig.answers(answer())
    delta = rig.delta
    assert delta.by_scenario["s"].begun >= 2
    assert delta.by_scenario["s"].time.most >= 9_000_000, "the session was due long before"
    # The first one was due ten seconds before the test began.
    assert delta.lateness.above(1_000_000) == 1


def test_of_a_poll_that_was_not_reached_one_round_counts_as_skipped(run: Run) -> None:
    rig = run(scenario('do = ["login", {repeat = "1..1000", until = "status == 204", do = ["out"]}, "view"]'))
    rig.answers(answer(500))
    assert rig.scenario("s") == {"begun": 1, "ended": 1}
    by_name = rig.delta.by_name
    assert (by_name["out"].skipped, by_name["view"].skipped) == (1, 1)


def test_the_hub_reads_from_sockets_while_many_skipped_requests_are_counted(run: Run) -> None:
    rig = run(scenario('do = ["login", {repeat = 50000, do = ["out"]}]'))
    counted = []
    ours, theirs = socket.socketpair()
    with contextlib.closing(ours), contextlib.closing(theirs):
        watcher = gevent.get_hub().loop.io(ours.fileno(), 1)
        watcher.start(lambda: counted.append(rig.requests.recorders.by_name["out"].skipped))
        theirs.send(b"x")
        rig.answers(answer(500))
        with gevent.Timeout(10):
            while not rig.left:
                gevent.sleep(0.001)
        watcher.stop()
    assert len([count for count in counted if 0 < count < 50000]) > 10
    assert rig.delta.by_name["out"].skipped == 50000
