"""The text report has its figures where wrk's parsers expect them. Lines marked `wrk` were printed by wrk 4.1."""

import re
from typing import Any

import pytest

from gluten.report.formats.text import _stats_row, _unit, clean, render, thread_rates
from gluten.task.task import Task
from gluten.units import format_count, format_micros
from tests.support.reports import URL, build, closed, head, mixed, node, rated, second, with_slos
from tests.support.session_reports import sold, time_of


def test_the_whole_report_of_a_closed_loop() -> None:
    # mean (90*1 + 9*2 + 1*10) / 100 = 1.18 ms; stdev² = 0.9*0.18² + 0.09*0.82² + 0.01*8.82² = 0.8676, so 0.93 ms;
    # within 0.25 to 2.11 ms lie 99 of 100. 300 * 100 B = 29.30 KB.
    assert render(closed()) == (
        "Running 3s test @ http://127.0.0.1:8080/\n"
        "  1 threads and 10 connections\n"
        "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
        "    Latency     1.18ms    0.93ms  10.00ms   99.00%\n"
        "    Req/Sec   100.00      0.00   100.00    100.00%\n"
        "  300 requests in 3.00s, 29.30KB read\n"
        "Requests/sec:    100.00\n"
        "Transfer/sec:      9.77KB\n"
        "Verdict: valid\n"
    )


@pytest.mark.parametrize(
    ("line", "name", "figures", "form"),
    [
        # wrk: from runs on this project's target, and the example in the contract
        ("    Latency    93.30us  108.61us   4.13ms   98.75%", "Latency", (93.3, 108.61, 4130, 0.9875), format_micros),
        ("    Latency   635.91us    0.89ms  12.92ms   93.69%", "Latency", (635.91, 890, 12920, 0.9369), format_micros),
        ("    Req/Sec    55.83k     9.21k  108.66k    92.68%", "Req/Sec", (55830, 9210, 108660, 0.9268), format_count),
        ("    Req/Sec    56.20k     8.07k   62.00k    86.54%", "Req/Sec", (56200, 8070, 62000, 0.8654), format_count),
    ],
)
def test_a_row_of_thread_stats_is_wrk_s(line: str, name: str, figures: Any, form: Any) -> None:
    assert _stats_row(name, figures, form) == line


@pytest.mark.parametrize(
    ("text", "shown"),
    [("81.00us", "   81.00us"), ("1.05s", "    1.05s "), ("833.00", "  833.00  ")],
)
def test_the_digits_stand_below_each_other_whatever_the_unit(text: str, shown: str) -> None:
    assert _unit(text, 10) == shown


def test_the_distribution_has_wrk_s_lines_and_then_the_nines() -> None:
    lines = render(closed(), latency=True).splitlines()
    at = lines.index("  Latency Distribution")
    assert lines[at + 1 : at + 9] == [
        "     50%    1.00ms",
        "     75%    1.00ms",
        "     90%    1.00ms",
        "     99%    2.00ms",
        "   99.9%   10.00ms",
        "  99.99%   10.00ms",
        " 99.999%   10.00ms",
        "    100%   10.00ms",
    ]


def test_the_service_time_has_its_own_distribution_only_when_asked() -> None:
    assert "Service Time" not in render(closed(), latency=True)
    lines = render(closed(), service=True).splitlines()
    assert lines[lines.index("  Service Time Distribution") + 4] == "     99%    1.00ms"


def test_wrk_s_parsers_find_everything() -> None:
    text = render(rated(), latency=True, service=True)
    assert re.search(r"^Running (\S+) test @ (\S+)$", text, re.M)
    assert re.search(r"^  (\d+) threads and (\d+) connections$", text, re.M)
    assert re.search(r"^ +(\d+) requests in ([\d.]+\w+), ([\d.]+\w*B) read$", text, re.M)
    found = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    assert found
    assert found.groups() == ("0", "0", "0", "3")
    assert re.search(r"^  Non-2xx or 3xx responses: 15$", text, re.M)
    assert re.search(r"^Requests/sec: +37\.00$", text, re.M)
    assert re.search(r"^Transfer/sec: +3\.61KB$", text, re.M)


def test_other_kinds_follow_wrk_s_four() -> None:
    assert "  Socket errors: connect 0, read 0, write 0, timeout 3, reset 1\n" in render(rated())


def test_a_run_without_errors_has_no_line_about_them() -> None:
    text = render(closed())
    assert "Socket errors" not in text
    assert "Non-2xx" not in text


def test_a_verdict_other_than_valid_says_why() -> None:
    lines = render(rated()).splitlines()
    at = lines.index("Verdict: suspect")
    assert lines[at + 1].startswith("  - 4.2% of the planned requests could not be sent")


