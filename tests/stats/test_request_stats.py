"""The stats of one named request: checks, good responses, first bytes and kept failures add up in any order."""

from typing import Any

import pytest

from gluten.stats.delta import Delta
from gluten.stats.failure import MAX_BODY, MAX_KINDS, Answer, Failure, Sent, earliest
from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import Slowest, Stats


def answered(status: int, micros: int) -> Stats:
    made = Stats()
    made.completed, made.status = 1, {status: 1}
    made.service.record(micros)
    made.response.record(micros)
    return made


def merged(*parts: Stats) -> Stats:
    whole = Stats()
    for part in parts:
        whole.add(part)
    return Stats.from_map(whole.to_map())


def failure(second: int, node: str = "a", status: int = 500) -> Failure:
    return Failure(second, node, Sent("GET", "/a", (("Host", "h"),), ""), Answer(status, (), "oh"))


def test_good_follows_from_the_status_unless_checks_say_otherwise() -> None:
    assert merged(answered(200, 5), answered(404, 5)).good == 1
    expected, failed = answered(404, 5), answered(200, 5)
    expected.apart, failed.apart = 1, -1
    assert (merged(expected).good, merged(failed).good, merged(expected, failed).good) == (1, 0, 1)


def test_the_first_byte_is_the_service_time_where_responses_came_in_one_piece() -> None:
    assert merged(answered(200, 7)).first_byte.to_list() == merged(answered(200, 7)).service.to_list()


def test_a_first_byte_of_its_own_is_merged_with_those_of_others() -> None:
    slow = answered(200, 900)
    slow.first_byte = Histogram()
    slow.first_byte.record(100)
    for whole in (merged(slow, answered(200, 7)), merged(answered(200, 7), slow)):
        assert sorted(micros for micros, _ in whole.first_byte) == [7, 100]
        assert len(whole.service) == 2


def test_checks_add_up_by_their_texts() -> None:
    one, other = Stats(), Stats()
    one.checked("status == 200", 3, 1)
    other.checked("status == 200", 2, 0)
    other.checked("body exists", 0, 5)
    assert merged(one, other).checks == {"status == 200": [5, 1], "body exists": [0, 5]}


def test_the_earliest_failure_of_each_kind_is_kept() -> None:
    one, other = Stats(), Stats()
    one.failures = {"status 500": failure(9), "reset": failure(3)}
    other.failures = {"status 500": failure(4)}
    for whole in (merged(one, other), merged(other, one)):
        assert {kind: kept.second for kind, kept in whole.failures.items()} == {"reset": 3, "status 500": 4}


def test_of_many_kinds_the_earliest_are_kept_in_any_order() -> None:
    kinds = {f"status {code}": failure(code) for code in range(400, 460)}
    ones = [{kind: kept} for kind, kept in kinds.items()]
    forth: dict[str, Failure] = {}
    back: dict[str, Failure] = {}
    for one, last in zip(ones, reversed(ones), strict=True):
        forth, back = earliest(forth, one), earliest(back, last)
    assert forth == back
    assert list(forth) == [f"status {400 + n}" for n in range(MAX_KINDS)]


def test_the_slowest_traced_request_is_kept_with_its_name() -> None:
    delta = Delta()
    delta.of("view").slowest = Slowest(90, "aa", "n1")
    delta.of("pay").slowest = Slowest(120, "bb", "n2")
    delta.of("login").slowest = None
    assert Delta.from_map(delta.to_map()).slowest == ("pay", Slowest(120, "bb", "n2"))


def sent(**changes: Any) -> dict[str, Any]:
    return {"method": "GET", "url": "/", "headers": [], "body": ""} | changes


ODD: dict[str, dict[str, Any]] = {
    "more good ones than answers": {"good": 2},
    "good that is no number": {"good": "1"},
    "checks that are no map": {"checks": [["a", 1, 1]]},
    "a check without a text": {"checks": {"": [1, 1]}},
    "a check with one count": {"checks": {"a": [1]}},
    "checks below 0": {"checks": {"a": [1, -1]}},
    "too many checks": {"checks": {str(n): [0, 0] for n in range(129)}},
    "too many kinds": {"failures": {str(n): failure(1).to_map() for n in range(MAX_KINDS + 1)}},
    "a long body": {"failures": {"reset": failure(1).to_map() | {"sent": sent(body="x" * (MAX_BODY + 1))}}},
    "headers that are none": {"failures": {"reset": failure(1).to_map() | {"sent": sent(headers=["ab", 1])}}},
    "a status that is none": {
        "failures": {"x": failure(1).to_map() | {"answer": {"status": -1, "headers": [], "body": ""}}}
    },
    "a slowest without a node": {"slowest": [1, "a"]},
    "first bytes that are no histogram": {"first_byte": [1]},
}


@pytest.mark.parametrize("what", ODD)
def test_what_nobody_can_have_counted_is_refused(what: str) -> None:
    plain = Delta().to_map() | {"by_name": {"view": answered(200, 5).to_map() | ODD[what]}}
    with pytest.raises(ValueError):
        Delta.from_map(plain)


def test_texts_of_a_failure_are_printable() -> None:
    odd = failure(1).to_map() | {"sent": sent(url="/\x1b[2J", body="a\nb\x00")}
    kept = Failure.from_map(odd)
    assert (kept.sent.url, kept.sent.body) == ("/ [2J", "a\nb ")
