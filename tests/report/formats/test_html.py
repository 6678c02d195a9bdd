"""The HTML report: one file, well-formed, harmless, complete. Without its script it has still charts."""

import base64
import hashlib
import re
from typing import Any

import pytest

from gluten.report.formats import html
from gluten.report.formats.charts import MAX_POINTS, binned
from gluten.report.formats.webpage import assets
from gluten.task.task import Task
from tests.support.reports import URL, build, closed, head, node, rated, second
from tests.support.still_page import CODE, read, render


def test_every_tag_is_closed_in_order() -> None:
    read(closed())
    read(rated())


def test_a_name_with_markup_stays_text() -> None:
    page = read(rated())
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "<b>rated</b>" in page.text
    assert "<script>alert(1)</script>" in page.text


@pytest.mark.parametrize("field", ["id", "name", "state", "reason", "link"])
def test_no_field_of_the_head_can_bring_markup(field: str) -> None:
    hostile = "\"'><script>alert(1)</script>"
    report = build(Task(URL, threads=1), head(**{field: hostile}), [node(hostile, [second(0, {1000: 1})])])
    page = read(report)
    assert "script" not in page.tags
    assert not any(name.startswith("on") for name, _ in page.attributes)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", ""])
def test_only_a_web_address_becomes_a_link(link: str) -> None:
    assert "a" not in read(build(Task(URL), head(link=link), [])).tags


def test_it_needs_no_network_and_no_script() -> None:
    text = html.render(rated())
    page = read(rated())
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    styles = next(content for tag, content in CODE.findall(text) if tag == "style")
    assert "url(" not in styles
    assert "@import" not in styles
    assert "default-src 'none'" in text
    assert not {name for name, _ in page.attributes} & {"src", "srcset", "style"}


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_the_one_script_and_the_styles_that_it_names() -> None:
    text = html.render(rated())
    ((_, style), (_, data), (_, script)) = CODE.findall(text)
    assert script == assets.script()
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", data)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.split("; ") == [
        "default-src 'none'", f"script-src {digest(script)}", f"style-src {digest(style)}",
        "base-uri 'none'", "form-action 'none'",
    ]  # fmt: skip


def test_without_the_library_there_are_the_still_charts_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    whole = render(rated())
    assert assets.script(tmp_path) == ""
    monkeypatch.setattr(assets, "script", lambda: "")
    text = html.render(rated())
    assert "<script" not in text
    assert "script-src" not in text
    assert _body(text) == _body(whole)


def _body(text: str) -> str:
    return CODE.sub("", text).partition("<body")[2]


def test_it_is_dark_or_light_by_the_reader_s_setting_and_printable() -> None:
    text = html.render(closed())
    assert "@media screen and (prefers-color-scheme: dark)" in text
    assert "@media (prefers-color-scheme: dark)" not in text
    assert "@media print" in text


TITLES = (
    "Throughput",
    "Response time",
    "Response times of all requests",
    "Service time and lateness",
    "Errors by status and kind",
    "Responses by status",
    "Rate against p99",
    "In flight",
    "Backlog and dropped",
    "Throughput by node",
    "Generator CPU by node",
    "Host CPU and steal",
    "Bytes",
    "Time of a request",
    "Failed requests by kind",
    "Requests",
    "Percentiles",
    "Distribution",
    "Nodes and plan",
    "Plan",
    "The task asked",
    "Events",
)


def test_it_has_every_chart_and_table() -> None:
    text = read(rated()).text
    for title in TITLES:
        assert title in text, title
    assert "Verdict: suspect." in text
    assert "no answer within 2s" in text


def test_without_errors_it_shows_what_was_in_flight() -> None:
    text = read(closed()).text
    assert "In flight" in text
    assert "Errors by status and kind" not in text


def test_control_characters_do_not_reach_the_page() -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", html.render(rated()))


def test_a_run_without_figures_has_no_charts_but_a_page() -> None:
    page = read(build(Task(URL), head(state="failed", reason="refused"), []))
    assert "svg" not in page.tags
    assert "No request was completed." in page.text
    assert "<script" not in html.render(build(Task(URL), head(state="failed", reason="refused"), []))


