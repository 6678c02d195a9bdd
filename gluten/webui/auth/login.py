"""The login page: a key or a token is pasted, or a link that works once is followed; and the way out."""

from __future__ import annotations

from gluten.errors import GlutenError
from gluten.net.keys.keys import Role
from gluten.webui.auth.gate import Gate
from gluten.webui.auth.guard import FORM, check
from gluten.webui.http.answer import Answer, json_answer
from gluten.webui.http.failure import Failure
from gluten.webui.http.frame import Frame
from gluten.webui.http.web_request import Request

MAX_FORM = 4096
# `no-referrer` has a browser call a form's origin "null".
_OWN = {"Referrer-Policy": "same-origin"}


class Login:
    """Handlers that need no session."""

    def __init__(self, gate: Gate, frame: Frame) -> None:
        self._gate, self._frame = gate, frame

    def show(self, request: Request) -> Answer:
        """The form; with a link's token the session itself, but not for who only looks ahead."""
        token = request.query.get("token", "")
        ahead = "prefetch" in request.headers.get("sec-purpose", "") + request.headers.get("purpose", "")
        try:
            if token and request.method == "GET" and not ahead:
                return self._entered(request, self._gate.try_link(request, token))
        except Failure as failure:
            return self._form(request, failure)
        return self._form(request)

    def enter(self, request: Request) -> Answer:
        """The form was sent."""
        try:
            check(request, FORM)
            sent = request.form(MAX_FORM)
            return self._entered(request, self._gate.try_key(request, sent.get("key", "")), sent.get("next", ""))
        except GlutenError as error:
            if not isinstance(error, Failure):
                raise
            return self._form(request, error)

    def state(self, request: Request) -> Answer:
        """Whether this browser is logged in. A link on another site's page comes without the cookie, for which
        SameSite sees to; the login page itself then asks here, with it."""
        return json_answer({"in": self._gate.visitor(request) is not None})

    def leave(self, request: Request) -> Answer:
        visitor = self._gate.admit(request)
        return json_answer({"in": False}, Set_Cookie=self._gate.leave(request, visitor))

    def _entered(self, request: Request, role: Role, wanted: str = "") -> Answer:
        """A page that goes on by itself: after a redirect the browser would still count as sent by another site."""
        page = self._frame.page(request, "entered", "Logged in", None, to=local(wanted))
        return Answer(200, page.body, page.headers | {"Set-Cookie": self._gate.begin(request, role)})

    def _form(self, request: Request, failure: Failure | None = None) -> Answer:
        trouble = str(failure) if failure is not None else ""
        status = failure.status if failure is not None else 200
        wanted = local(request.query.get("next", ""))
        page = self._frame.page(request, "login", "Log in", None, status, next=wanted, trouble=trouble)
        retry = {"Retry-After": str(failure.retry)} if failure is not None and failure.retry else {}
        return Answer(page.status, page.body, page.headers | _OWN | retry)


def local(path: str) -> str:
    """A path of this node and nothing else: `//evil.test` and `/\\evil.test` would be another site's."""
    sound = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    return path if sound and len(path) < 1000 and not path.startswith(("/login", "/logout")) else "/"