def test_a_constant_rate_says_what_was_planned_and_dropped() -> None:
    assert "Planned: 120 requests, sent 115, dropped 5 (4.17%)\n" in render(rated())
    assert "Planned" not in render(closed())


def test_errors_are_listed_by_kind_with_a_sample_the_most_frequent_first() -> None:
    lines = render(rated()).splitlines()
    at = lines.index("Errors:")
    assert lines[at + 1] == "  timeout  3  no answer within 2s"
    assert lines[at + 2].startswith("  reset    1  the target reset")


def test_nodes_are_listed_when_there_is_more_than_one() -> None:
    lines = render(rated()).splitlines()
    at = lines.index("Nodes:")
    assert lines[at + 1].split()[:4] == ["name", "cores", "threads", "connections"]
    assert lines[at + 2].split()[0] == "alpha"
    assert len({len(line.split()) for line in lines[at + 2 :]}) == 1
    assert "Nodes:" not in render(closed())


def test_nothing_in_a_report_steers_a_terminal() -> None:
    text = render(rated())
    assert "\x1b" not in text
    assert clean("a\x1b[2Jb\u009b\n") == "a?[2Jb??"


def test_a_stopped_run_says_so_and_why() -> None:
    task = Task(URL, threads=1, connections=10, duration=60.0)
    report = build(task, head(state="stopped", reason="by ann"), [node("alpha", [second(0, {1000: 5})])])
    assert "State: stopped: by ann\n" in render(report)
    assert "State: stopped by ann\n" in render(report | {"reason": "stopped by ann"})


@pytest.mark.parametrize("micros", [1, 100, 3084, 5001, 1_000_003])
def test_all_of_one_value_lie_within_its_deviation(micros: int) -> None:
    report = build(Task(URL, requests=1, duration=None), head(), [node("alpha", [second(0, {micros: 1})])])
    assert next(line for line in render(report).splitlines() if "Latency" in line).endswith("100.00%")


def test_a_run_bounded_by_requests_says_how_many() -> None:
    task = Task(URL, threads=1, connections=1, duration=None, requests=500)
    report = build(task, head(), [node("alpha", [second(0, {1000: 500})])])
    assert render(report).startswith("Running 500 requests test @ http://127.0.0.1:8080/\n")


def test_a_run_in_which_nothing_happened_can_be_printed() -> None:
    report = build(Task(URL), head(state="failed", reason="refused"), [])
    assert "  0 requests in 0.00us, 0.00B read\n" in render(report, latency=True, service=True)


def test_requests_per_second_are_those_of_a_thread_in_whole_seconds() -> None:
    # two nodes of 2 and 1 threads; second 2 is not over when the load ends at 2.5 s
    nodes = [
        node("a", [second(at, {1000: n}) for at, n in enumerate((200, 300, 10))], threads=2, ended=2.5),
        node("b", [second(at, {1000: n}) for at, n in enumerate((90, 110, 5))], threads=1, ended=2.5),
    ]
    report = build(Task(URL, threads=3, connections=10, duration=2.5), head(), nodes)
    assert sorted(thread_rates(report)) == [(90.0, 1), (100.0, 2), (110.0, 1), (150.0, 2)]


def test_a_run_shorter_than_a_second_shows_its_mean_rate() -> None:
    report = build(
        Task(URL, threads=2, connections=2, duration=0.5), head(), [node("a", [second(0, {1000: 50})], ended=0.5)]
    )
    assert thread_rates(report) == [(50.0, 1)]


@pytest.mark.parametrize(
    ("status", "lines"),
    [
        (
            {200: 15053, 404: 941, 503: 2822},
            ["  Non-2xx or 3xx responses: 3763", "  Status: 200 15053, 404 941, 503 2822"],
        ),
        ({301: 18816}, ["  Status: 301 18816"]),
        ({200: 18000, 204: 816}, []),
    ],
)
def test_codes_follow_wrk_s_line_where_there_is_any_but_2xx(status: dict[int, int], lines: list[str]) -> None:
    delta = second(0, {1000: 18816})
    delta.of().status = status
    shown = render(build(Task(URL, threads=1, duration=1.0), head(), [node("a", [delta])])).splitlines()
    at = next(at for at, line in enumerate(shown) if " requests in " in line)
    assert shown[at + 1 : shown.index("Requests/sec:  18816.00")] == lines


def test_a_note_stands_after_the_verdict() -> None:
    shown = render(build(Task(URL, threads=1, duration=1.0), head(), [node("a", [second(0, {1000: 5}, status=500)])]))
    assert "Verdict: valid\nNote: most answers have a bad status (4xx or 5xx): 5 of 5\n" in shown


def test_a_node_s_row_has_what_it_is_judged_by() -> None:
    lines = render(rated()).splitlines()
    at = lines.index("Nodes:")
    for name in ("errors", "host cpu", "steal", "lateness p99", "lag p99"):
        assert name in lines[at + 1]


