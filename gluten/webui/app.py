"""The master's and the slave's web applications: bottle's routing over the handlers. bottle lives here alone.

bottle's own `request` and `response` are thread-locals that all greenlets of a node share, so they are
touched only where no greenlet can switch: the environment is taken at once, and an answer is returned whole.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import bottle

from gluten.errors import GlutenError
from gluten.version import __version__
from gluten.webui.answer import Answer, error_answer, json_answer
from gluten.webui.api import Api, Renderer
from gluten.webui.assets import Assets
from gluten.webui.facade import Facade, Map
from gluten.webui.failure import Failure, failure_of
from gluten.webui.feed import HEARTBEAT
from gluten.webui.guard import HEADERS, check
from gluten.webui.metrics import metrics
from gluten.webui.pages import Frame, Pages, reason_away
from gluten.webui.request import Request
from gluten.webui.templates import Templates

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Handler = Callable[..., Answer]
Route = tuple[str, str, Handler]

PACKAGE = Path(__file__).parent
MACHINES = ("/api/", "/metrics", "/healthz", "/readyz", "/static/")
log = logging.getLogger(__name__)


def make_app(
    master: Facade,
    formats: Mapping[str, Renderer] | None = None,
    ready: Callable[[], str] | None = None,
    heartbeat: float = HEARTBEAT,
) -> Wsgi:
    """The master's pages and its JSON interface.

    `formats` maps a report's format to its content type and renderer (JSON needs none). `ready` says why
    the node cannot take work, or an empty text; without it, the master's store is asked. `heartbeat` is the
    pause in seconds after which a silent event stream shows that it is alive.
    """
    assets, templates = Assets(PACKAGE / "static"), Templates(PACKAGE / "templates")
    frame = Frame(templates, assets)
    api, pages = Api(master, formats or {}, heartbeat), Pages(master, frame)
    why = ready or (lambda: reason_away(master))
    routes = [*page_routes(pages), *api_routes(api), *_common(assets, why)]
    return _build([*routes, ("GET", "/metrics", lambda _: metrics(master))], frame)


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
        ("GET", f"{base}/report", api.report),
        ("GET", f"{base}/seconds", api.seconds),
        ("GET", f"{base}/events", api.events),
    ]


def make_slave_app(state: Callable[[], Map]) -> Wsgi:
    """A slave's health and its own state (`state()`, plain values), for people and machines."""
    assets, templates = Assets(PACKAGE / "static"), Templates(PACKAGE / "templates")
    frame = Frame(templates, assets, nav="")
    routes: list[Route] = [
        ("GET", "/", lambda _: frame.page("slave", "Slave", state())),
        ("GET", "/api/v1/state", lambda _: json_answer(state())),
        *_common(assets, lambda: str(state().get("trouble") or "")),
    ]
    return _build(routes, frame)


def _common(assets: Assets, why: Callable[[], str]) -> list[Route]:
    return [
        ("GET", "/healthz", lambda _: json_answer({"status": "ok", "version": __version__})),
        ("GET", "/readyz", lambda _: _ready(why())),
        ("GET", "/static/<path:path>", assets.answer),
        ("GET", "/favicon.ico", lambda request: assets.answer(request, "icon.svg")),
    ]


def _ready(reason: str) -> Answer:
    if reason:
        return json_answer({"status": "away", "error": {"field": "", "message": reason}}, 503)
    return json_answer({"status": "ready"})


def _build(routes: list[Route], frame: Frame) -> Wsgi:
    app = bottle.Bottle()
    for method, rule, handler in routes:
        app.route(rule, method, _handle(handler, frame))
    app.default_error_handler = lambda error: _unrouted(error, frame)
    wsgi: Wsgi = app
    return wsgi


def _handle(handler: Handler, frame: Frame) -> Callable[..., bottle.HTTPResponse]:
    def handle(**args: str) -> bottle.HTTPResponse:
        request = Request.of(bottle.request.environ)
        return _response(_answer(handler, request, args, frame))

    return handle


def _answer(handler: Handler, request: Request, args: Mapping[str, str], frame: Frame) -> Answer:
    try:
        check(request)
        return handler(request, **args)
    except GlutenError as error:
        return _failed(failure_of(error), request, frame)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return _failed(Failure(500, "an error inside the master; its log says more"), request, frame)


def _unrouted(error: bottle.HTTPError, frame: Frame) -> bottle.HTTPResponse:
    request = Request.of(bottle.request.environ)
    if error.status_code == 405:
        allow = str(error.get_header("Allow", "GET"))
        failure = Failure(405, f"{request.method} {request.path}: only {allow} is taken here", "method", allow)
    else:
        failure = Failure(error.status_code, f"{request.path[:200]}: there is no such page")
    return _response(_failed(failure, request, frame))


def _failed(failure: Failure, request: Request, frame: Frame) -> Answer:
    """A person with a browser gets a page, everything else one line of JSON."""
    wants_page = "text/html" in request.headers.get("accept", "") and not request.path.startswith(MACHINES)
    return frame.error(failure) if wants_page else error_answer(failure)


def _response(answer: Answer) -> bottle.HTTPResponse:
    return bottle.HTTPResponse(answer.body, answer.status, headers=dict(HEADERS) | answer.headers)
