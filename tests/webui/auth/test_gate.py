"""Nobody comes in without a session or a token; a viewer changes nothing; what has ended stays ended."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from gluten.net.keys.keys import Keyring
from gluten.webui.app import Wsgi, make_app, make_slave_app
from gluten.webui.auth.sessions import Sessions
from tests.support.web.gates import keyed_gate
from tests.support.web.house import KEY, OTHER, TASK, House, token
from tests.support.web.wsgi import call, get, post

PAGES = ["/", "/nodes", "/compare", "/runs/new", "/runs/12", "/no/such/page"]


CALLS = ["runs", "runs/12", "runs/12/report", "runs/12/events", "runs/12/seconds", "runs/12/deeds", "nodes", "overview"]


PRIVATE = [*PAGES, *(f"/api/v1/{name}" for name in CALLS), "/api/v1/openapi.json", "/api/v1/nothing", "/metrics"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YTpi"},
        {"Authorization": f"Bearer {KEY.text}"},
        {"Authorization": token("admin", OTHER)},
        {"Authorization": token("admin")[:-1]},
        {"Cookie": "gluten=x"},
        {"Authorization": "Bearer \udcff"},
    ],
    ids=["nothing", "empty", "password", "the key itself", "another cluster's", "cut", "cookie", "bytes"],
)
def test_a_stranger_sees_nothing(house: House, headers: dict[str, str]) -> None:
    for path in PRIVATE:
        reply = get(house.app, path, **headers)
        assert reply.status == 401, path
        assert reply.headers["Www-Authenticate"].startswith("Bearer"), path
        assert "log" in reply.json()["error"]["message"], path
        page = get(house.app, path, Accept="text/html", **headers)
        if path in PAGES:
            assert (page.status, page.body) == (303, b""), path
            assert page.headers["Location"] == f"/login?next={path}"
        else:
            assert page.status == 401, path


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_stranger_changes_nothing(house: House, method: str) -> None:
    for path in ("/api/v1/runs", "/api/v1/runs/12/stop", "/api/v1/tasks/check", "/logout", "/"):
        assert call(house.app, method, path, TASK).status == 401, path
        assert (len(house.master.all), house.deeds) == (16, []), path


def test_public_pages_do_not_show_anything_about_the_cluster(house: House) -> None:
    assert get(house.app, "/healthz").json() == {"status": "ok"}
    assert get(house.app, "/readyz").json() == {"status": "ready"}
    known = get(house.app, "/healthz", Authorization=token("viewer")).json()
    assert known["version"]
    page = get(house.app, "/login")
    assert (page.status, known["version"] in page.text) == (200, False)
    for path in re.findall(r'"(/static/[^"]+)"', page.text):
        assert get(house.app, path).status == 200
    gate = keyed_gate(KEY)
    away = get(make_app(house.master, gate, ready=lambda: "postgresql://db.internal is away"), "/readyz")
    assert (away.status, "internal" in away.text) == (503, False)


def test_metrics_are_open_only_if_that_is_wanted(house: House) -> None:
    assert get(house.app, "/metrics", Authorization=token("viewer")).status == 200
    assert get(House(options={"open_metrics": True}).app, "/metrics").status == 200


@pytest.mark.parametrize("path", [path for path in PRIVATE if "no" not in path])
def test_an_admin_s_and_a_viewer_s_token_show_everything(house: House, path: str) -> None:
    assert get(house.app, path, Authorization=token("admin")).status == 200
    assert get(house.app, path, Authorization=token("viewer")).status == (403 if path == "/runs/new" else 200)


def test_a_script_with_the_token_needs_nothing_else(house: House) -> None:
    made = post(house.app, "/api/v1/runs", TASK, Authorization=token("admin"))
    assert made.status == 201
    assert [(deed.action, deed.role, deed.address) for deed in house.deeds] == [("submit", "admin", "10.0.0.7")]


CHANGES: list[Callable[[House], str]] = [
    lambda house: token("viewer"),
    lambda house: house.cookie(KEY.token("viewer")),
]


@pytest.mark.parametrize("way", CHANGES, ids=["token", "session"])
def test_a_viewer_looks_and_changes_nothing(house: House, way: Callable[[House], str]) -> None:
    proof = way(house)
    headers = {"Authorization": proof} if proof.startswith("Bearer") else {"Cookie": proof}
    if "Cookie" in headers:
        headers["X_Gluten_Csrf"] = house.csrf(proof)
    for path in (
        "/api/v1/runs",
        "/api/v1/runs/12/stop",
        "/api/v1/runs/12/adjust",
        "/api/v1/tasks/check",
        "/api/v1/tasks/try",
    ):
        reply = post(house.app, path, TASK | {"rate": 1}, **headers)
        assert reply.status == 403
        assert "viewer" in reply.json()["error"]["message"]
    page = get(house.app, "/", **headers).text
    assert 'href="/runs/new"' not in page
    assert "read only" in page
    assert "submit" not in [deed.action for deed in house.deeds]


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:8888", "127.0.0.1.evil.test", "localhost.evil.test", "a@b", "["]
)
def test_a_name_that_was_rebound_is_refused(house: House, host: str) -> None:
    for path in ("/", "/login", "/api/v1/runs", "/static/icon.svg", "/nothing"):
        reply = get(house.app, path, Host=host, Authorization=token("admin"))
        assert reply.status == 421, path
        assert "--web-host" in reply.json()["error"]["message"], path


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.7:8888", "[::1]:8888", "localhost:1", "MASTER.test.:8888", ""])
def test_own_names_and_addresses_are_taken(house: House, host: str) -> None:
    assert get(house.app, "/", Host=host, Authorization=token("admin")).status == 200


def test_health_is_asked_by_any_name(house: House) -> None:
    assert get(house.app, "/healthz", Host="load-balancer").status == 200


def test_private_answers_are_not_stored_and_files_carry_a_policy_of_their_own(house: House) -> None:
    for path in ("/", "/api/v1/runs", "/runs/12", "/login", "/api/v1/runs/12/report"):
        assert "no-store" in get(house.app, path, Authorization=token("admin")).headers["Cache-Control"]
    report = get(house.app, "/api/v1/runs/12/report?format=html", Authorization=token("admin"))
    assert report.headers["Content-Disposition"].startswith("attachment")
    assert report.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(
    "path",
    ["../app.py", "..%2fapp.py", "....//app.py", "/etc/passwd", "v/../../app.py", "js/../../app.py", "", "js/\0.js"],
)
def test_no_path_leads_out_of_the_static_files(house: House, path: str) -> None:
    reply = get(house.app, f"/static/{path}")
    assert reply.status in (401, 404)
    assert "import" not in reply.text


def test_a_slave_asks_for_the_key_too_and_knows_no_cookie_of_another() -> None:
    def app() -> Wsgi:
        keyring = Keyring(KEY)
        gate = keyed_gate(None, keyring=keyring, sessions=Sessions(keyring, "slave 7"))
        return make_slave_app(lambda: {"name": "s", "trouble": ""}, gate)

    one = app()
    assert get(one, "/").status == get(one, "/api/v1/state").status == 401
    assert get(one, "/api/v1/state", Authorization=token("viewer")).json()["name"] == "s"
    assert get(one, "/", Cookie=House().cookie()).status == 401
    assert get(one, "/healthz").status == 200


def test_a_node_without_its_key_yet_refuses_every_login() -> None:
    keyring = Keyring(None)
    app = make_slave_app(lambda: {"name": "s"}, keyed_gate(None, keyring=keyring))
    forged = Sessions(keyring, "master")
    assert get(app, "/").status == 401
    assert get(app, "/", Cookie=f"{forged.cookie_name}={forged.start('admin', 2e9)}").status == 401
    assert get(app, "/", Authorization="Bearer ").status == get(app, "/", Authorization="Bearer x").status == 401
    assert call(app, "POST", "/login", body=b"key=", Content_Type="application/x-www-form-urlencoded").status == 403
    keyring.replace(KEY)
    assert get(app, "/", Authorization=token("viewer")).status == 200
