"""Nobody comes in without a session or a token; a viewer changes nothing; what has ended stays ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from gluten.audit import AuditEntry
from gluten.net.keys.keys import ClusterKey, Keyring
from gluten.net.keys.onetime import OneTime
from gluten.webui.app import Wsgi, make_app, make_slave_app
from gluten.webui.auth.sessions import EndedSessions, Sessions
from tests.support.web.fake_master import FakeMaster, formats, seed
from tests.support.web.gates import keyed_gate
from tests.support.web.wsgi import HOST, Reply, call, get, post

KEY, OTHER = ClusterKey(bytes(range(32))), ClusterKey(bytes(range(1, 33)))  # the same in each test process
TASK = {"url": "http://t.test/"}
PAGES = ["/", "/nodes", "/compare", "/runs/new", "/runs/12", "/no/such/page"]
CALLS = ["runs", "runs/12", "runs/12/report", "runs/12/events", "runs/12/seconds", "runs/12/deeds", "nodes", "overview"]
PRIVATE = [*PAGES, *(f"/api/v1/{name}" for name in CALLS), "/api/v1/openapi.json", "/api/v1/nothing", "/metrics"]


@dataclass
class House:
    """A master's application with a gate, and clocks that the test moves."""

    keyring: Keyring = field(default_factory=lambda: Keyring(KEY))
    links: OneTime = field(default_factory=OneTime)
    deeds: list[AuditEntry] = field(default_factory=list)
    kept: list[tuple[str, float]] = field(default_factory=list)
    at: float = 1_800_000_000.0
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.master = FakeMaster()
        seed(self.master)
        self.start()

    def start(self) -> None:
        """Also a second time, as after a restart."""
        ended = EndedSessions(list(self.kept), lambda name, until: self.kept.append((name, until)))
        gate = keyed_gate(
            None, keyring=self.keyring, sessions=Sessions(self.keyring, "master", ended), links=self.links,
            wall=lambda: self.at, now=lambda: self.at, note=self.deeds.append, **self.options,
        )  # fmt: skip
        self.app: Wsgi = make_app(self.master, gate, formats(), heartbeat=0.05)

    def log_in(self, key: str = KEY.text, **headers: str) -> Reply:
        form = f"key={key}&next=/nodes".encode()
        kind = {"Content_Type": "application/x-www-form-urlencoded"}
        return call(self.app, "POST", "/login", body=form, **(kind | headers))

    def cookie(self, key: str = KEY.text, **headers: str) -> str:
        reply = self.log_in(key, **headers)
        assert reply.status == 200, reply.text
        return reply.headers["Set-Cookie"].partition(";")[0]

    def csrf(self, cookie: str) -> str:
        found = re.search(r'name="gluten-csrf" content="([^"]+)"', get(self.app, "/", Cookie=cookie).text)
        assert found
        return found[1]


@pytest.fixture
def house() -> House:
    return House()


def token(role: Any, key: ClusterKey = KEY) -> str:
    return f"Bearer {key.token(role)}"


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Authorization": "Bearer "}, {"Authorization": "Basic YTpi"}, {"Authorization": f"Bearer {KEY.text}"},
        {"Authorization": token("admin", OTHER)}, {"Authorization": token("admin")[:-1]},
        {"Cookie": "gluten=x"}, {"Authorization": "Bearer \udcff"},
    ],
    ids=["nothing", "empty", "password", "the key itself", "another cluster's", "cut", "cookie", "bytes"],
)  # fmt: skip
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


def test_what_is_open_tells_strangers_nothing_of_the_inside(house: House) -> None:
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
    for path in ("/api/v1/runs", "/api/v1/runs/12/stop", "/api/v1/runs/12/adjust", "/api/v1/tasks/check"):
        reply = post(house.app, path, TASK | {"rate": 1}, **headers)
        assert reply.status == 403
        assert "viewer" in reply.json()["error"]["message"]
    page = get(house.app, "/", **headers).text
    assert 'href="/runs/new"' not in page
    assert "read only" in page
    assert "submit" not in [deed.action for deed in house.deeds]


@pytest.mark.parametrize("key", [KEY.text, KEY.text.upper(), f" {KEY.text}\n", KEY.token("admin"), KEY.token("viewer")])
def test_a_key_or_a_token_opens_a_session(house: House, key: str) -> None:
    reply = house.log_in(key)
    assert reply.status == 200
    assert 'href="/nodes"' in reply.text
    cookie, *flags = reply.headers["Set-Cookie"].split("; ")
    assert {"Path=/", "HttpOnly", "SameSite=Strict"} < set(flags)
    assert "Secure" not in flags
    assert KEY.text not in cookie
    assert get(house.app, "/", Cookie=f"other=1; {cookie}").status == 200
    role = "viewer" if "viewer" in key else "admin"
    assert [(deed.action, deed.role, deed.way) for deed in house.deeds] == [("login", role, "web")]


