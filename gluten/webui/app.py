"""The master's and the slave's web applications: bottle's routing over the handlers. bottle lives here alone.

bottle's own `request` and `response` are thread-locals that all greenlets of a node share, so they are
touched only where no greenlet can switch: the environment is taken at once, and an answer is returned whole.
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

from gluten.errors import GlutenError
from gluten.version import __version__
from gluten.webui.api.api import Api, Renderer
from gluten.webui.api.metrics import metrics
from gluten.webui.api.sse import HEARTBEAT
from gluten.webui.api.web_facade import Map, WebFacade
from gluten.webui.auth.gate import Gate
from gluten.webui.auth.guard import HEADERS, check
from gluten.webui.auth.login import Login
from gluten.webui.http.answer import Answer, error_answer, json_answer
from gluten.webui.http.assets import Assets
from gluten.webui.http.compression import compressed
from gluten.webui.http.failure import Failure, failure_of
from gluten.webui.http.frame import Frame
from gluten.webui.http.templates import Templates
from gluten.webui.http.web_request import Request
from gluten.webui.pages import Pages, reason_away

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Handler = Callable[..., Answer]
Route = tuple[str, str, Handler]

PACKAGE = Path(__file__).parent
HEALTH = ("/healthz", "/readyz")
MACHINES = ("/api/", "/metrics", *HEALTH, "/static/")
log = logging.getLogger(__name__)


def make_app(
    master: WebFacade,
    gate: Gate,
    formats: Mapping[str, Renderer] | None = None,
    ready: Callable[[], str] | None = None,
    heartbeat: float = HEARTBEAT,
) -> Wsgi:
    """The master's pages and its JSON interface, for whom the `gate` lets in.

    `formats` maps a report's format to its content type and renderer (JSON needs none). `ready` says why
    the node cannot take work, or an empty text; without it, the master's store is asked. `heartbeat` is the
    pause in seconds after which a silent event stream shows that it is alive.
    """
    assets, templates = Assets(PACKAGE / "static"), Templates(PACKAGE / "templates")
    frame = Frame(templates, assets)
    api, pages = Api(master, formats or {}, gate, heartbeat), Pages(master, frame)
    why = ready or (lambda: reason_away(master))
    private = [*page_routes(pages), *api_routes(api)]
    public = [*_common(assets, why, gate), *login_routes(Login(gate, frame))]
    scraped: Route = ("GET", "/metrics", lambda request: metrics(master, request, time.time()))
    (public if gate.open_metrics else private).append(scraped)
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
        ("GET", base, api.run),
        ("POST", f"{base}/stop", api.stop),
        ("POST", f"{base}/adjust", api.adjust),
        ("POST", f"{base}/pin", api.pin),
        ("GET", "/api/v1/baselines", api.baselines),
        ("GET", "/api/v1/compare", api.compare),
        ("GET", f"{base}/report", api.report),
        ("GET", f"{base}/deeds", api.deeds),
        ("GET", f"{base}/window", api.window),
        ("GET", f"{base}/notes", api.notes),
        ("POST", f"{base}/notes", api.annotate),
        ("GET", f"{base}/seconds", api.seconds),
        ("GET", f"{base}/events", api.events),
    ]


def login_routes(login: Login) -> list[Route]:
    return [
        ("GET", "/login", login.show),
        ("POST", "/login", login.enter),
        ("GET", "/login/state", login.state),
    ]


def make_slave_app(state: Callable[[], Map], gate: Gate) -> Wsgi:
    """A slave's health and its own state (`state()`, plain values), for people and machines."""
    assets, templates = Assets(PACKAGE / "static"), Templates(PACKAGE / "templates")
    frame = Frame(templates, assets, nav="")
    private: list[Route] = [
        ("GET", "/", lambda request: frame.page(request, "slave", "Slave", state())),
        ("GET", "/api/v1/state", lambda _: json_answer(state())),
    ]
    public = [
        *_common(assets, lambda: str(state().get("trouble") or ""), gate),
        *login_routes(Login(gate, frame)),
    ]
    return _build(private, public, frame, gate)


