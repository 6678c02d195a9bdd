"""What a node says of its ports."""

from __future__ import annotations

import logging

import pytest

from gluten.daemon.doors import hosts_of, warn_of_clear
from gluten.daemon.node_options import WebOptions
from gluten.webui.http.failure import Failure

TLS = WebOptions("cert", "key")


@pytest.mark.parametrize(
    ("bind", "options", "lines"),
    [
        ("0.0.0.0", WebOptions(), 1),
        ("10.0.0.1", WebOptions(), 1),
        ("::", WebOptions(), 1),
        ("0.0.0.0", TLS, 0),
        ("127.0.0.1", WebOptions(), 0),
        ("::1", WebOptions(), 0),
        ("localhost", WebOptions(), 0),
    ],
)
def test_a_node_that_others_reach_without_tls_names_once_what_travels_in_clear(
    caplog: pytest.LogCaptureFixture, bind: str, options: WebOptions, lines: int
) -> None:
    warn_of_clear(bind, options, "the sessions")
    assert len(caplog.messages) == lines
    assert all("the sessions (the bus is encrypted" in line and "--tls-cert" in line for line in caplog.messages)
    assert all(record.levelno == logging.WARNING for record in caplog.records)


def test_a_node_answers_to_its_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "load-1.example.org")
    hosts = hosts_of("0.0.0.0", WebOptions(hosts=("Other.test",)))
    for name in ("load-1", "load-1.example.org", "other.test", "localhost", "10.1.2.3"):
        hosts.check(f"{name}:8888")
    with pytest.raises(Failure):
        hosts.check("example.org:8888")
