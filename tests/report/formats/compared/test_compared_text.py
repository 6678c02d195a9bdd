"""What `compare` shows of two reports."""

from __future__ import annotations

from gluten.report.compared.document import comparison
from gluten.report.compared.named import numbered
from gluten.report.formats.compared.text import as_text
from gluten.task.task import Task
from tests.support.capacity.found import TEXT, searched
from tests.support.reports import URL, build, closed, closed_nodes, head, mixed, node, second, visited, visits
from tests.support.session_reports import sold


def test_what_was_nothing_before_has_no_share_by_which_it_grew() -> None:
    nothing = build(Task(URL), head(state="failed"), [node("alpha", [second(0, {})])])
    lines = as_text(numbered([nothing, closed()])).splitlines()
    assert lines[2].startswith("requests/s")
    assert "from 0" in lines[2]
    assert not any("+0.0%" in line for line in lines)


def test_equal_runs_do_not_differ() -> None:
    lines = as_text(numbered([closed(), closed()])).splitlines()
    assert all("+0.0%" in line or "+0.00 points" in line for line in lines[2:10])


def test_the_slos_of_both_stand_beside_each_other() -> None:
    first, other = (
        build(Task(URL, threads=1, connections=10, duration=3.0, slo=slo), head(number=number), closed_nodes())
        for number, slo in ((6, ("p99 < 1us", "errors < 50%")), (7, ("errors < 50%",)))
    )
    lines = as_text(numbered([first, other])).splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("SLO "))
    assert lines[at : at + 3] == [
        "SLO           run 6                      run 7",
        "p99 < 1us     ✗ 2.00ms (since second 0)  -",
        "errors < 50%  ✓ 0%                       ✓ 0%",
    ]
    assert comparison(numbered([first, other]))["slo"][0] == {"slo": "p99 < 1us", "runs": [first["slo"][0], None]}
    assert not any(line.startswith("SLO") for line in as_text(numbered([closed(), closed()])).splitlines())


def test_each_scenario_that_both_have_has_a_table_of_its_sessions() -> None:
    lines = as_text(numbered([visited(visits(0), visits(1)), visited(visits(0), visits(1, buy=1))])).splitlines()
    at = lines.index("Scenario buy:")
    assert lines[at + 2].split()[:4] == ["sessions/s", "2.00", "1.50", "-25.0%"]
    assert "Scenario browse:" in lines
    assert not any("Scenario" in line for line in as_text(numbered([closed(), closed()])).splitlines())


def test_each_request_that_both_have_has_a_table_of_its_own() -> None:
    lines = as_text(numbered([mixed(), mixed()])).splitlines()
    assert [line for line in lines if line.startswith("Request ")] == ["Request request:", "Request view:"]
    assert sum(line.startswith("p99 ") for line in lines) == 3
    assert not any(line.startswith("Request ") for line in as_text(numbered([closed(), closed()])).splitlines())


def test_scenarios_stand_side_by_side_before_requests() -> None:
    lines = as_text(numbered([sold(), sold()])).splitlines()
    named = [line for line in lines if line.startswith(("Scenario ", "Request "))]
    assert named == ["Scenario browse:", "Scenario <b>buy</b>:", "Request request:", "Request view:"]
    row = lines[lines.index("Scenario browse:") + 2]
    assert row.split()[:4] == ["sessions/s", "35.00", "35.00", "+0.0%"]


def test_searches_are_compared_by_their_capacity() -> None:
    text = as_text(
        numbered([searched(), searched(holds=11_000.0, misses=11_200.0), searched(holds=12_300.0, misses=12_500.0)])
    )
    _, _, _, row, *answers = text.splitlines()
    told = " ".join(row.split())
    assert told == "capacity 12,400/s 11,000/s -11.3% worse 12,300/s -0.8% the intervals overlap"
    assert answers[0] == f"run 7: {TEXT}"
    assert not any(line.startswith("p99") for line in text.splitlines())


def test_searches_beside_another_run_have_the_figures_of_all() -> None:
    text = as_text(numbered([searched(), searched(), closed(12)]))
    assert "capacity " not in text
    assert any(line.startswith("p99") for line in text.splitlines())
