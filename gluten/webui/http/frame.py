"""The parts that all pages share: head, navigation and foot around a page's own template."""

from __future__ import annotations

from typing import Any

from gluten.version import __version__
from gluten.webui.http.answer import Answer
from gluten.webui.http.assets import Assets
from gluten.webui.http.failure import Failure
from gluten.webui.http.principal import Principal
from gluten.webui.http.templates import Markup, Templates, data
from gluten.webui.http.web_request import Request

TITLES = {
    400: "This cannot be shown",
    403: "Refused",
    404: "Page not found",
    405: "This cannot be done here",
    409: "Not possible now",
    421: "Wrong host name",
    429: "Too many attempts",
    503: "Not available at the moment",
}


class Frame:
    """Renders pages. `nav` names the template with the links, or is empty."""

    def __init__(self, templates: Templates, assets: Assets, nav: str = "nav") -> None:
        self._templates = templates
        self._assets = assets
        self._nav = nav

    def page(
        self, request: Request, name: str, title: str, value: Any = None, status: int = 200, **values: object
    ) -> Answer:
        """Render the template `name` in the frame. `value` is the data for the page's JavaScript module."""
        principal = request.principal
        body = self._templates.render(name, base=self._assets.base, data=data(value), **values)
        text = self._templates.render(
            "frame",
            base=self._assets.base,
            title=title,
            body=body,
            page=name,
            nav=self._navigation(principal),
            version=f"GLuTEN {__version__}" if principal else "GLuTEN",
            role=principal.role if principal else "",
            csrf=principal.csrf if principal else "",
        )
        headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        return Answer(status, text.encode(), headers)

    def _navigation(self, principal: Principal | None) -> Markup:
        """The links and buttons beside the logo. There are none before the login."""
        if principal is None:
            return Markup("")
        parts = [self._templates.render(self._nav) if self._nav else '<span class="fill"></span>']
        if self._nav and principal.may_change:
            parts.append(self._templates.render("newrun"))
        if not principal.may_change:
            parts.append(self._templates.render("readonly"))
        if principal.proof == "session":
            parts.append(self._templates.render("logout"))
        return Markup("".join(parts))

    def error(self, request: Request, failure: Failure) -> Answer:
        """A page that explains the failure."""
        title, away = TITLES.get(failure.status, "Something went wrong"), failure.status == 503
        back = "This page tries again every few seconds. It comes back by itself." if away else ""
        return self.page(
            request,
            "error",
            title,
            {"away": away},
            failure.status,
            heading=title,
            message=failure,
            back=back,
            status_code=failure.status,
        )
