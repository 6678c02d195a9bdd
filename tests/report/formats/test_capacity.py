"""A search for the capacity in every format: its answer first, then its trials."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from gluten.report.formats import html, text
from gluten.report.formats.capacity_text import trial_at
from gluten.report.formats.export import as_csv
from gluten.report.formats.junit import as_junit
from tests.support.capacity.found import SLO, TEXT, TRIALS, found, searched, trial
from tests.support.reports import closed, with_slos

Report = Any


def cases(report: Report) -> dict[str, str]:
    """Name -> what is in it: failure, error, or nothing bad."""
    root = ElementTree.fromstring(as_junit(report))
    return {
        str(case.get("name")): next((one.tag for one in case if one.tag != "system-out"), "passed")
        for case in root.iter("testcase")
    }


def test_a_run_that_did_not_search_has_nothing_of_it() -> None:
    report = closed() | {"capacity": None}
    for form in (text.render, html.render, as_csv, as_junit):
        assert form(report) == form(closed())
        assert "apacity:" not in form(report)


class TestText:
    def test_the_answer_stands_between_the_rates_and_the_verdict(self) -> None:
        lines = text.render(searched() | {"slo": with_slos("errors < 90%")["slo"]}).splitlines()
        at = [line.split(":")[0] for line in lines].index
        assert at("Transfer/sec") < at("SLOs") < at("Capacity") < at("Verdict") < at("Trials")
        assert f"Capacity: {TEXT}" in lines

    def test_the_answer_is_said_once_where_it_ended_the_run(self) -> None:
        for form in (text.render, html.render):
            assert form(searched() | {"reason": TEXT}).count(TEXT) == 1
            assert "the time was over" in form(searched() | {"reason": "the time was over"})

    def test_each_trial_is_a_row(self) -> None:
        lines = text.render(searched()).splitlines()
        rows = lines[lines.index("Trials:") + 2 :][: len(TRIALS)]
        assert [row.split()[:4] for row in rows] == [
            ["✓", "10/s", "1s", "4s"],
            ["✓", "6,400/s", "5s", "9s"],
            ["✗", "12,800/s", "10s", "13s"],
            ["✗", "12,650/s", "20s", "35s"],
            ["·", "12,500/s", "36s", "51s"],
            ["✓", "12,400/s", "52s", "1m22s"],
        ]
        assert rows[2].split()[6:] == ["3.10%", "4,210", "misses:", *SLO.split()]

    def test_a_time_that_was_not_measured_is_a_dash(self) -> None:
        report = searched(trials=[trial(10.0, 0, 5, "misses", p50=0.0, p99=0.0, errors=1.0, in_flight=0)])
        assert re.search(r"✗  10/s +0s +5s +- +- +100\.00% +0 ", text.render(report))

    def test_a_hostile_word_does_not_reach_the_terminal(self) -> None:
        report = searched(text="holds\x1b[31m", trials=[trial(1.0, 0, 5, "misses", slo="p99 of \x1b < 1s")])
        assert "\x1b" not in text.render(report)


class TestCsv:
    def test_a_second_names_its_trial(self) -> None:
        table = list(csv.DictReader(io.StringIO(as_csv(searched(12)))))
        told = [(row["trial"], row["trial_rate"], row["trial_state"]) for row in table]
        none, first, second, third = ("", "", ""), ("1", "10.0", "holds"), ("2", "6400.0", "holds"), None
        assert told[:10] == [none, *[first] * 3, none, *[second] * 4, none]
        assert told[10] == ("3", "12800.0", "misses") != third

    def test_the_columns_come_last(self) -> None:
        assert as_csv(searched()).splitlines()[0].endswith(",status_200,trial,trial_rate,trial_state")

    def test_the_end_of_a_window_is_no_part_of_it(self) -> None:
        assert [trial_at(TRIALS, second) for second in (0, 4, 9)] == [None, None, None]
        assert trial_at(TRIALS, 3) == (1, TRIALS[0])


class TestJunit:
    @pytest.mark.parametrize(
        ("at_least", "more", "name", "kind"),
        [
            (None, {}, "the capacity was found", "passed"),
            (None, {"holds": None}, "the capacity was found", "failure"),
            (None, {"holds": None, "limit": "generator"}, "the capacity was found", "failure"),
            (12_400.0, {}, "the capacity is at least 12,400/s", "passed"),
            (12_401.0, {}, "the capacity is at least 12,401/s", "failure"),
            (12_401.0, {"limit": "generator"}, "the capacity is at least 12,401/s", "error"),
            (10.0, {"limit": "generator"}, "the capacity is at least 10/s", "passed"),
        ],
    )
    def test_the_answer_is_a_case(self, at_least: float | None, more: dict[str, Any], name: str, kind: str) -> None:
        report = searched(at_least=at_least, **more)
        assert cases(report)[name] == kind
        assert TEXT in as_junit(report)

    def test_slos_come_first_and_errors_on_the_way_are_no_case(self) -> None:
        report = searched() | {"slo": with_slos("errors < 90%")["slo"]}
        names = ["SLO: errors < 90%", "the capacity was found", "the run finished", "the measurement can be trusted"]
        assert list(cases(report)) == names

    def test_its_figures_are_properties(self) -> None:
        root = ElementTree.fromstring(as_junit(searched(recovers=False)))
        values = {one.get("name"): str(one.get("value")) for one in root.iter("property")}
        wanted = {name: value for name, value in found(recovers=False).items() if name in ("holds", "misses", "moved")}
        assert {name: json.loads(values[f"capacity.{name}"]) for name in wanted} == wanted
        assert json.loads(values["capacity.recovers"]) is False
        assert (values["capacity.limit"], values["capacity.slo"]) == ("target", SLO)
        assert "capacity.node" not in values


def chart_of(page: str, name: str) -> str:
    """A still chart, with its legend."""
    (chart,) = re.findall(rf'data-chart="{name}">.*?</section>', page, re.S)
    return str(chart)


class TestHtml:
    def test_the_answer_stands_below_the_slos_and_the_verdict(self) -> None:
        page = html.render(searched() | {"slo": with_slos("errors < 90%")["slo"]})
        assert page.index("<h2>SLOs</h2>") < page.index("Verdict:") < page.index("<h2>Capacity</h2>")
        assert f'<p class="answer">{TEXT}</p>' in page

    def test_each_chart_has_a_mark_for_each_trial_and_the_interval(self) -> None:
        page = html.render(searched())
        for name in ("capacity-times", "capacity-not-good", "capacity-load"):
            chart = chart_of(page, name)
            assert chart.count('class="point held"') == 3
            assert chart.count('class="point missed"') == 2
            assert chart.count('class="point open"') == 1
            assert chart.count('class="band"') == 1

    def test_the_interval_lies_where_the_rates_are(self) -> None:
        chart = chart_of(html.render(searched()), "capacity-times")
        left, width = map(float, re.findall(r'class="band" x="([\d.]+)" .*? width="([\d.]+)"', chart)[0])
        marks = {
            kind: [float(x) for x in re.findall(rf'point {kind}" cx="([\d.]+)"', chart)] for kind in ("held", "open")
        }
        assert max(marks["held"]) == left
        assert left < marks["open"][0] < left + width

    def test_the_limit_of_an_slo_is_a_line(self) -> None:
        slos = with_slos("p99 < 5ms", "p99 of request < 9ms")["slo"]
        chart = chart_of(html.render(searched() | {"slo": slos}), "capacity-times")
        assert ">p99 &lt; 5ms</li>" in chart
        assert "of request" not in chart

    def test_without_both_ends_there_is_no_band(self) -> None:
        assert 'class="band"' not in html.render(searched(misses=None))

    @pytest.mark.parametrize("count", [0, 1])
    def test_few_trials_are_drawn_too(self, count: int) -> None:
        page = html.render(searched(trials=TRIALS[:count], holds=None, misses=None))
        assert page.count('class="point held"') == 3 * count
        assert ("<h3>Trials</h3>" in page) is bool(count)
        assert "nan" not in page

    def test_markup_in_it_is_escaped(self) -> None:
        page = html.render(searched(text="<b>holds", trials=[trial(9.0, 0, 5, "misses", slo="p99 of '<i>' < 1s")]))
        assert "<b>holds" not in page
        assert "<i>" not in page