def test_under_tls_the_cookie_is_for_tls_alone(house: House) -> None:
    reply = house.log_in(**{"wsgi.url_scheme": "https"})
    assert reply.headers["Set-Cookie"].startswith("__Host-gluten-")
    assert "; Secure" in reply.headers["Set-Cookie"]


@pytest.mark.parametrize("key", ["", "x", OTHER.text, OTHER.token("admin"), KEY.text[:-1], KEY.text + "a", "\u00fc"])
def test_a_wrong_key_opens_nothing_and_is_never_shown(house: House, key: str) -> None:
    reply = house.log_in(key)
    assert (reply.status, "Set-Cookie" in reply.headers) == (403, False)
    assert "not this cluster" in reply.text
    assert not key or len(key) < 5 or key not in reply.text
    assert [deed.action for deed in house.deeds] == ["failed login"]


def test_a_link_works_once_and_not_too_late(house: House) -> None:
    link = f"/login?token={house.links.mint(house.at)}"
    assert "Set-Cookie" not in get(house.app, link, Sec_Purpose="prefetch").headers
    assert "Set-Cookie" not in call(house.app, "HEAD", link).headers
    first = get(house.app, link)
    assert get(house.app, "/", Cookie=first.headers["Set-Cookie"].partition(";")[0]).status == 200
    again = get(house.app, link)
    assert (again.status, "Set-Cookie" in again.headers) == (403, False)
    assert "used before" in again.text
    late = f"/login?token={house.links.mint(house.at)}"
    house.at += 601
    assert get(house.app, late).status == 403


@pytest.mark.parametrize(
    "wanted", ["//evil.test", "/\\evil.test", "https://evil.test", "/login", "javascript:x", "/\n"]
)
def test_the_login_leads_to_no_other_site(house: House, wanted: str) -> None:
    form = f"key={KEY.text}&next={wanted}".encode()
    reply = call(house.app, "POST", "/login", body=form, Content_Type="application/x-www-form-urlencoded")
    assert 'href="/" id="on"' in reply.text


def test_logins_that_fail_are_slowed_by_address_and_a_friend_elsewhere_is_not(house: House) -> None:
    for _ in range(5):
        assert house.log_in("wrong").status == 403
    slowed = house.log_in(KEY.text)  # even the right one: whether it is right is not looked at
    assert slowed.status == 429
    assert int(slowed.headers["Retry-After"]) >= 1
    assert get(house.app, f"/login?token={house.links.mint(house.at)}").status == 429
    assert house.log_in(REMOTE_ADDR="10.0.0.8").status == 200
    house.at += 1.1
    assert house.log_in(KEY.text).status == 200
    assert [deed.action for deed in house.deeds] == [*["failed login"] * 5, "login", "login"]


def test_a_session_ends_with_its_logout_and_a_copy_of_it_too_even_after_a_restart(house: House) -> None:
    cookie = house.cookie()
    left = post(house.app, "/logout", {}, Cookie=cookie, X_Gluten_Csrf=house.csrf(cookie))
    assert left.status == 200
    assert "Max-Age=0" in left.headers["Set-Cookie"]
    assert get(house.app, "/", Cookie=cookie).status == 401
    house.start()
    assert get(house.app, "/", Cookie=cookie).status == 401
    assert house.deeds[-1].action == "logout"


def test_a_session_goes_on_after_a_restart_and_ends_by_itself(house: House) -> None:
    cookie = house.cookie()
    house.start()
    assert get(house.app, "/", Cookie=cookie).status == 200
    house.at += 8 * 86400
    assert get(house.app, "/", Cookie=cookie).status == 401


def test_a_rotated_key_ends_sessions_and_tokens_at_once(house: House) -> None:
    cookie = house.cookie()
    house.keyring.replace(OTHER)
    assert get(house.app, "/", Cookie=cookie).status == 401
    assert get(house.app, "/", Authorization=token("admin")).status == 401
    assert get(house.app, "/", Cookie=house.cookie(OTHER.text)).status == 200


