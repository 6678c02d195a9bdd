"""Login with a key, a token or a login link, and logout."""

from __future__ import annotations

from gluten.errors import GlutenError
from gluten.net.keys.keys import Role
from gluten.webui.auth.gate import Gate
from gluten.webui.auth.guard import FORM, check_origin
from gluten.webui.http.answer import Answer, json_answer
from gluten.webui.http.failure import Failure
from gluten.webui.http.frame import Frame
from gluten.webui.http.web_request import Request

MAX_FORM = 4096
# With `no-referrer`, a browser sends "null" as the origin of a form.
_SAME_ORIGIN = {"Referrer-Policy": "same-origin"}


class Login:
    """Handlers that need no session."""

    def __init__(self, gate: Gate, frame: Frame) -> None:
        self._gate, self._frame = gate, frame

    def show(self, request: Request) -> Answer:
        """Show the form. With a link's token, log in at once, unless the browser only prefetches the page."""
        token, wanted = request.query.get("token", ""), request.query.get("next", "")
        prefetch = "prefetch" in request.headers.get("sec-purpose", "") + request.headers.get("purpose", "")
        try:
            if token and request.method == "GET" and not prefetch:
                return self._logged_in(request, self._gate.try_link(request, token), wanted)
        except Failure as failure:
            return self._form(request, wanted, failure)
        return self._form(request, wanted)

    def log_in(self, request: Request) -> Answer:
        """Log in with the form that was sent. If that fails, the form keeps the page that it leads to."""
        wanted = request.query.get("next", "")
        try:
            check_origin(request, FORM)
            sent = request.form(MAX_FORM)
            wanted = sent.get("next", wanted)
            return self._logged_in(request, self._gate.try_key(request, sent.get("key", "")), wanted)
        except GlutenError as error:
            if not isinstance(error, Failure):
                raise
            return self._form(request, wanted, error)

    def state(self, request: Request) -> Answer:
        """Whether this browser is logged in.

        After a link on another site's page, a browser does not send the cookie (SameSite). Then the login page asks
        here, and the browser sends it.
        """
        return json_answer({"in": self._gate.identify(request) is not None})

    def log_out(self, request: Request) -> Answer:
        principal = self._gate.admit(request)
        return json_answer({"in": False}, Set_Cookie=self._gate.log_out(request, principal))

    def _logged_in(self, request: Request, role: Role, wanted: str) -> Answer:
        """A page that forwards the browser. A redirect would still count as another site's link."""
        page = self._frame.page(request, "entered", "Logged in", None, to=local(wanted))
        return Answer(200, page.body, page.headers | {"Set-Cookie": self._gate.start_session(request, role)})

    def _form(self, request: Request, wanted: str, failure: Failure | None = None) -> Answer:
        trouble = str(failure) if failure is not None else ""
        status = failure.status if failure is not None else 200
        page = self._frame.page(request, "login", "Log in", None, status, next=local(wanted), trouble=trouble)
        retry = {"Retry-After": str(failure.retry)} if failure is not None and failure.retry else {}
        return Answer(page.status, page.body, page.headers | _SAME_ORIGIN | retry)


def local(path: str) -> str:
    """A path of this node, else `/`. `//evil.test` and `/\\evil.test` would lead to another site."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    return path if safe and len(path) < 1000 and not path.startswith(("/login", "/logout")) else "/"
