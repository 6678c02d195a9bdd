"""Pages of other sites change nothing, and our pages run only our own code."""

from __future__ import annotations

import pytest

from gluten.task.task import Task
from gluten.webui.app import Wsgi
from tests.support.web.fake_master import FakeMaster
from tests.support.web.wsgi import HOST, call, get, post

TASK = {"url": "http://t.test/"}


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_a_foreign_form_can_send_is_refused(app: Wsgi, master: FakeMaster, kind: str) -> None:
    body = b'{"url": "http://t.test/"}'
    assert call(app, "POST", "/api/v1/runs", body=body, Content_Type=kind).status == 415
    assert len(master.all) == 16


@pytest.mark.parametrize("origin", ["http://evil.test", "null", f"http://{HOST}.evil.test", "http://master.test:1"])
def test_another_origin_is_refused(app: Wsgi, master: FakeMaster, origin: str) -> None:
    assert post(app, "/api/v1/runs", TASK, Origin=origin).status == 403
    assert len(master.all) == 16


def test_a_page_without_an_origin_cannot_pass_by_leaving_out_the_host(app: Wsgi) -> None:
    assert post(app, "/api/v1/runs", TASK, Origin="null", Host="").status == 403


def test_what_has_no_body_needs_no_kind_and_still_an_origin(app: Wsgi, master: FakeMaster) -> None:
    """`curl -X POST` stops a run. A browser says where such a request comes from."""
    run = master.submit(Task("http://t.test/"))
    stop = f"/api/v1/runs/{run['id']}/stop"
    for origin in ("http://evil.test", "null"):
        assert call(app, "POST", stop, Origin=origin).status == 403
    assert call(app, "POST", stop, Sec_Fetch_Site="cross-site").status == 403
    assert call(app, "POST", stop, Transfer_Encoding="chunked").status == 415
    assert call(app, "POST", stop, Content_Type="application/x-www-form-urlencoded").status == 415
    assert call(app, "POST", stop).json()["state"] == "stopped"
    assert call(app, "POST", f"/api/v1/runs/{run['id']}/adjust").status == 400


def test_a_cross_site_request_is_refused(app: Wsgi) -> None:
    assert post(app, "/api/v1/runs", TASK, Sec_Fetch_Site="cross-site").status == 403
    assert post(app, "/api/v1/runs", TASK, Sec_Fetch_Site="same-site").status == 403


def test_the_own_page_and_a_script_are_let_in(app: Wsgi) -> None:
    assert post(app, "/api/v1/runs", TASK, Origin=f"http://{HOST}", Sec_Fetch_Site="same-origin").status == 201
    assert post(app, "/api/v1/runs", TASK, Content_Type="application/json; charset=utf-8").status == 201


def test_another_site_s_page_deletes_nothing(app: Wsgi, master: FakeMaster) -> None:
    assert call(app, "DELETE", "/api/v1/runs/3", Origin="http://evil.test").status == 403
    assert call(app, "DELETE", "/api/v1/runs/3", Sec_Fetch_Site="cross-site").status == 403
    assert master.deleted == []


def test_nothing_changes_by_get(app: Wsgi) -> None:
    for path in ("/api/v1/runs/12/stop", "/api/v1/runs/12/adjust", "/api/v1/tasks/check"):
        reply = get(app, path)
        assert reply.status == 405
        assert "POST" in reply.headers["Allow"]


@pytest.mark.parametrize("path", ["/", "/runs/12", "/nope", "/api/v1/runs", "/static/icon.svg", "/metrics"])
def test_every_answer_is_strict(app: Wsgi, path: str) -> None:
    headers = get(app, path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in headers["Content-Security-Policy"]
    for part in ("frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"):
        assert part in headers["Content-Security-Policy"].split("; ")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in headers
