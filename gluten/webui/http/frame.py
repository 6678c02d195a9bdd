"""What all pages share: head, navigation and foot around a page's own template."""

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
    400: "That cannot be shown",
    403: "Refused",
    404: "There is nothing here",
    405: "That cannot be done here",
    409: "Not now",
    421: "Not by this name",
    429: "Too often",
    503: "Away for the moment",
}


class Frame:
    """What all pages share: head, navigation, foot. `nav` is the template with the links, or empty."""

    def __init__(self, templates: Templates, assets: Assets, nav: str = "nav") -> None:
        self._templates = templates
        self._assets = assets
        self._nav = nav

    def page(
        self, request: Request, name: str, title: str, value: Any = None, status: int = 200, **values: object
    ) -> Answer:
        """The template `name` in the frame, with `value` as the data that its module reads."""
        visitor = request.visitor
        body = self._templates.render(name, base=self._assets.base, data=data(value), **values)
        text = self._templates.render(
            "frame",
            base=self._assets.base,
            title=title,
            body=body,
            page=name,
            nav=self._top(visitor),
            version=f"GLuTEN {__version__}" if visitor else "GLuTEN",
            role=visitor.role if visitor else "",
            csrf=visitor.csrf if visitor else "",
        )
        headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        return Answer(status, text.encode(), headers)

    def _top(self, visitor: Principal | None) -> Markup:
        """What stands beside the brand: to a stranger nothing."""
        if visitor is None:
            return Markup("")
        parts = [self._templates.render(self._nav) if self._nav else '<span class="fill"></span>']
        if self._nav and visitor.may_change:
            parts.append(self._templates.render("newrun"))
        if not visitor.may_change:
            parts.append(self._templates.render("readonly"))
        if visitor.way == "session":
            parts.append(self._templates.render("logout"))
        return Markup("".join(parts))

    def error(self, request: Request, failure: Failure) -> Answer:
        """What is the matter, in words."""
        title, away = TITLES.get(failure.status, "Something went wrong"), failure.status == 503
        back = "This page looks again every few seconds, and comes back by itself." if away else ""
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
