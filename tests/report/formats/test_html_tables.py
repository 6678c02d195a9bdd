"""What the HTML report says beside its charts: SLOs, requests, sessions, traces."""

import re

from tests.support.reports import URL, closed, mixed, rated, with_slos
from tests.support.session_reports import sold
from tests.support.still_page import read, render


def test_named_requests_checks_and_first_failures_are_shown() -> None:
    reader = read(mixed())
    for text in (
        "By request",
        "Checks",
        'body contains "price"',
        "First failures",
        "GET /p/7",
        "<busy>",
        "6 times",
    ):
        assert text in reader.text


def test_a_plain_url_has_no_table_by_request() -> None:
    assert "By request" not in read(rated()).text


def test_slos_are_the_first_thing_under_the_title() -> None:
    page = render(with_slos("p99 < 5ms", "p99.9 < 1ms"))
    assert page.index("</h1>") < page.index("1 of 2 missed") < page.index("Verdict:") < page.index("Requests/s")
    assert page.index("✗ missed") < page.index("✓ holds")
    assert 'badge good">holds</span>' in render(with_slos("p99 < 5ms"))
    assert 'class="panel slos' not in render(closed())


def test_sessions_are_shown_with_scenarios_groups_and_a_chart() -> None:
    text = render(sold())
    for shown in (
        "of 100, 2 dropped (2.00%)",
        "browse",
        "Groups",
        "A typical session",
        "checkout",
        "Sessions",
    ):
        assert shown in text
    assert "Sessions at once, and begun a second" in text
    assert "<b>buy</b>" not in text
    assert "&lt;b&gt;buy&lt;/b&gt;" in text


def test_every_tag_of_a_report_of_sessions_is_closed_in_order() -> None:
    read(sold())


def test_a_typical_session_is_drawn_to_scale() -> None:
    # request 0.9 ms, pause 2.5 times 2 s, view 2.5 times 400 us: 5.0019 s
    (first, pause, view, *_) = re.findall(
        r'<tr( class="pause")?>(?:(?!</tr>).)*<rect x="([\d.]+)" width="([\d.]+)" height="10"/>', render(sold())
    )
    assert first == ("", "0.00", "0.30")
    assert pause == (' class="pause"', "0.02", "99.96")
    assert view == ("", "99.70", "0.30")
    assert "about 5.00s with all pauses; measured to the last byte: 2.00s" in render(sold())


def test_a_long_scenario_has_a_waterfall_of_few_bars() -> None:
    report = sold()
    report["by_scenario"][0]["steps"] *= 100
    assert "and more steps" in render(report)
    assert len(re.findall('class="track"', render(report))) == 101


def test_the_asked_rate_of_sessions_is_not_drawn_beside_requests() -> None:
    throughput, sessions = render(sold()).split("<h3>Sessions</h3>")
    assert "asked" not in throughput.split("<h3>Throughput</h3>")[1].split("<h3>")[0]
    assert "asked" in sessions.split("<h3>")[0]


def test_a_run_without_scenarios_shows_nothing_of_sessions() -> None:
    for report in (closed(), mixed()):
        assert render(report | {"sessions": None, "by_scenario": [], "groups": []}) == render(report)
        assert "Sessions" not in render(report)


def test_a_workload_has_no_method_of_its_own() -> None:
    report = mixed()
    assert f'<p class="where">GET {URL}</p>' in render(report)
    report["task"]["workload"] = "[request.a]"
    assert f'<p class="where">{URL}</p>' in render(report)


def test_the_slowest_traces_stand_with_the_slowest_first() -> None:
    report = mixed()
    assert "Slowest traces" not in render(report)
    traced = [
        {"second": at, "request": "<view>", "time": 1000.0 * at, "node": "a", "trace": f"t{at}"} for at in range(30)
    ]
    page = render(report | {"slowest": traced})
    rows = re.findall(r'<td class="num">([\d.]+ms)</td><td class="wraps">&lt;view&gt;</td>', page)
    assert (rows[0], rows[-1], len(rows)) == ("29.00ms", "10.00ms", 20)