def test_a_cookie_is_not_made_by_hand(house: House) -> None:
    name, _, value = house.cookie(KEY.token("viewer")).partition("=")
    role, rest = value.split(".", 1)
    assert role == "viewer"
    for forged in (f"admin.{rest}", f"{value}x", value[:-1], "...", "a.b.c.d", "", "x" * 9000, value.upper()):
        assert get(house.app, "/", Cookie=f"{name}={forged}").status == 401
    elsewhere = Sessions(house.keyring, "slave 1").begin("admin", house.at)
    assert get(house.app, "/", Cookie=f"{name}={elsewhere}").status == 401


@pytest.mark.parametrize("said", ["", "wrong", "\udcff", "x" * 1000])
def test_a_session_s_change_needs_what_its_own_page_says(house: House, said: str) -> None:
    cookie = house.cookie()
    assert post(house.app, "/api/v1/runs", TASK, Cookie=cookie, X_Gluten_Csrf=said).status == 403
    of_another = house.csrf(house.cookie())
    assert post(house.app, "/api/v1/runs", TASK, Cookie=cookie, X_Gluten_Csrf=of_another).status == 403
    assert len(house.master.all) == 16
    assert post(house.app, "/api/v1/runs", TASK, Cookie=cookie, X_Gluten_Csrf=house.csrf(cookie)).status == 201


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.test"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}]
)
def test_another_site_cannot_log_a_browser_in(house: House, headers: dict[str, str]) -> None:
    assert "Set-Cookie" not in house.log_in(**headers).headers
    assert house.log_in(Origin=f"http://{HOST}", Sec_Fetch_Site="same-origin").status == 200


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


def test_what_else_is_signed_for_a_session_is_no_cookie(house: House) -> None:
    cookie = house.cookie(KEY.token("viewer"))
    name, _, value = cookie.partition("=")
    session = value.split(".")[1]
    forged = f'{name}="csrf {session}.{house.csrf(cookie)}"'
    for path in ("/", "/no/such/page", "/healthz", "/login/state"):
        assert get(house.app, path, Cookie=forged).status == get(house.app, path).status


@pytest.mark.parametrize("form", [b"a=1&" * 30, b"key=%ff%00\xff&next=%ff", b"&;=&&key"])
def test_a_stranger_s_odd_form_is_answered_in_words(house: House, form: bytes) -> None:
    reply = call(house.app, "POST", "/login", body=form, Content_Type="application/x-www-form-urlencoded")
    assert reply.status in (400, 403)
    assert "error inside" not in reply.text


def test_a_stranger_s_form_of_more_than_four_kibibytes_is_not_read(house: House) -> None:
    form = b"key=" + b"x" * 4093
    reply = call(house.app, "POST", "/login", body=form, Content_Type="application/x-www-form-urlencoded")
    assert reply.status == 413
    assert house.deeds == []


def test_health_is_asked_by_any_name(house: House) -> None:
    assert get(house.app, "/healthz", Host="load-balancer").status == 200


def test_the_stream_of_a_session_that_ends_ends(house: House) -> None:
    run = house.master.add_running()
    cookie = house.cookie()
    csrf = house.csrf(cookie)
    chunks = iter(get(house.app, f"/api/v1/runs/{run.id}/events", Cookie=cookie).chunks)
    assert b"update" in next(chunks) + next(chunks)
    post(house.app, "/logout", {}, Cookie=cookie, X_Gluten_Csrf=csrf)
    assert b"the session has ended" in b"".join(chunks)


@pytest.mark.parametrize("way", ["cookie", "token"])
def test_the_stream_that_a_rotated_key_opened_ends(house: House, way: str) -> None:
    run = house.master.add_running()
    said = {"Cookie": house.cookie()} if way == "cookie" else {"Authorization": token("admin")}
    chunks = iter(get(house.app, f"/api/v1/runs/{run.id}/events", **said).chunks)
    assert b"update" in next(chunks) + next(chunks)
    house.keyring.replace(OTHER)
    assert b"the session has ended" in b"".join(chunks)


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


def test_a_node_that_knows_no_key_yet_lets_nobody_in() -> None:
    keyring = Keyring(None)
    app = make_slave_app(lambda: {"name": "s"}, keyed_gate(None, keyring=keyring))
    forged = Sessions(keyring, "master")
    assert get(app, "/").status == 401
    assert get(app, "/", Cookie=f"{forged.cookie}={forged.begin('admin', 2e9)}").status == 401
    assert get(app, "/", Authorization="Bearer ").status == get(app, "/", Authorization="Bearer x").status == 401
    assert call(app, "POST", "/login", body=b"key=", Content_Type="application/x-www-form-urlencoded").status == 403
    keyring.replace(KEY)
    assert get(app, "/", Authorization=token("viewer")).status == 200
