"""The host names under which a browser may reach this node.

This prevents DNS rebinding. If evil.test changes its DNS entry to this node's address, its page could read from this
node as from its own site. Such a request has evil.test in its Host header. A literal address cannot be rebound.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from gluten.webui.http.failure import Failure

_FORM = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(:\d{1,5})?")


class Hosts:
    """Accepts literal addresses, localhost, and `names` in upper or lower case."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = {"localhost", *(name.lower().rstrip(".") for name in names)}

    def check(self, host: str) -> None:
        """`host` is a request's Host header, which programs may leave out. Raises `Failure` (421)."""
        if host and not self.is_known(host):
            shown = host[:100]
            raise Failure(
                421, f"host: {shown!r} is not a name of this node; if it should be, start the node with --web-host NAME"
            )

    def is_known(self, host: str) -> bool:
        """Whether `host`, a name or an address with or without a port, is this node's."""
        found = _FORM.fullmatch(host)
        name = found[1].strip("[]").lower().rstrip(".") if found else ""
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in self._names
        return True
