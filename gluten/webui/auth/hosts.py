"""By which names a browser may ask for this node.

Against DNS rebinding: a page of evil.test whose name comes to mean this node's address could read from it as from its
own site. Such a request names evil.test as its host. A literal address cannot be rebound.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from gluten.webui.http.failure import Failure

_FORM = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(:\d{1,5})?")


class Hosts:
    """Literal addresses, localhost, and `names` in any case."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = {"localhost", *(name.lower().rstrip(".") for name in names)}

    def check(self, host: str) -> None:
        """`host` is a request's Host header. Raises `Failure` (421); what is no browser may leave it out."""
        if host and not self._known(host):
            shown = host[:100]
            raise Failure(421, f"host: {shown!r} is not a name of this node; if it is, start it with --web-host NAME")

    def _known(self, host: str) -> bool:
        found = _FORM.fullmatch(host)
        name = found[1].strip("[]").lower().rstrip(".") if found else ""
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in self._names
        return True
