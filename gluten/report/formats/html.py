"""The report as one HTML file: the run's page when it is over. It needs no network.

A script draws the page's own charts, if the reader lets it: it has no other input than the file. Else there are still
charts (inline SVG) in their places. All texts from outside are escaped. The content security policy also blocks each
script but this one, in case a text is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gluten.report.compared_capacity import reason_of
from gluten.report.formats.capacity_html import capacity_panel
from gluten.report.formats.charts import curve, distribution, events_by_second
from gluten.report.formats.failures import failure_panel
from gluten.report.formats.html_tables import (
    event_panel,
    node_panel,
    report_panel,
    request_panel,
    slowest_panel,
    task_panel,
)
from gluten.report.formats.markup import badge, escape, listed, notice, page, panel, table
from gluten.report.formats.session_html import session_panel
from gluten.report.formats.session_text import sessions_of
from gluten.report.formats.still import Still, over_time
from gluten.report.formats.text import connections, over, slo_cells
from gluten.report.formats.tiles import drawn, is_paced, run_tiles
from gluten.report.formats.webpage import assets
from gluten.report.formats.webpage.packed import packed
from gluten.report.load_duration import loaded, whole
from gluten.report.outcome import codes
from gluten.units import format_duration
from gluten.version import __version__

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

_VERDICTS = {
    "valid": ("good", "The figures can be relied on."),
    "suspect": ("warn", "Read the figures with care."),
    "invalid": ("bad", "The figures must not be used."),
}
_STATES = {"stopped": "warn", "failed": "bad"}


def render(report: Report) -> str:
    """The whole page."""
    capacity, charts, curves = capacity_panel(report), _charts(report), _curves(report)
    body = [
        _head(report),
        *_slos(report),
        *_verdict(report),
        *capacity,
        drawn(run_tiles(report), "paced" if is_paced(report) else ""),
        _codes(report),
        *charts,
        *session_panel(report),
        *request_panel(report),
        report_panel(report),
        *failure_panel(report.get("failures") or ()),
        *slowest_panel(report),
        *curves,
        node_panel(report),
        *event_panel(report),
        task_panel(report),
    ]
    code = assets.script() if charts or curves or capacity else ""
    foot = f"{report['schema']} · run {report['id']} · GLuTEN {__version__}"
    return page(_title(report), body, foot, code, packed(report) if code else "")


def _number(report: Report) -> str:
    return f"Run {report['number']}" if report.get("number") else "Load test"


def _title(report: Report) -> str:
    return f"{_number(report)}: {report['name']}" if report["name"] else _number(report)


def _head(report: Report) -> str:
    state, verdict = report["state"], report["verdict"]["value"]
    badges = badge(state, _STATES.get(state, "")) + badge(verdict, _VERDICTS.get(verdict, ("warn",))[0])
    return (
        f'<div class="runhead"><div><h1>{escape(report["name"] or _number(report))}{badges}</h1>'
        f'<p class="where">{escape(_target(report))}</p>'
        f'<p class="when">{escape(" · ".join(_facts(report)))}{_link(report.get("link", ""))}</p></div></div>'
        + _reason(report)
    )


def _facts(report: Report) -> list[str]:
    facts = [_number(report)] if report["name"] else []
    facts += [f"{_threads(report['task']['threads'])}, {_connections(report)}", _pace(report)]
    facts.append(f"{format_duration(round(report['duration'], 3))} of load")
    if part := report.get("measured"):
        facts.append(f"measured from {part['from']}s to {part['to']}s, after the warmup")
    return facts + ([f"started {report['started_at']}"] if report["started_at"] else [])


def _threads(count: int | None) -> str:
    return "a thread for each core" if count is None else f"{count:,} thread{'' if count == 1 else 's'}"


def _pace(report: Report) -> str:
    task, rate = report["task"], report["task"].get("rate")
    if task.get("find_capacity"):
        return "a search for the capacity"
    if task.get("stages"):
        return "rate in stages"
    noun = "requests" if sessions_of(report) is None else "sessions"
    return "as fast as answers come" if rate is None else f"{rate:g} {noun}/s asked"


def _connections(report: Report) -> str:
    count = f"{connections(report):,} connections"
    used = report.get("connections")
    if used is None:
        return count
    if used["limit"] is None:
        return f"at most {count} at once, elastic{over(report)}"
    return f"{count}, {used['opened']:,} opened{over(report)}"


def _target(report: Report) -> str:
    """The requests of a workload have methods of their own."""
    task = report["task"]
    return str(report["url"]) if task.get("workload") else f"{task['method']} {report['url']}"


def _link(link: str) -> str:
    """A link to the run's page. Only http and https become a link."""
    if not link.startswith(("http://", "https://")):
        return ""
    return f' · <a href="{escape(link)}">live page</a>'


