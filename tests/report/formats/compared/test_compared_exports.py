"""A comparison as HTML, CSV and JUnit."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from xml.etree import ElementTree

from gluten.report.compared.comparison import TIMES, differences
from gluten.report.compared.headline import headline
from gluten.report.compared.named import Named, numbered
from gluten.report.compared.words import called
from gluten.report.formats.compared.csv_table import as_csv
from gluten.report.formats.compared.html import as_html
from gluten.report.formats.compared.junit import as_junit
from tests.support.reports import closed, mixed, rated, with_slos
from tests.support.session_reports import sold


class Texts(HTMLParser):
    """The texts of a page, and whether each element that it opens is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag != "script"
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_has_the_headline_the_figures_and_what_makes_runs_unlike() -> None:
    runs = numbered([closed(12), rated()])
    page = Texts(as_html(runs))
    assert not page.open
    assert headline(*runs) in page.texts
    assert {"requests/s", *map(called, TIMES), "errors", "status 503", "error timeout"} <= set(page.texts)
    assert "p99_9" not in page.texts
    assert "rate: none and 40" in page.texts


def test_the_heading_keeps_the_names_of_files() -> None:
    page = as_html([Named("old.json", closed()), Named("new.json", closed())])
    assert "<h1>Compare old.json, new.json</h1>" in page


def test_the_page_has_requests_scenarios_and_slos() -> None:
    assert {"Request request", "Request view"} <= set(Texts(as_html(numbered([mixed(), mixed()]))).texts)
    assert "Scenario browse" in Texts(as_html(numbered([sold(), sold()]))).texts
    assert {"SLOs", "p99 < 1us"} <= set(Texts(as_html(numbered([with_slos("p99 < 1us"), closed()]))).texts)


def test_no_text_of_a_run_becomes_markup() -> None:
    page = as_html([Named("<script>alert(1)</script>", rated()), Named("b", sold())])
    assert "<script" not in page
    assert "<b>" not in page


def test_csv_has_a_row_for_each_figure_of_each_run_and_request() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(numbered([mixed(), mixed(), mixed()])))))
    names = [one.what for one in differences(mixed(), mixed())]
    assert len(rows) == 2 * len(names) * 3
    assert {row["request"] for row in rows} == {"", "request", "view"}
    (rate,) = {row["first"] for row in rows if row["what"] == "requests/s" and not row["request"]}
    assert float(rate) == mixed()["rate"]


def test_junit_fails_by_the_limit_alone_and_tells_the_headline() -> None:
    runs = numbered([closed(12), rated()])
    for limit, failures in ((None, "0"), (0.1, None)):
        root = ElementTree.fromstring(as_junit(runs, limit))
        assert root.find(".//property[@name='headline']").get("value") == headline(*runs)  # type: ignore[union-attr]
        assert (root.get("failures") == "0") == (failures == "0")
