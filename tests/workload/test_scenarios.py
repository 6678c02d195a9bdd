"""`[[scenario]]`, takes, setup: what a file says of sessions becomes values, or is refused in one line."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import TaskError, WorkloadError
from gluten.workload.example import EXAMPLE
from gluten.workload.keys import STEP_KINDS
from gluten.workload.scenarios.steps import Ask, Branch, Chance, Group, If, OneOf, Repeat, Scenario, Steps, Think
from gluten.workload.task_of import task_of
from gluten.workload.workload import Workload
from tests.workload.test_reader_refusals import HEAD, SCALARS, refused_or_read, toml, workload_of

REQUESTS = f"""{HEAD}
[request.login]
post = "/login"
take = {{token = "json $.token", plan = "header X-Plan"}}
[request.view]
get = "/view?t={{{{token}}}}"
[request.pay]
post = "/pay"
on_fail = "continue"
"""


def scenarios(do: str, more: str = "", top: str = "") -> Workload:
    return workload_of(f"{top}{REQUESTS}\n[[scenario]]\nname = 'buy'\ndo = {do}\n{more}")


ALL = "'login', 'view', 'pay'"


def steps(do: str) -> Steps:
    return scenarios(f"[{ALL}, {do}]").scenarios[0].do[3:]


def test_a_scenario_is_its_steps_in_order() -> None:
    assert scenarios(f"[{ALL}, {{think = '2s'}}]").scenarios == (
        Scenario("buy", (Ask(0), Ask(1), Ask(2), Think(2, 2))),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'pay'", Ask(2)),
        ("{think = 2}", Think(2, 2)),
        ("{think = 1.5}", Think(1.5, 1.5)),
        ("{think = 'exp 2s'}", Think(2, 20, exponential=True)),
        ("{repeat = 3, do = ['pay']}", Repeat(3, 3, (Ask(2),))),
        ("{repeat = '1..4', do = 'pay'}", Repeat(1, 4, (Ask(2),))),
        ("{chance = 0.7, do = ['pay']}", Chance(0.7, (Ask(2),))),
        ("{chance = 1, do = ['pay']}", Chance(1, (Ask(2),))),
        ("{chance = '{{env SHARE 0.25}}', do = ['pay']}", Chance(0.25, (Ask(2),))),
        ("{group = 'checkout', do = ['pay']}", Group("checkout", (Ask(2),))),
        (
            "{one_of = [{weight = 3, do = ['pay']}, {do = []}]}",
            OneOf((Branch(3, (Ask(2),)), Branch(1, ()))),
        ),
    ],
)
def test_a_step_is_a_value(text: str, expected: Any) -> None:
    assert steps(text) == (expected,)


def test_steps_stand_in_steps() -> None:
    (step,) = steps("{group = 'g', do = [{repeat = 2, do = [{chance = 0.5, do = ['pay', {think = 1}]}]}]}")
    assert step == Group("g", (Repeat(2, 2, (Chance(0.5, (Ask(2), Think(1, 1))),)),))


def test_conditions_are_parsed() -> None:
    repeat, branch = steps(
        "{repeat = 9, until = 'json $.state == done', do = ['pay']}, {if = '{{plan}} == gold', do = ['pay']}"
    )
    assert isinstance(repeat, Repeat)
    assert repeat.until is not None
    assert repeat.until.text == "json $.state == done"
    assert isinstance(branch, If)
    assert branch.text == "{{plan}} == gold"
    assert branch.left.names.words == {"plan"}


def test_more_of_a_scenario() -> None:
    found = scenarios(f"[{ALL}]", "weight = 20\non_fail = 'stop'\nconnection = 'new'\nonce = 'login'\n").scenarios
    assert found == (Scenario("buy", (Ask(0), Ask(1), Ask(2)), 20, "stop", (0,), fresh=True),)


def test_requests_keep_what_they_take() -> None:
    login, _, pay = scenarios(f"[{ALL}]").requests
    assert [(name, take.text) for name, take in login.takes] == [("token", "json $.token"), ("plan", "header X-Plan")]
    assert (login.on_fail, pay.on_fail) == (None, "continue")


def test_redirects_are_the_files_or_the_requests() -> None:
    text = f"redirects = 3\n{HEAD}[request.a]\nget = '/'\n[request.b]\nget = '/'\nredirects = 0\n"
    assert [request.redirects for request in workload_of(text).requests] == [3, 0]
    assert [request.redirects for request in workload_of(f"{HEAD}[request.a]\nget = '/'\n").requests] == [0]


def test_on_fail_is_end_unless_the_file_says_otherwise() -> None:
    assert scenarios(f"[{ALL}]").on_fail == "end"
    assert scenarios(f"[{ALL}]", top="on_fail = 'continue'\n").on_fail == "continue"


def test_sessions_have_the_weights_of_scenarios() -> None:
    text = f"{REQUESTS}\n[[scenario]]\nname = 'a'\nweight = 80\ndo = [{ALL}]\n"
    found = workload_of(f"{text}[[scenario]]\nname = 'b'\nweight = 20\ndo = ['pay']\n")
    assert (found.weights, [session.name for session in found.sessions]) == ((80, 20), ["a", "b"])


SETUP = f"setup = ['token']\nteardown = 'bye'\n{HEAD}[request.token]\npost = '/t'\ntake = {{t = 'body'}}\n"
BYE = "[request.bye]\npost = '/bye/{{t}}'\n[request.view]\nget = '/{{t}}'\n"


def test_what_setup_takes_is_known_to_all_sessions() -> None:
    for more in ("", "[[scenario]]\nname = 'x'\ndo = ['view']\n"):
        found = workload_of(SETUP + BYE + more)
        assert (found.setup, found.teardown) == ((0,), (1,))
        assert [request.name for request in found.measured] == ["view"]


def test_without_scenarios_setup_alone_sends_its_requests() -> None:
    assert workload_of(SETUP + BYE).weights == (0, 0, 1)


def test_a_request_of_setup_with_a_weight_is_load_too() -> None:
    assert workload_of(SETUP.replace("post = '/t'", "post = '/t'\nweight = 3") + BYE).weights == (3, 0, 1)


def test_a_take_replaces_a_var_so_the_var_is_no_constant() -> None:
    (request,) = workload_of(
        f"{HEAD}[vars]\na = 'x'\n[request.a]\nget = '/{{{{a}}}}'\ntake = {{a = 'body'}}\n"
    ).requests
    assert not request.constant
    assert request.names.words == {"a"}


def test_a_take_outranks_a_function_of_its_name() -> None:
    requests = f"{HEAD}[request.a]\nget = '/'\ntake = {{uuid = 'body'}}\n[request.b]\nget = '/{{{{uuid}}}}'\n"
    found = workload_of(requests + "[[scenario]]\nname = 'x'\ndo = ['a', 'b']\n")
    assert found.requests[1].names.words == {"uuid"}


def test_a_condition_that_names_a_feed_uses_it() -> None:
    feed = "[[feed]]\nname = 'user'\nfile = 'u.csv'\n"
    found = scenarios(f"[{ALL}, {{if = '{{{{user.plan}}}} == gold', do = ['pay']}}]", feed)
    assert found.feeds_of(found.scenarios[0]) == {"user"}


def with_do(do: str, more: str = "") -> str:
    return f"{REQUESTS}[[scenario]]\nname = 'x'\ndo = {do}\n{more}"


REFUSED = [
    ("[scenario]\nname = 'x'\n", "line 10: scenario: is a list of tables: write [[scenario]]"),
    ("[[scenario]]\ndo = ['pay']\n", "line 10: scenario: name is missing"),
    ("[[scenario]]\nname = 'x'\n", "line 10: scenario: do is missing"),
    ("[[scenario]]\nname = ''\ndo = ['pay']\n", "line 11: scenario.name: a name has 1 to 64 characters"),
    ("[[scenario]]\nname = 'x'\ndo = 5\n", "line 12: scenario.do: must be a list of names of requests and of steps"),
    ("[[scenario]]\nname = 'x'\ndo = []\n", "line 12: scenario.do: sends no request"),
    ("[[scenario]]\nname = 'x'\ndo = [{think = 1}]\n", "line 12: scenario.do: sends no request"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', 5]\n", "line 12: scenario.do: a step is the name of a request in quotes"),
    ("[[scenario]]\nname = 'x'\ndo = ['pya']\n", "line 12: scenario.do: there is no request pya: did you mean pay?"),
    ("[[scenario]]\nname = 'x'\ndo = ['zzzzzz']\n", "line 12: scenario.do: there is no request zzzzzz; there is "),
    ("[[scenario]]\nname = 'x'\ndo = ['2s']\n", "there is no request 2s: a pause is {think = '2s'}"),
    ("[[scenario]]\nname = 'x'\ndo = ['${x}']\n", "${x} is not filled in"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {}]\n", 'write {think = "2s"}, or one of repeat, one_of'),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {sleep = 2}]\n", 'is no key of a step: write {think = "2s"}'),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {loop = 2}]\n", "is no key of a step: write {repeat = 3"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {think = 1, do = ['pay']}]\n", "line 12: scenario.do.do: think has no do"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {think = '3s..1s'}]\n", "scenario.do.think: '3s..1s': the shorter pause"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {think = true}]\n", "scenario.do.think: must be a text"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {repeat = 2}]\n", "scenario.do: repeat has no do"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {repeat = 2, do = []}]\n", "scenario.do.do: has no step"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {repeat = 0, do = ['pay']}]\n", "must be from 1 to 1,000,000"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {repeat = 1.5, do = ['pay']}]\n", "must be how often: 3 or '1..4'"),
    (
        "[[scenario]]\nname = 'x'\ndo = ['pay', {repeat = 2000, do = [{repeat = 2000, do = ['pay']}]}]\n",
        "repeats in repeats: more than 1,000,000 times",
    ),
    (f"[[scenario]]\nname = 'x'\ndo = {['pay'] * 1001}\n", "scenario.do: more than 1,000 steps in one scenario"),
    (f"[[scenario]]\nname = 'x'\ndo = [{{group = 'g', do = {['pay'] * 1000}}}]\n", "more than 1,000 steps in one"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {repeat = 2, until = 'stats', do = ['pay']}]\n", "a check begins with"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {chance = 70, do = ['pay']}]\n", "from 0 to 1, such as 0.7: 70 % is 0.7"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {chance = 'x', do = ['pay']}]\n", "must be a number from 0 to 1"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {chance = 1, until = 'x', do = ['pay']}]\n", "chance has no until"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {chance = 1, group = 'x', do = ['pay']}]\n", "are two steps"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {one_of = []}]\n", "must be a list of branches"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {one_of = ['pay']}]\n", "a branch is a table with do"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {one_of = [{weight = 0, do = ['pay']}]}]\n", "one_of.weight: must be a"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {group = '', do = ['pay']}]\n", "scenario.do.group: a name has 1 to 64"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {if = 'a == b', do = ['pay']}]\n", "has no template, so it never changes"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {if = 5, do = ['pay']}]\n", "must be a condition"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay']\nonce = ['lgin']\n", "once: there is no request lgin: did you mean"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay']\nconnection = 'old'\n", "scenario.connection: 'old' is not one of new"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay']\nweight = 1.5\n", "line 13: scenario.weight: must be a whole number"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay']\nvus = 5\n", "is no key of [[scenario]]: write connections in [load]"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay']\n[[scenario]]\nname = 'x'\ndo = ['pay']\n", "two scenarios x"),
    ("[[scenario]]\nname = 'x'\ndo = ["
     + ", ".join(f"{{group = 'g{at}', do = ['pay']}}" for at in range(257))
     + "]\n", "line 10: scenario: there are 257 groups; at most 256"),
    ("[[scenario]]\n" * 65, "line 10: scenario: there are 65 scenarios; at most 64"),
    (f"[[scenario]]\nname = 'x'\ndo = [{ALL}]\nweight = 9999\n[[scenario]]\nname = 'y'\ndo = ['pay']\nweight = 9998\n",
     "scenario: the weights, divided by 1, have the sum 19,997"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', 'login']\n", "line 5: request.view: no scenario sends it"),
    ("[[scenario]]\nname = 'x'\ndo = ['view', 'login', 'pay']\n",
     "line 5: request.view: token is no var, and no request before it in scenario x takes it; login does"),
    ("[[scenario]]\nname = 'x'\ndo = ['pay', {if = '{{plan}} == gold', do = ['login', 'view']}]\n",
     "line 10: scenario: plan is no var, and no request before it in scenario x takes it; login does"),
    ("[[scenario]]\nname = 'x'\ndo = [{if = '{{pln}} == gold', do = ['login', 'view', 'pay']}]\n",
     "pln is neither a var nor a function, and no request before it takes it: did you mean plan?"),
    ("", "line 5: request.view: token is no var, and no request before it takes it; login does"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[message[:60] for _, message in REFUSED])
def test_what_is_wrong_is_told_in_one_line(text: str, message: str) -> None:
    with pytest.raises(WorkloadError) as caught:
        workload_of(REQUESTS.replace("\n\n", "\n") + text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weight_of_a_request_belongs_to_a_file_without_scenarios() -> None:
    with pytest.raises(
        WorkloadError, match=r"request.pay.weight: belongs to a file without scenarios: write weight in"
    ):
        workload_of(with_do(f"[{ALL}]").replace('"continue"', '"end"\nweight = 2'))


@pytest.mark.parametrize("key", ["setup", "teardown"])
def test_what_is_done_once_for_all_has_no_row(key: str) -> None:
    feed = "[[feed]]\nname = 'u'\nfile = 'u.csv'\n[request.b]\nget = '/'\n"
    text = f"{key} = ['a']\n{HEAD}[request.a]\nget = '/{{{{u.id}}}}'\n{feed}"
    with pytest.raises(WorkloadError, match=f"{key}: a names the feed u: only sessions have rows"):
        workload_of(text)


def test_once_belongs_to_a_closed_loop() -> None:
    text = with_do(f"[{ALL}]", "once = ['login']\n")
    assert task_of(text, {"duration": 5.0}, {}).open_loop is False
    with pytest.raises(
        WorkloadError, match=r"scenario.once: belongs to a closed loop: at a rate, write these requests"
    ):
        task_of(text, {"rate": 5.0}, {})


def test_a_file_of_setup_alone_has_no_load() -> None:
    with pytest.raises(WorkloadError, match="request: setup and teardown send them all"):
        workload_of(f"setup = ['a']\n{HEAD}[request.a]\nget = '/'\n")


STEP_KEYS = st.sampled_from([*STEP_KINDS, "do", "until", "weight", "x"])
STEP_SCALARS = SCALARS | st.sampled_from(
    ["login", "view", "pay", "1..3", "exp 1s", "status == 200", "{{token}} == 1", 0.5, 2]
)
STEP_TREES = st.recursive(
    STEP_SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STEP_KEYS, inner, max_size=3)
)
SCENARIO_KEYS = st.sampled_from(["weight", "on_fail", "once", "connection", "x"])


@given(st.lists(STEP_TREES, max_size=4), st.dictionaries(SCENARIO_KEYS, STEP_TREES, max_size=2))
def test_any_scenario_is_read_or_refused_in_one_line(do: list[Any], more: dict[str, Any]) -> None:
    table = {"name": "x", "do": ["login", "view", "pay", *do]} | more
    refused_or_read(f"scenario = [{toml(table)}]\n{REQUESTS}")


@given(STEP_TREES, STEP_TREES, STEP_TREES)
def test_any_take_and_setup_is_read_or_refused(take: Any, setup: Any, scenario: Any) -> None:
    top = f"setup = {toml(setup)}\nscenario = {toml(scenario)}\n"
    refused_or_read(f"{top}{HEAD}request = {{a = {{get = '/', take = {toml(take)}}}}}\n")


def test_a_refusal_is_a_task_error() -> None:
    """Who reads a task from the network answers one kind of error."""
    with pytest.raises(TaskError):
        task_of(with_do("['pya']"), {"duration": 5.0}, {})


def test_the_scenarios_of_the_example_are_right() -> None:
    """What it has as comments is a workload, without the weights of its requests."""
    head, scenarios = EXAMPLE.split("\n# Users who do several things in order.")
    lines = [line.removeprefix("# ") for line in scenarios.splitlines()[2:]]
    text = re.sub(r"(?m)^weight = .*\n", "", head) + "\n" + "\n".join(line for line in lines if line != "#")
    found = workload_of(text)
    assert [(one.name, one.weight) for one in found.scenarios] == [("browse", 4), ("buy", 1)]
    assert [name for name, _ in found.requests[3].takes] == ["session", "token"]