def _common(assets: Assets, why: Callable[[], str], gate: Gate) -> list[Route]:
    """Health, which anybody may ask, and the pages' own files. What is wrong, or what runs here, strangers are not
    told."""
    return [
        ("GET", "/healthz", lambda request: _healthy(gate.visitor(request) is not None)),
        ("GET", "/readyz", lambda request: _ready(why(), gate.visitor(request) is not None)),
        ("GET", "/static/<path:path>", assets.answer),
        ("GET", "/favicon.ico", lambda request: assets.answer(request, "icon.svg")),
    ]


def _healthy(known: bool) -> Answer:
    return json_answer({"status": "ok"} | ({"version": __version__} if known else {}))


def _ready(reason: str, known: bool) -> Answer:
    if reason:
        message = reason if known else "it cannot take work; log in to see why"
        return json_answer({"status": "away", "error": {"field": "", "message": message}}, 503)
    return json_answer({"status": "ready"})


def _build(private: list[Route], public: list[Route], frame: Frame, gate: Gate) -> Wsgi:
    app = bottle.Bottle()
    for method, rule, handler in public:
        app.route(rule, method, _handle(handler, frame, gate, _knocked))
    for method, rule, handler in [*private, ("POST", "/logout", Login(gate, frame).leave)]:
        app.route(rule, method, _handle(handler, frame, gate, _admitted))
    app.default_error_handler = lambda error: _unrouted(error, frame, gate)
    wsgi: Wsgi = app
    return wsgi


Check = Callable[[Gate, Request], Request]


def _knocked(gate: Gate, request: Request) -> Request:
    """Whoever it is; the name by which they ask does not matter to what only asks for health."""
    if not request.path.startswith(HEALTH):
        gate.hosts.check(request.host)
    return request


def _admitted(gate: Gate, request: Request) -> Request:
    """Those with a session or a token. Raises `Failure`."""
    gate.hosts.check(request.host)
    visitor = gate.admit(request)
    check(request)
    gate.check(request, visitor)
    return replace(request, visitor=visitor)


def _handle(handler: Handler, frame: Frame, gate: Gate, admit: Check) -> Callable[..., bottle.HTTPResponse]:
    def handle(**args: str) -> bottle.HTTPResponse:
        request = Request.of(bottle.request.environ)
        return _response(compressed(request, _answer(handler, request, args, frame, partial(admit, gate))))

    return handle


def _answer(
    handler: Handler, request: Request, args: Mapping[str, str], frame: Frame, admit: Callable[[Request], Request]
) -> Answer:
    try:
        request = admit(request)
        return handler(request, **args)
    except GlutenError as error:
        return _failed(failure_of(error), request, frame)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return _failed(Failure(500, "an error inside the master; its log says more"), request, frame)


def _unrouted(error: bottle.HTTPError, frame: Frame, gate: Gate) -> bottle.HTTPResponse:
    request = Request.of(bottle.request.environ)
    try:
        gate.hosts.check(request.host)
        # To a stranger all paths are alike.
        request = replace(request, visitor=gate.admit(request))
    except Failure as failure:
        return _response(_failed(failure, request, frame))
    return _response(_failed(_nothing(error, request), request, frame))


def _nothing(error: bottle.HTTPError, request: Request) -> Failure:
    if error.status_code == 405:
        allow = str(error.get_header("Allow", "GET"))
        return Failure(405, f"{request.method} {request.path[:200]}: only {allow} is taken here", "method", allow)
    return Failure(error.status_code, f"{request.path[:200]}: there is no such page")


def _failed(failure: Failure, request: Request, frame: Frame) -> Answer:
    """A person with a browser gets a page, or the way to the login; everything else one line of JSON."""
    wants_page = "text/html" in request.headers.get("accept", "") and not request.path.startswith(MACHINES)
    if not wants_page:
        return error_answer(failure)
    if failure.status == 401 and request.method == "GET":
        return Answer(303, b"", {"Location": f"/login?next={quote(request.target)}", "Cache-Control": "no-store"})
    return frame.error(request, failure)


def _response(answer: Answer) -> bottle.HTTPResponse:
    return bottle.HTTPResponse(answer.body, answer.status, headers=dict(HEADERS) | answer.headers)
