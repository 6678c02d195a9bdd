"""Which format a client gets."""

from __future__ import annotations

import pytest

from gluten.webui.api.prometheus.exposition import KIND, MESSAGES_KIND, PLAIN_KIND, chosen

PROTO = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
TEXTS = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", KIND),
        ("*/*", PLAIN_KIND),  # curl, promtool
        ("text/plain", PLAIN_KIND),
        ("text/*", PLAIN_KIND),
        ("text/html,application/xhtml+xml,*/*;q=0.8", PLAIN_KIND),  # a browser
        ("application/json", KIND),
        (f"{TEXTS}", KIND),  # Prometheus
        (f"{PROTO},{TEXTS}", MESSAGES_KIND),  # Prometheus with native histograms
        (f"{PROTO};q=0.2,{TEXTS}", KIND),
        (PROTO.replace("encoding=delimited", "encoding=text"), KIND),
        (f"{PROTO};charset=utf-8;escaping=allow-utf-8;q=0.6,{TEXTS.replace('0.8', '0.5')}", MESSAGES_KIND),  # version 3
        ("application/openmetrics-text; version=0.0.1; q=0.75, text/plain; q=1", PLAIN_KIND),
        ("text/plain;q=0", KIND),
        ("text/plain;q=nonsense", KIND),
    ],
)
def test_a_client_gets_what_it_likes_best(accept: str, kind: str) -> None:
    assert chosen(accept) == kind
