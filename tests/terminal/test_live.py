"""The view of a run as it goes: what each line says, at any width."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gluten.terminal.live import frame, summary_line
from gluten.terminal.live_view import LiveView
from gluten.terminal.terminal import Theme, width

PLAIN = Theme(colour=False)


def row(second: int, completed: int = 100, **more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "second": second,
        "asked": None,
        "completed": completed,
        "failed": 0,
        "in_flight": 3,
        "connections": 10,
        "p50": 1000,
        "p90": 2000,
        "p99": 4000,
        "max": 9000,
        "errors": {},
        "nodes": {"alpha": {"completed": completed, "cpu": 0.25, "in_flight": 3}},
    }
    return values | more


def update(*rows: Any, **run: Any) -> Any:
    task = {"method": "GET", "threads": 2, "connections": 10, "requests": run.pop("requests", None)}
    known = {
        "number": 7,
        "name": "shop",
        "state": "running",
        "url": "http://127.0.0.1:8080/",
        "asked_duration": 30.0,
        "completed": 300,
        "failed": 0,
        "dropped": 0,
        "p50": 1100,
        "p99": 4400,
        "task": task,
    }
    return {"run": known | run, "rows": list(rows), "events": []}


def live(*updates: Any) -> LiveView:
    made = LiveView()
    for one in updates:
        made.apply(one)
    return made


def shown(made: LiveView, columns: int = 80, height: int = 24) -> list[str]:
    return frame(made, columns, height, PLAIN)


def the_line(made: LiveView, label: str, columns: int = 80) -> str:
    (found,) = [text for text in shown(made, columns) if text.startswith(label)]
    return found


def test_it_says_which_run_on_what_and_how_far_it_is() -> None:
    lines = shown(live(update(row(0), row(1), row(2))))
    assert lines[0].startswith("GLuTEN run 7 · shop · 2 threads, 10 connections")
    assert lines[0].endswith("running")
    assert lines[1] == "GET http://127.0.0.1:8080/"
    assert lines[2].endswith("3s of 30s, 27s left")


def test_over_http2_it_says_how_many_streams_a_connection_has() -> None:
    told = update(row(1))
    told["run"]["task"] |= {"http2": True, "streams": 10}
    assert "2 threads, 10 connections (HTTP/2, 10 streams each)" in shown(live(told), 120)[0]


def test_a_workload_has_no_method_of_its_own() -> None:
    made = update(row(0))
    made["run"]["task"]["workload"] = "[request.a]"
    assert shown(live(made))[1] == "http://127.0.0.1:8080/"


def test_the_rate_stands_beside_what_was_asked() -> None:
    assert "98 of 100 asked" in the_line(live(update(row(0, 98, asked=100.0))), "requests/s")
    assert " of " not in the_line(live(update(row(0))), "requests/s")


def test_a_row_that_comes_again_replaces_the_first() -> None:
    made = live(update(row(0, 50, errors={"reset": 1})), update(row(0, 90, errors={"reset": 2}), failed=2))
    assert "requests/s   90" in the_line(made, "requests/s")
    assert made.errors == {"reset": 2}


def test_a_second_is_shown_when_all_nodes_have_reported_it() -> None:
    parts = {name: {"completed": 50, "cpu": 0.1, "in_flight": 0} for name in ("alpha", "beta")}
    one = {"alpha": parts["alpha"]}
    made = live(update(row(0, 100, nodes=parts), row(1, 50, nodes=one)))
    assert "requests/s   100" in the_line(made, "requests/s")
    made.apply(update(row(1, 101, nodes=parts)))
    assert "requests/s   101" in the_line(made, "requests/s")


def test_the_percentiles_of_the_second_and_of_the_run_stand_below_each_other() -> None:
    made = live(update(row(0, max=12_000), row(1)))
    head, second, whole = (the_line(made, label) for label in ("response", "last second", "so far"))
    assert second.split()[2:] == ["1.00ms", "2.00ms", "4.00ms", "9.00ms"]
    assert whole.split()[2:] == ["1.10ms", "4.40ms", "12.00ms"]
    assert head.index("p99") + 3 == second.index("4.00ms") + 6 == whole.index("4.40ms") + 6


def test_errors_are_counted_by_kind_the_most_frequent_first() -> None:
    made = live(update(row(0, errors={"reset": 1, "timeout": 4}), failed=5, completed=95))
    assert the_line(made, "errors") == "errors       5 so far (5.00%): timeout 4, reset 1"
    assert the_line(live(update(row(0))), "errors") == "errors       0"


def test_dropped_slots_are_shown_if_there_are_any() -> None:
    assert the_line(live(update(row(0), dropped=12)), "in flight").endswith("3 on 10 connections, 12 dropped so far")
    assert the_line(live(update(row(0))), "in flight").endswith("3 on 10 connections")


def test_the_answers_after_the_end_are_no_second_of_load() -> None:
    made = live(update(row(28), row(29), row(30, 2)))
    assert "requests/s   100" in the_line(made, "requests/s")
    assert shown(made)[2].endswith("30s of 30s, 0s left")


def test_a_run_that_ends_by_its_count_is_as_far_as_its_requests() -> None:
    made = live(update(row(0), requests=600, asked_duration=None))
    assert shown(made)[2].endswith("1s, 300 of 600 requests")
    assert made.done == 0.5


def test_many_nodes_are_as_many_as_fit_and_a_number() -> None:
    nodes = {f"node-{at:03}": {"completed": 10, "cpu": 0.5, "in_flight": 0} for at in range(1000)}
    found = the_line(live(update(row(0, nodes=nodes))), "1000 nodes")
    assert found.startswith("1000 nodes   node-000 10.00/s 50%   node-001")
    assert found.endswith("and 998 more")


def test_the_last_event_is_shown_with_its_second() -> None:
    event = {"at": "", "second": 61, "kind": "adjusted", "node": "", "text": "200 requests/s from now on"}
    made = live(update(row(0)) | {"events": [event]})
    assert the_line(made, "event") == "event        1m1s: 200 requests/s from now on"


def test_a_queued_run_says_how_many_are_before_it() -> None:
    made = live(update(state="queued", queue=2))
    assert shown(made)[0].endswith("queued (2 before it)")
    assert summary_line(made) == "run 7: queued, 2 before it"


@pytest.mark.parametrize("columns", [1, 8, 20, 40, 63, 64, 80, 200])
@pytest.mark.parametrize("height", [1, 5, 24])
def test_no_line_is_wider_than_the_terminal_and_no_view_higher(columns: int, height: int) -> None:
    made = live(update(*(row(at, 37 * at % 101, asked=99.5) for at in range(25)), name="漢字 \x1b[31m" * 5, failed=3))
    lines = shown(made, columns, height)
    assert 1 <= len(lines) <= height
    assert max(map(width, lines)) <= columns
    assert "\x1b" not in "".join(lines)


def test_the_view_fills_the_width_with_the_sparkline() -> None:
    made = live(update(*(row(at) for at in range(29))))
    assert shown(made, 33, 12)[5] == " " * 13 + "█" * 20


def test_a_long_run_keeps_the_nodes_of_its_newest_seconds_alone() -> None:
    made = live(update(*(row(at) for at in range(20)), asked_duration=3600.0))
    assert [bool(one["nodes"]) for one in made.rows] == [False] * 15 + [True] * 5


def heated(second: int, heat: list[int], **more: Any) -> dict[str, Any]:
    return row(second, sum(heat[1:]), heat=heat, status={"200": sum(heat[1:])}, **more)


def bars(lines: list[str]) -> int:
    """How many response times the histogram has."""
    at = next(place for place, text in enumerate(lines) if "histogram" in text)
    counts = [found for text in lines[at + 1 :] if (found := re.match(r".*?[\d.]+[mu]s +([\d,]+) +[\d.]+% ", text))]
    return sum(int(found[1].replace(",", "")) for found in counts)


def test_the_histogram_has_every_response_so_far_and_a_row_that_comes_again_once() -> None:
    made = live(update(heated(0, [40, 10, 5]), heated(1, [39, 1])), update(heated(1, [39, 1, 1]), heated(2, [45, 3])))
    assert made.heat == {40: 11, 41: 5, 39: 1, 45: 3}
    assert bars(shown(made)) == 20


def test_without_bands_there_is_no_histogram() -> None:
    assert not [text for text in shown(live(update(row(0)))) if "histogram" in text]
    assert not [text for text in shown(live(update(row(0, heat=[])))) if "histogram" in text]


def test_p99_is_drawn_below_the_throughput() -> None:
    made = live(update(*(row(at, p99=1000.0 * at) for at in range(8)), asked_duration=3600.0))
    assert the_line(live(update(row(0))), "p99")
    lines = shown(made, 80, 12)
    assert [text for text in lines if text.startswith("p99")] == ["p99          ▁▂▃▄▅▆▇█"]


@pytest.mark.parametrize("height", [24, 40, 60])
@pytest.mark.parametrize("columns", [80, 120, 139, 140, 200])
def test_the_view_uses_the_whole_window(columns: int, height: int) -> None:
    event = {"at": "", "second": 3, "kind": "adjusted", "node": "", "text": "200 requests/s from now on"}
    rows = [heated(at, [30, *(50 + at * band for band in range(40))], p99=at) for at in range(25)]
    made = live(update(*rows) | {"events": [event | {"second": at} for at in range(9)]})
    lines = shown(made, columns, height)
    # The histogram adds up bands, so it may need fewer lines than it has.
    assert height - height // 8 <= len(lines) <= height
    assert columns - 3 <= max(map(width, lines)) <= columns


def test_a_wide_window_has_two_columns() -> None:
    made = live(update(*(heated(at, [30, 5, 5, 5]) for at in range(3))))
    assert [text.index("histogram") for text in shown(made, 140, 40) if "histogram" in text] == [68 + 3]
    assert [text.index("histogram") for text in shown(made, 139, 40) if "histogram" in text] == [0]


def test_where_there_is_room_each_status_has_a_line_also_where_all_are_well() -> None:
    made = live(update(row(0, status={"200": 60, "503": 20}), completed=80, good=60))
    lines = shown(made, 60, 40)
    at = next(place for place, text in enumerate(lines) if text.startswith("status"))
    assert lines[at] == "status       200         60   75.0% " + "━" * 18
    assert lines[at + 1] == "             503         20   25.0% " + "━" * 6
    assert "status       200" in "".join(shown(live(update(row(0, status={"200": 100}), good=300)), 80, 40))


def test_an_event_that_comes_again_is_one() -> None:
    event = {"at": "", "second": 1, "kind": "slo", "node": "", "text": "SLO missed"}
    told = {"events": [event]}
    made = live(update(row(0)) | told, update(row(1)) | told, update(row(2)) | {"events": [event | {"text": "more"}]})
    lines = shown(made, 80, 40)
    assert [text for text in lines if "1s: " in text] == ["event        1s: more", "             1s: SLO missed"]


def test_in_one_line_it_says_the_same() -> None:
    made = live(update(row(0), row(1, 98, asked=100.0, errors={"timeout": 2}), failed=2))
    assert summary_line(made) == (
        "run 7: 2s of 30s, 28s left  last second 98.00 of 100.00 requests/s  p50 1.00ms  p99 4.00ms  "
        "so far errors 2 (timeout 2)"
    )


def test_a_second_without_an_answer_has_no_time() -> None:
    made = live(update(row(0), row(1, 0, p50=0, p99=0)))
    assert "last second 0.00 requests/s  p50 -  p99 -  so far" in summary_line(made)


def test_a_run_without_a_number_is_this_machine_s_own() -> None:
    assert summary_line(live(update(row(0), number=0))).startswith("1s of 30s")


def test_status_codes_are_shown_if_not_all_are_2xx() -> None:
    made = live(update(row(0, status={"200": 90}), row(1, status={"200": 60, "503": 30}), completed=180, good=150))
    assert the_line(made, "status") == "status       200 150, 503 30"
    assert the_line(made, "errors") == "errors       30 so far (16.67%): bad status 30"
    assert summary_line(made).endswith("so far errors 30 (bad status 30)  status 200 150, 503 30")
    calm = live(update(row(0, status={"200": 90, "204": 10}), good=300))
    assert not [text for text in shown(calm) if text.startswith("status")]


def test_both_parts_of_the_errors_are_told() -> None:
    made = live(update(row(0, errors={"timeout": 4}, status={"404": 6}), failed=4, completed=96, good=90))
    assert the_line(made, "errors") == "errors       10 so far (10.00%): timeout 4, bad status 6"


def test_an_answer_that_failed_a_check_is_not_good() -> None:
    made = live(update(row(0, status={"200": 100}), completed=100, good=93))
    assert the_line(made, "errors") == "errors       7 so far (7.00%): not good 7"


def test_the_drain_is_not_a_second_of_load_but_its_responses_count() -> None:
    made = live(update(row(0), row(1), row(2, 2, drain=True, max=70_000, status={"500": 2}), asked_duration=None))
    assert "requests/s   100" in the_line(made, "requests/s")
    assert the_line(made, "so far").endswith("70.00ms")
    assert "500 2" in the_line(made, "status")


def test_figures_of_the_last_second_and_of_the_run_so_far_say_which_they_are() -> None:
    assert the_line(live(update(row(0))), "requests/s").endswith("100 in the last second   300 completed so far")


def test_nothing_is_asked_of_a_second_after_the_plan_s_end() -> None:
    made = live(update(row(0, 40, asked=0.0)))
    assert "asked" not in the_line(made, "requests/s")
    assert " of 0" not in summary_line(made)


def slo(text: str, state: str = "holds", **more: Any) -> dict[str, Any]:
    plain = {"slo": text, "state": state, "value": 1500.0, "limit": 2000.0, "sure": None, "since": None}
    return plain | {"unit": "microseconds"} | more


def test_slos_stand_below_the_head_and_those_that_are_missed_first() -> None:
    entries = [slo("p99 < 2ms"), slo("max < 1ms", "missed", since=3), slo("mean < 2s", "unmeasured", value=None)]
    lines = [line for line in shown(live(update(row(0), slo=entries))) if line.startswith("SLO")]
    assert lines == [
        "SLO          ✗ max < 1ms  1.50ms  since second 3",
        "SLO          ✓ p99 < 2ms  1.50ms",
        "SLO          · mean < 2s  no value",
    ]
    assert frame(live(update(row(0), slo=entries)), 80, 24, Theme(colour=False, marks="+x."))[3].startswith(
        "SLO          x"
    )


def test_of_many_slos_some_are_shown_and_the_rest_is_counted() -> None:
    lines = shown(live(update(row(0), slo=[slo(f"p9{at} < 2ms") for at in range(9)])))
    assert sum(line.startswith("SLO") for line in lines) == 5
    assert any("and 4 more SLOs" in line for line in lines)


def test_the_line_of_a_log_names_what_is_missed() -> None:
    entries = [slo("p99 < 2ms"), slo("max < 1ms", "missed", since=3)]
    assert summary_line(live(update(row(0), slo=entries))).endswith("  SLO missed: max < 1ms (1.50ms)")
