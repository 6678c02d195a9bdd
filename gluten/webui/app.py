"""The web applications of master and slave: bottle routes requests to the handlers. Only this module uses bottle.

bottle's `request` and `response` are thread-locals that all greenlets of a node share. They are used only where no
greenlet can switch: the environment is read at once, and the answer is returned as one value.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import bottle

from gluten.documents import Plain
from gluten.errors import GlutenError
from gluten.version import __version__
from gluten.webui.api.answers import Renderer
from gluten.webui.api.api import Api
from gluten.webui.api.files import FileApi
from gluten.webui.api.metrics import metrics
from gluten.webui.api.readings import Readings
from gluten.webui.api.recalled import Recalled
from gluten.webui.api.sse import HEARTBEAT
from gluten.webui.api.web_facade import WebFacade
from gluten.webui.auth.gate import Gate
from gluten.webui.auth.guard import HEADERS, check_origin
from gluten.webui.auth.login import Login
from gluten.webui.http.answer import Answer, error_answer, json_answer
from gluten.webui.http.assets import Assets
from gluten.webui.http.compression import compressed
from gluten.webui.http.failure import Failure, failure_of
from gluten.webui.http.frame import Frame
from gluten.webui.http.templates import Templates
from gluten.webui.http.turnstile import Turnstile
from gluten.webui.http.web_request import Request
from gluten.webui.pages import Pages, why_not_ready

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Handler = Callable[..., Answer]
Route = tuple[str, str, Handler]

PACKAGE = Path(__file__).parent
HEALTH = ("/healthz", "/readyz")
MACHINE_PATHS = ("/api/", "/metrics", *HEALTH, "/static/")
log = logging.getLogger(__name__)


def make_app(
    master: WebFacade,
    gate: Gate,
    formats: Mapping[str, Renderer] | None = None,
    ready: Callable[[], str] | None = None,
    heartbeat: float = HEARTBEAT,
    readings: Readings | None = None,
) -> Wsgi:
    """The master's pages and its JSON API. The `gate` decides who may use them.

    `formats` maps a report's format to its content type and renderer (JSON needs none). `ready` returns why the node
    cannot take work, or an empty text. Without `ready`, the master's store is tried. `heartbeat` is the number of
    seconds after which an event stream without events sends a comment.
    """
    assets, templates = Assets(PACKAGE / "static"), Templates(PACKAGE / "templates")
    frame = Frame(templates, assets)
    api, pages = Api(master, formats or {}, gate, heartbeat, readings), Pages(master, frame, readings)
    files = FileApi(master, gate)
    not_ready = ready or (lambda: why_not_ready(master))
    private = [*page_routes(pages), *api_routes(api), *file_routes(files)]
    public = [*_common_routes(assets, not_ready, gate), *login_routes(Login(gate, frame))]
    recalled = Recalled(readings)
    metrics_route: Route = ("GET", "/metrics", lambda request: metrics(master, request, time.time(), recalled))
    (public if gate.open_metrics else private).append(metrics_route)
    return _build(private, public, frame, gate)


def page_routes(pages: Pages) -> list[Route]:
    return [
        ("GET", "/", pages.dashboard),
        ("GET", "/nodes", pages.nodes),
        ("GET", "/compare", pages.compare),
        ("GET", "/runs", lambda _: Answer(302, b"", {"Location": "/"})),
        ("GET", "/runs/new", pages.new),
        ("GET", "/runs/<ref>", pages.run),
    ]


def api_routes(api: Api) -> list[Route]:
    base = "/api/v1/runs/<ref>"
    return [
        ("GET", "/api/v1/openapi.json", api.openapi),
        ("GET", "/api/v1/overview", api.overview),
        ("GET", "/api/v1/nodes", api.nodes),
        ("GET", "/api/v1/runs", api.runs),
        ("POST", "/api/v1/runs", api.create),
        ("POST", "/api/v1/tasks/check", api.check),
        ("POST", "/api/v1/tasks/try", api.attempt),
        ("GET", base, api.run),
        ("DELETE", base, api.delete),
        ("POST", f"{base}/stop", api.stop),
        ("POST", f"{base}/adjust", api.adjust),
        ("POST", f"{base}/pin", api.pin),
        ("GET", "/api/v1/baselines", api.baselines),
        ("GET", "/api/v1/names", api.names),
        ("GET", "/api/v1/compare", api.compare),
        ("GET", f"{base}/report", api.report),
        ("GET", f"{base}/deeds", api.audit_log),
        ("GET", f"{base}/window", api.window),
        ("GET", f"{base}/notes", api.notes),
        ("POST", f"{base}/notes", api.annotate),
        ("GET", f"{base}/seconds", api.seconds),
        ("GET", f"{base}/events", api.events),
    ]


def file_routes(files: FileApi) -> list[Route]:
    return [("PUT", "/api/v1/files/<sha>", files.put), ("HEAD", "/api/v1/files/<sha>", files.head)]


def login_routes(login: Login) -> list[Route]:
    return [
        ("GET", "/login", login.show),
        ("POST", "/login", login.log_in),
        ("GET", "/login/state", login.state),
    ]


def make_slave_app(state: Callable[[], Plain], gate: Gate) -> Wsgi:
    """A slave's health, and its state (`state()`, plain values) as a page and as JSON."""
    assets, templates = Assets(PACKAGE / "static"), Templates(PACKAGE / "templates")
    frame = Frame(templates, assets, nav="")
    private: list[Route] = [
        ("GET", "/", lambda request: frame.page(request, "slave", "Slave", state())),
        ("GET", "/api/v1/state", lambda _: json_answer(state())),
    ]
    public = [
        *_common_routes(assets, lambda: str(state().get("trouble") or ""), gate),
        *login_routes(Login(gate, frame)),
    ]
    return _build(private, public, frame, gate)


