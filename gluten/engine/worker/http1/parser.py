"""Parses a response by geventhttpclient's llhttp. It is slow: a parsed header block is remembered (see `response`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.header_block import MAX_INTERIM
from gluten.engine.worker.http1.submodule import submodule

if TYPE_CHECKING:
    from geventhttpclient._parser import HTTPParseError, HTTPResponseParser
else:
    # The package itself imports its sessions, cookies and urllib.request: 14 ms of each start.
    _parser = submodule("geventhttpclient", "_parser")
    HTTPParseError, HTTPResponseParser = _parser.HTTPParseError, _parser.HTTPResponseParser


class Parser(HTTPResponseParser):
    """llhttp over one response. `feed` it bytes; then look at the attributes.

    `complete` when the final response ended, `extra` when bytes came after that, `ready` when its headers
    are known: `get_code()`, `fields` (name in lower case, value). 101 is final: what follows is not HTTP.
    """

    def __init__(self, head_only: bool = False) -> None:
        super().__init__()
        self.ready = self.complete = self.extra = False
        self.fields: list[tuple[str, str]] = []
        self.body = 0
        self.interim = 0
        self._head_only = head_only
        self._name = ""
        self._value: str | None = None

    def take(self, data: bytes) -> None:
        """Feed bytes. Raises `Fault` (protocol)."""
        try:
            self.feed(data)
        except HTTPParseError as error:
            if self.ready and self.get_code() == 101:
                return
            if not (self.complete and self._head_only):
                raise Fault("protocol", f"not an HTTP response: {error}") from None
            self.extra = True

    def _on_message_begin(self) -> None:
        if self.complete:
            self.extra = True
        self.fields = []
        self._name, self._value = "", None

    def _on_status(self, text: str) -> None:
        return None

    def _on_header_field(self, text: str) -> None:
        if self._value is not None:
            self._keep()
        self._name += text

    def _on_header_value(self, text: str) -> None:
        self._value = (self._value or "") + text

    def _keep(self) -> None:
        self.fields.append((self._name.lower(), self._value or ""))
        self._name, self._value = "", None

    def _on_headers_complete(self) -> bool:
        if self._name:
            self._keep()
        if self.get_code() < 200 and self.get_code() != 101:
            self.interim += 1
            if self.interim > MAX_INTERIM:
                raise Fault("limit", f"more than {MAX_INTERIM} interim (1xx) responses")
            return False
        self.ready = True
        return self._head_only

    def _on_body(self, data: bytes) -> None:
        self.body += len(data)

    def _on_message_complete(self) -> None:
        if self.ready:
            self.complete = True
