"""A row is one second of a run, merged over all nodes."""

from gluten.stats.delta import Delta
from gluten.stats.row import lateness, row
from gluten.stats.session_stats import SessionStats
from tests.support.reports import second

KEYS = {
    "second", "asked", "sent", "completed", "failed", "dropped", "read", "written", "in_flight", "connections", "mean",
    "p50", "p90", "p95", "p99", "p99_9", "max", "service_p50", "service_p99", "lateness_p99", "cpu", "heat", "status",
    "errors", "nodes", "version", "good", "lag_p99", "host_cpu", "steal", "opened", "backlog", "peak",
}  # fmt: skip


def test_a_row_has_every_key_even_when_nothing_happened() -> None:
    made = row(Delta(4), None, {})
    assert set(made) == KEYS
    assert (made["second"], made["asked"], made["p99"], made["status"]) == (4, None, 0, {})


def test_a_row_has_the_second_s_figures() -> None:
    # 90 of 1 ms, 9 of 2 ms, 1 of 10 ms: mean (90 + 18 + 10) / 100 ms; service times are half
    delta = second(1, {1000: 90, 2000: 9, 10_000: 1}, in_flight=3)
    delta.of().fail("reset")
    made = row(delta, 100.0, {"alpha": delta}, version=7)
    assert (made["completed"], made["failed"], made["in_flight"], made["version"]) == (100, 1, 3, 7)
    assert (made["p50"], made["p90"], made["p99"], made["max"]) == (1000, 1000, 2000, 10_000)
    assert made["p99_9"] == 10_000
    assert made["mean"] == 1180.0
    assert (made["service_p50"], made["service_p99"]) == (500, 1000)
    assert (made["status"], made["errors"]) == ({"200": 100}, {"reset": 1})
    assert made["nodes"] == {"alpha": {"completed": 100, "cpu": 0.5, "in_flight": 3}}


def test_only_a_row_of_a_run_with_scenarios_has_sessions() -> None:
    delta = second(1, {1000: 5})
    delta.by_scenario = {"browse": SessionStats(), "buy": SessionStats()}
    browse, buy = delta.by_scenario.values()
    browse.begun, browse.finished, browse.good, browse.dropped, browse.cut = 7, 4, 3, 2, 1
    browse.time.record(2000, 4)
    buy.begun, buy.ended, delta.active, delta.most_active = 3, 1, 9, 11
    made = row(delta, None, {})
    assert set(made) - KEYS == {
        "begun", "finished", "ended", "cut", "sessions_dropped", "active", "most_active", "session_p50", "session_p99",
        "by_scenario",
    }  # fmt: skip
    assert [made[name] for name in ("begun", "finished", "ended", "cut", "sessions_dropped")] == [10, 4, 1, 1, 2]
    assert (made["active"], made["most_active"], made["session_p99"]) == (9, 11, 2000)
    assert made["by_scenario"]["browse"] | {"p50": 2000, "good": 3, "mean": 2000.0} == made["by_scenario"]["browse"]
    assert (made["by_scenario"]["buy"]["ended"], made["by_scenario"]["buy"]["p99"]) == (1, 0)


def test_lateness_is_of_the_sends_and_of_the_clock_where_nothing_was_paced() -> None:
    delta = Delta()
    delta.lag.record(500)
    assert lateness(delta).most == 500
    delta.lateness.record(70)
    assert lateness(delta).most == 70
