"""Which of Prometheus' formats a client gets: the one that it likes best (`Accept`, RFC 9110)."""

from __future__ import annotations

from collections.abc import Sequence

from gluten.webui.api.openmetrics import Family, render, render_plain
from gluten.webui.api.prometheus.messages import render_messages
from gluten.webui.http.answer import Answer, text_answer

KIND = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN_KIND = "text/plain; version=0.0.4; charset=utf-8"
MESSAGES_KIND = (
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; charset=utf-8"
)
_RANGES = {"text/*": PLAIN_KIND, "*/*": PLAIN_KIND}
"""curl sends */*, and `promtool check metrics` reads the older form alone."""


def metrics_answer(kind: str, families: Sequence[Family]) -> Answer:
    if kind == MESSAGES_KIND:
        return Answer(200, render_messages(families), {"Content-Type": kind, "Cache-Control": "no-store"})
    return text_answer(render_plain(families) if kind == PLAIN_KIND else render(families), kind)


def chosen(accept: str) -> str:
    """The content type for a client that accepts this. The first of those that it likes equally well. OpenMetrics for
    one that says nothing that is known here."""
    found = [(_weight(part), kind) for part in accept.lower().split(",") if (kind := _kind(part))]
    best = max((weight for weight, _ in found), default=0.0)
    return next((kind for weight, kind in found if weight == best > 0), KIND)


def _kind(part: str) -> str:
    """The content type that this part of the header asks for; empty: none that is known here."""
    name, *parameters = (word.strip() for word in part.split(";"))
    if name == "application/vnd.google.protobuf":
        wanted = {"proto=io.prometheus.client.metricfamily", "encoding=delimited"}
        return MESSAGES_KIND if wanted <= {word.replace(" ", "").replace('"', "") for word in parameters} else ""
    known = {"application/openmetrics-text": KIND, "text/plain": PLAIN_KIND} | _RANGES
    return known.get(name, "")


def _weight(part: str) -> float:
    for word in part.split(";")[1:]:
        name, _, value = word.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