def _common_routes(assets: Assets, not_ready: Callable[[], str], gate: Gate) -> list[Route]:
    """Routes without login: health, and the pages' files. Without login, health shows no reason and no version."""
    return [
        ("GET", "/healthz", lambda request: _healthy(gate.identify(request) is not None)),
        ("GET", "/readyz", lambda request: _ready(not_ready(), gate.identify(request) is not None)),
        ("GET", "/static/<path:path>", assets.answer),
        ("GET", "/favicon.ico", lambda request: assets.answer(request, "icon.svg")),
    ]


def _healthy(logged_in: bool) -> Answer:
    return json_answer({"status": "ok"} | ({"version": __version__} if logged_in else {}))


def _ready(reason: str, logged_in: bool) -> Answer:
    if reason:
        message = reason if logged_in else "the node cannot take work; log in to see why"
        return json_answer({"status": "away", "error": {"field": "", "message": message}}, 503)
    return json_answer({"status": "ready"})


def _build(private: list[Route], public: list[Route], frame: Frame, gate: Gate) -> Wsgi:
    app, turnstile = bottle.Bottle(), Turnstile()
    for method, rule, handler in public:
        app.route(rule, method, _handle(handler, frame, gate, _check_public, turnstile))
    for method, rule, handler in [*private, ("POST", "/logout", Login(gate, frame).log_out)]:
        app.route(rule, method, _handle(handler, frame, gate, _check_private, turnstile))
    app.default_error_handler = lambda error: _no_route(error, frame, gate)
    wsgi: Wsgi = app
    return wsgi


Check = Callable[[Gate, Request], Request]


def _check_public(gate: Gate, request: Request) -> Request:
    """Let everyone in. The host name is checked, except for health."""
    if not request.path.startswith(HEALTH):
        gate.hosts.check(request.host)
    return request


def _check_private(gate: Gate, request: Request) -> Request:
    """Let in who has a session or a token. Raises `Failure`."""
    gate.hosts.check(request.host)
    principal = gate.admit(request)
    check_origin(request)
    gate.check(request, principal)
    return replace(request, principal=principal)


def _handle(
    handler: Handler, frame: Frame, gate: Gate, admit: Check, turnstile: Turnstile
) -> Callable[..., bottle.HTTPResponse]:
    def handle(**args: str) -> bottle.HTTPResponse:
        request = Request.of(bottle.request.environ)
        if request.method == "GET" and not request.path.startswith(HEALTH):
            turnstile.enter()
        return _response(compressed(request, _answer(handler, request, args, frame, partial(admit, gate))))

    return handle


def _answer(
    handler: Handler, request: Request, args: Mapping[str, str], frame: Frame, admit: Callable[[Request], Request]
) -> Answer:
    try:
        request = admit(request)
        return handler(request, **args)
    except GlutenError as error:
        return _answer_failure(failure_of(error), request, frame)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return _answer_failure(Failure(500, "an error inside the master; its log has the details"), request, frame)


def _no_route(error: bottle.HTTPError, frame: Frame, gate: Gate) -> bottle.HTTPResponse:
    request = Request.of(bottle.request.environ)
    try:
        gate.hosts.check(request.host)
        # Without login, a missing path gets the same answer as an existing one.
        request = replace(request, principal=gate.admit(request))
    except Failure as failure:
        return _response(_answer_failure(failure, request, frame))
    return _response(_answer_failure(_no_route_failure(error, request), request, frame))


def _no_route_failure(error: bottle.HTTPError, request: Request) -> Failure:
    if error.status_code == 405:
        allow = str(error.get_header("Allow", "GET"))
        return Failure(405, f"{request.method} {request.path[:200]}: only {allow} is allowed here", "method", allow)
    return Failure(error.status_code, f"{request.path[:200]}: there is no such page")


def _answer_failure(failure: Failure, request: Request, frame: Frame) -> Answer:
    """A browser gets a page, or a redirect to the login. All other clients get one line of JSON."""
    wants_page = "text/html" in request.headers.get("accept", "") and not request.path.startswith(MACHINE_PATHS)
    if not wants_page:
        return error_answer(failure)
    if failure.status == 401 and request.method == "GET":
        return Answer(303, b"", {"Location": f"/login?next={quote(request.target)}", "Cache-Control": "no-store"})
    return frame.error(request, failure)


def _response(answer: Answer) -> bottle.HTTPResponse:
    return bottle.HTTPResponse(answer.body, answer.status, headers=dict(HEADERS) | answer.headers)