def _reason(report: Report) -> str:
    """Why it ended as it did, where its state does not say all."""
    if not (reason := reason_of(report)):
        return ""
    before = {"failed": "The run failed: ", "stopped": "Stopped: "}.get(report["state"], "")
    return notice(escape(before + reason), "bad" if report["state"] == "failed" else "")


def _slos(report: Report) -> list[str]:
    """The missed ones first."""
    if not report.get("slo"):
        return []
    cells = sorted(slo_cells(report), key=lambda row: row[0] != "✗")
    missed = sum(row[0] == "✗" for row in cells)
    rows = [[f"{mark} {_SLO_WORDS.get(mark, 'not measured')}", *rest] for mark, *rest in cells]
    some = f"{missed} of {len(cells)} missed" if missed else "all hold" if len(cells) > 1 else "holds"
    head = ["State", "SLO", "Value", "Limit", ""]
    return [panel("SLOs", table(head, rows, "mhnnt"), "slos", badge(some, "bad" if missed else "good"))]


_SLO_WORDS = {"✓": "holds", "✗": "missed"}


def _verdict(report: Report) -> list[str]:
    """With the reasons, and what is to be known beside it."""
    value, reasons = report["verdict"]["value"], report["verdict"]["reasons"]
    kind, words = _VERDICTS.get(value, _VERDICTS["suspect"])
    judged = notice(f"<strong>Verdict: {escape(value)}. </strong>{words}{listed(reasons)}", kind)
    notes = "".join(f"<div>{escape(note)}</div>" for note in report["verdict"].get("notes", ()))
    return [judged, notice(notes, "warn")] if notes else [judged]


def _codes(report: Report) -> str:
    """The responses by status, where some are not 2xx."""
    text = codes(report["status"])
    return f'<p class="codes up">Responses by status: {escape(text)}</p>' if text else ""


_MOVING = (
    '<span id="choice" class="moving"></span>'
    '<button type="button" class="button small ghost moving" id="unzoom" data-testid="unzoom" disabled>All</button>'
)


def _charts(report: Report) -> list[str]:
    """The charts over time. None where there is no second of load."""
    rows = whole(report) or loaded(report["seconds"])
    if not rows:
        return []
    stills = over_time(report, rows, events_by_second(report.get("events") or ()))
    return [
        panel(
            "Charts",
            '<p id="window" class="muted window moving" role="status" data-testid="window"></p>'
            + _twins(stills, "charts")
            + _drain(report),
            beside=_MOVING,
        )
    ]


def _twins(stills: Iterable[Still], name: str) -> str:
    """The still charts, and the place where the script draws its own."""
    return (
        f'<div class="charts stills">{"".join(map(str, stills))}</div>'
        f'<div class="charts moving" id="{name}" data-testid="{name}"></div>'
    )


def _drain(report: Report) -> str:
    """What came back after the end of load."""
    rows = [row for row in report["seconds"] if row.get("drain")]
    counts = {"answered": sum(row["completed"] for row in rows), "failed": sum(row["failed"] for row in rows)}
    text = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    if not text:
        return ""
    rest = "The totals contain these requests, the charts do not."
    return f'<p class="muted drain">After the end of load: {text}. {rest}</p>'


def _curves(report: Report) -> list[str]:
    if not report["requests"]["completed"]:
        return []
    stills = [
        Still("percentiles", "Percentiles", "of all requests", curve(report)),
        Still("distribution", "Distribution", "responses by time", distribution(report)),
    ]
    return [f'<section class="panel" aria-label="Percentiles">{_twins(stills, "curves")}</section>']
