"""A slave shows its health and its own state, and nothing else."""

from __future__ import annotations

from gluten.webui.app import make_slave_app
from tests.support.web.gates import open_gate
from tests.support.web.wsgi import get


def test_a_slave_shows_its_state_to_people_and_machines() -> None:
    app = make_slave_app(lambda: {"name": "<b>", "state": "registered", "trouble": ""}, open_gate())
    assert get(app, "/api/v1/state").json()["state"] == "registered"
    assert get(app, "/healthz").status == 200
    assert get(app, "/readyz").status == 200
    page = get(app, "/")
    assert page.status == 200
    assert "<b>" not in page.text
    assert get(app, "/runs/1").status == 404
    assert get(app, "/static/js/slave.js").status == 200


def test_a_slave_in_trouble_is_not_ready() -> None:
    reply = get(make_slave_app(lambda: {"trouble": "no master at 10.0.0.1:9090"}, open_gate()), "/readyz")
    assert reply.status == 503
    assert "no master" in reply.json()["error"]["message"]