def test_no_chart_has_a_number_that_is_none() -> None:
    silent = [second(0, {1000: 1}), second(1, {}), second(2, {1000: 1})]
    text = render(build(Task(URL, threads=1, duration=3.0), head(), [node("a", silent)]))
    assert not re.search(r'"[^"]*\b(nan|inf|None)\b[^"]*"', text)


def test_a_long_run_is_drawn_with_few_points() -> None:
    rows = [{"second": at} for at in range(86_400)]
    groups = binned(rows)
    assert len(groups) <= MAX_POINTS + 1
    assert [row["second"] for group in groups for row in group] == list(range(86_400))


def test_events_are_marked_on_the_charts_and_named_there() -> None:
    deltas = [second(at, {1000: 100}) for at in range(5)]
    events = [
        {"at": "", "second": 0, "kind": "started", "node": "", "text": "it begins"},
        {"at": "", "second": 3, "kind": "adjusted", "node": "", "text": "<200> requests/s"},
        {"at": "", "second": None, "kind": "queued", "node": "", "text": "it waits"},
    ]
    text = render(build(Task(URL, threads=1, duration=5.0), head(events=events), [node("a", deltas)]))
    # throughput, response time, heat map, statuses, service time, in flight, two by node, host, bytes
    assert text.count('class="mark"') == 10
    assert text.count("second 3\n&lt;200&gt; requests/s\n") == 10
    assert "second 0\nit begins" not in text


def test_the_distribution_counts_every_response() -> None:
    text = render(closed())
    bars = re.findall(r"<title>(\S+) to (\S+)\nresponses: (\d+)</title>", text)
    # 270 of 1 ms, 27 of 2 ms, 3 of 10 ms, in steps of a twentieth of a decade
    assert [(low, count) for low, _, count in bars if count != "0"] == [
        ("1.00ms", "270"),
        ("2.00ms", "27"),
        ("10.00ms", "3"),
    ]


def test_the_heat_map_has_a_cell_for_each_band_of_each_second_that_is_not_empty() -> None:
    deltas = [second(0, {1000: 9}), second(1, {1000: 99, 64_000: 1}), second(2, {})]
    text = render(build(Task(URL, threads=1, duration=3.0), head(), [node("a", deltas)]))
    cells = re.findall(r'<rect class="cell" [^>]*height="([^"]+)" fill-opacity="([^"]+)"/>', text)
    # The strongest is the greatest number; the others follow its logarithm: log 10 / log 100, log 2 / log 100
    assert [share for _, share in cells] == ["0.50", "1.00", "0.15"]
    assert len({height for height, _ in cells}) == 1
    assert "second 1\n100 responses" in text


def test_a_report_of_an_older_version_has_no_heat_map() -> None:
    report = closed()
    report["seconds"] = [{name: value for name, value in row.items() if name != "heat"} for row in report["seconds"]]
    assert "Response times of all requests" not in read(report).text
    assert "Response times of all requests" in read(closed()).text


def test_the_heat_map_of_a_long_run_has_few_cells() -> None:
    deltas = [second(at, {1000: 9, 70_000: 1}) for at in range(3600)]
    text = render(build(Task(URL, threads=1, duration=3600.0), head(), [node("a", deltas)]))
    assert text.count('class="cell"') == 240
    assert len(text) < 500_000


def test_errors_are_shown_with_their_two_parts_and_the_note() -> None:
    delta = second(0, {1000: 40}, status=500)
    delta.of().fail("timeout", "late")
    delta.of().sent = 41
    page = render(build(Task(URL, threads=1, duration=1.0), head(), [node("a", [delta])]))
    assert ">100.00%</dd>" in page
    assert ">failed 1, bad status 40</dd>" in page
    assert ">most answers have a bad status (4xx or 5xx): 40 of 40</div>" in page
    assert "status 500</li>" in page[page.index("Errors by status and kind") :]


def test_the_drain_is_not_drawn() -> None:
    late = [*(second(at, {1000: 10}) for at in range(3)), second(3, {1000: 3})]
    page = render(build(Task(URL, threads=1, duration=3.0), head(), [node("a", late, ended=3.0)]))
    assert "second 2" in page
    assert "second 3" not in page