def test_a_node_of_an_earlier_version_is_shown_too() -> None:
    report = rated()
    for one in report["nodes"]:
        for name in ("good", "lag_p99", "host_cpu", "steal", "asked", "ended"):
            del one[name]
    assert "Nodes:" in render(report)


def test_named_requests_and_checks_stand_after_the_lines_of_wrk() -> None:
    lines = render(mixed()).splitlines()
    at = lines.index("By request:")
    assert at > next(place for place, line in enumerate(lines) if line.startswith("Transfer/sec"))
    assert lines[at + 1].split() == [
        "name",
        "requests",
        "good",
        "errors",
        "req/s",
        "p50",
        "p90",
        "p99",
        "max",
        "dropped",
    ]
    assert lines[at + 2].split()[:4] == ["request", "8", "8", "0"]
    assert lines[at + 3].split()[:4] == ["view", "44", "36", "10"]
    assert '  ✗  view     body contains "price"      36       8' in lines


def test_a_request_that_was_never_answered_has_no_time() -> None:
    report = mixed()
    report["by_request"][1] |= {"completed": 0, "response_time": time_of({})}
    assert next(line for line in render(report).splitlines() if line.startswith("  view")).split()[-5:-1] == ["-"] * 4


def test_a_plain_url_has_no_table_by_request() -> None:
    assert not any("By request" in line for line in render(rated()).splitlines())


def test_slos_stand_between_wrk_s_lines_and_the_verdict() -> None:
    lines = render(with_slos("p99 < 5ms", "p99.9 < 1ms", "errors < 0.5%")).splitlines()
    at = lines.index("SLOs:")
    assert lines[at - 1].startswith("Transfer/sec:")
    assert lines[at + 1 : at + 6] == [
        "                      value   limit",
        "  ✓  p99 < 5ms       2.00ms  5.00ms  not sure",
        "  ✗  p99.9 < 1ms    10.00ms  1.00ms  since second 0",
        "  ✓  errors < 0.5%       0%    0.5%  not sure",
        "Verdict: valid",
    ]


def test_without_slos_there_is_no_line_of_them() -> None:
    assert "SLO" not in render(closed())


def test_sessions_scenarios_and_groups_stand_after_the_verdict() -> None:
    lines = render(sold()).splitlines()
    at = lines.index("Verdict: valid") + 1
    rest = "ended 6, cut 3, under way 1, dropped 2 (2.00%), good 86; at most 47 at once"
    assert lines[at : at + 9] == [
        f"Sessions: planned 100, begun 98, finished 88, {rest}",
        "Session time: p50 2.00s, p90 9.00s, p99 9.00s, max 9.00s",
        "By scenario:",
        "  name        begun  finished  ended  cut  dropped  good    p50    p90    p99    max",
        "  browse         78        70      5    2        2    68  2.00s  9.00s  9.00s  9.00s",
        "  <b>buy</b>     20        18      1    1        0    18  4.00s  4.00s  4.00s  4.00s",
        "Groups:",
        "  name      times    p50    p90    p99    max",
        "  checkout     17  1.50s  1.50s  1.50s  1.50s",
    ]


def test_a_closed_loop_has_no_planned_sessions() -> None:
    text = render(sold(planned=False))
    assert "Sessions: begun 98, finished 88, ended 6, cut 3, under way 1, good 86; at most 47 at once\n" in text


def test_sessions_that_never_finished_have_no_time() -> None:
    report = sold()
    report["sessions"]["finished"] = report["by_scenario"][1]["finished"] = 0
    lines = render(report).splitlines()
    assert not [line for line in lines if line.startswith("Session time")]
    assert next(line for line in lines if "<b>buy</b>" in line).split()[-4:] == ["-"] * 4


def test_with_sessions_the_table_by_request_says_what_they_skipped() -> None:
    lines = render(sold()).splitlines()
    at = lines.index("By request:")
    assert lines[at + 1].split()[-1] == "skipped"
    assert [line.split()[-1] for line in lines[at + 2 : at + 4]] == ["0", "6"]


def test_a_number_of_sessions_that_ends_the_run_is_called_so() -> None:
    report = sold()
    report["task"] |= {"duration": None, "requests": 100}
    assert render(report).startswith("Running 100 sessions test @ ")


@pytest.mark.parametrize("report", [closed(), mixed()])
def test_a_run_without_scenarios_says_nothing_of_sessions(report: Any) -> None:
    none: dict[str, Any] = {"sessions": None, "by_scenario": [], "groups": []}
    for sessions in ({}, none):
        assert render(report | sessions) == render(report)
    assert "ession" not in render(report)
    assert "scenario" not in render(report)
