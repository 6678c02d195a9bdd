"""An SLO that can never be measured is refused before the run."""

from __future__ import annotations

import pytest

from gluten.errors import TaskError
from gluten.slo.names import read


def test_the_slos_of_known_requests_are_read() -> None:
    texts = ("p99 < 1s", "errors of login < 1%", "p99 of each < 1s")
    assert [slo.text for slo in read(texts, ("login", "view"))] == list(texts)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("p99 of pay < 1s", "there is no request 'pay'; there is login, view"),
        ("session p99 < 1s", "only a workload with scenarios has sessions and groups"),
        ("group p99 of login < 1s", "only a workload with scenarios has sessions and groups"),
    ],
)
def test_a_name_that_is_not_there_is_refused_with_those_that_are(text: str, why: str) -> None:
    with pytest.raises(TaskError, match=why) as caught:
        read(["p99 < 1s", text], ["login", "view"])
    assert caught.value.field == "slo"


NAMES = (("login", "view"), ("browse", "buy"), ("checkout",))


def test_slos_of_scenarios_and_groups_are_read_where_there_are_such() -> None:
    texts = (
        "session p99 of buy < 1s",
        "session rate > 5",
        "session errors of each < 1%",
        "group max of checkout < 2s",
        "group mean of each < 2s",
        "p99 of 'login (redirect)' < 1s",
    )
    assert [slo.text for slo in read(texts, *NAMES)] == list(texts)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("session p99 of login < 1s", "there is no scenario 'login'; there is browse, buy"),
        ("session errors of checkout < 1%", "there is no scenario 'checkout'"),
        ("group p99 of buy < 1s", "there is no group 'buy'; there is checkout"),
        ("p99 of buy < 1s", "there is no request 'buy'; there is login, view"),
    ],
)
def test_a_scenario_is_no_request_and_no_group(text: str, why: str) -> None:
    with pytest.raises(TaskError, match=why):
        read([text], *NAMES)


def test_without_groups_no_slo_is_about_one() -> None:
    with pytest.raises(TaskError, match="there is no group"):
        read(["group p99 of each < 1s"], ["login"], ["browse"])


def test_of_many_names_some_are_listed() -> None:
    with pytest.raises(TaskError, match="r8, r9 and 54 more"):
        read(["p99 of pay < 1s"], [f"r{at}" for at in range(64)])
