"""A request that was not good, with what was answered, as a person reads it. Secrets are left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gluten.engine.worker.http1.framing import CHUNKED, Framing
from gluten.engine.worker.requests.raw_response import dechunked, headers_of, parted
from gluten.stats.failure import MAX_BODY, MAX_HEADERS, MAX_TEXT, Answer, Failure, Headers, Sent, printable
from gluten.task.secrets import HIDDEN, is_secret, redact_header, redact_url

_JSON = re.compile(r'"([^"\\]{1,64})"(\s*:\s*)"((?:[^"\\]|\\.)*)"')
_FORM = re.compile(r"([\w.\-]{1,64})=([^&\s]*)")


class Redactor:
    """`secrets` are texts that are shown nowhere; `every`: the task says that body and headers are secret."""

    def __init__(self, secrets: Sequence[str], every: bool) -> None:
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)
        self._every = every

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def headers(self, pairs: Sequence[tuple[str, str]]) -> Headers:
        shown = ((name, HIDDEN if self._every else self.text(redact_header(name, value))) for name, value in pairs)
        return tuple((printable(name), printable(value, MAX_TEXT)) for name, value in shown)[:MAX_HEADERS]

    def body(self, body: bytes) -> str:
        if self._every and body:
            return HIDDEN
        text = self.text(body[: 4 * MAX_BODY].decode("utf-8", "replace"))
        text = _FORM.sub(_form, _JSON.sub(_json, text))
        return printable(text, MAX_BODY)


def failure(
    second: int, node: str, request: bytes, redactor: Redactor, origin: str, text: str = "", trace: str = ""
) -> Failure:
    """A request that has no response."""
    return Failure(second, node, _sent(request, redactor, origin), None, printable(redactor.text(text)), trace)


def bad_answer(
    second: int, node: str, request: bytes, framing: Framing, pieces: Sequence[bytes], redactor: Redactor, origin: str,
    trace: str = "",
) -> Failure:  # fmt: skip
    """A request whose response is not good. `pieces` are the response's bytes, as far as they were kept."""
    head, body = parted(b"".join(pieces))
    if framing.length == CHUNKED:
        body = dechunked(body)
    answer = Answer(framing.status, redactor.headers(headers_of(head)), redactor.body(body))
    return Failure(second, node, _sent(request, redactor, origin), answer, "", trace)


def _sent(request: bytes, redactor: Redactor, origin: str) -> Sent:
    if not request:
        return Sent(url=redact_url(origin))
    head, body = parted(request)
    method, _, rest = head.partition(b"\r\n")[0].decode("utf-8", "replace").partition(" ")
    url = redact_url(origin + rest.rpartition(" ")[0])
    return Sent(
        printable(method), printable(redactor.text(url)), redactor.headers(headers_of(head)), redactor.body(body)
    )


def _json(found: re.Match[str]) -> str:
    name, colon, _ = found.groups()
    return f'"{name}"{colon}"{HIDDEN}"' if is_secret(name) else found[0]


def _form(found: re.Match[str]) -> str:
    return f"{found[1]}={HIDDEN}" if is_secret(found[1]) else found[0]
