"""A request that was not good, with what was answered, as a person reads it. Secrets are left out."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from urllib.parse import quote_plus

from gluten.engine.parts import WorkloadPart
from gluten.engine.worker.http1.framing import CHUNKED, Framing
from gluten.engine.worker.requests.raw_response import dechunked, headers_of, parted
from gluten.stats.failure import MAX_BODY, MAX_HEADERS, MAX_TEXT, Answer, Failure, Headers, Sent, printable
from gluten.task.secrets import HIDDEN, is_secret, redact_header, redact_url
from gluten.task.task import Task
from gluten.workload.checks.content_coding import decoded
from gluten.workload.templates.encoding import as_it_is, json_string, percent
from gluten.workload.templates.values import Values

_JSON = re.compile(r'"([^"\\]{1,64})"(\s*:\s*)"((?:[^"\\]|\\.)*)"')
_FORM = re.compile(r"([\w.\-]{1,64})=([^&\s]*)")
_SHORT = 2
"""Characters of a secret's begin that say nothing."""
_LONG = 6
"""Characters of a secret that is looked for in base64, too: a shorter one says too little there."""


def secrets_of(task: Task, part: WorkloadPart | None, values: Values | None) -> list[str]:
    """The texts that a request with these values may hold and nobody may see."""
    secrets = [value for name, value in task.env if is_secret(name)]
    taken = {} if part is None else part.taken
    fixed = {} if part is None else part.workload.scope.constants
    for each in (fixed, taken, {} if values is None else values.taken):
        secrets += [value for name, value in each.items() if is_secret(name)]
    for feed in part.workload.feeds if part is not None else ():
        if feed.secret and values is not None:
            secrets += [as_it_is(value).decode() for value in values.rows.get(feed.name, {}).values()]
    return secrets


class Redactor:
    """`secrets` are texts that are shown nowhere, in whatever encoding a template writes them; `every`: the task says
    that body and headers are secret."""

    def __init__(self, secrets: Sequence[str], every: bool) -> None:
        spelled = {spelling for secret in filter(None, secrets) for spelling in _spellings(secret)}
        self._secrets = sorted(spelled, key=len, reverse=True)
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
        text = self._without_begin(self.text(body[: 4 * MAX_BODY].decode("utf-8", "replace")))
        text = _FORM.sub(_form, _JSON.sub(_json, text))
        return printable(text, MAX_BODY)

    def _without_begin(self, text: str) -> str:
        """A body that is cut may end in the begin of a secret."""
        for secret in self._secrets:
            for size in range(len(secret) - 1, _SHORT, -1):
                if text.endswith(secret[:size]):
                    return text[:-size] + HIDDEN
        return text


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
    headers = headers_of(head)
    answer = Answer(framing.status, redactor.headers(headers), redactor.body(_readable(headers, body)))
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


def _spellings(secret: str) -> Iterator[str]:
    """The secret as templates write it and as targets say it back, and the part of its base64 that never changes."""
    content = secret.encode("utf-8", "replace")
    yield from (secret, percent(secret).decode(), json_string(secret).decode())
    yield from (quote_plus(content), json.dumps(secret)[1:-1], content.decode("latin-1"))
    yield from _in_paths(b64encode(content).decode())
    for before in range(3) if len(content) >= _LONG else ():
        text = b64encode(bytes(before) + content).decode().rstrip("=")
        # The first characters hold bits of what stands before it, the last one may hold bits of what follows.
        yield from _in_paths(text[(0, 2, 3)[before] : len(text) - bool((before + len(content)) % 3)])


def _in_paths(text: str) -> tuple[str, str]:
    """A text of base64, and as it stands in a path."""
    return text, percent(text).decode()


def _readable(headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
    """The body without its codings, where they can be undone."""
    codings = ",".join(value for name, value in headers if name.lower() == "content-encoding")
    return decoded(body, codings) or body if codings else body


def _json(found: re.Match[str]) -> str:
    name, colon, _ = found.groups()
    return f'"{name}"{colon}"{HIDDEN}"' if is_secret(name) else found[0]


def _form(found: re.Match[str]) -> str:
    return f"{found[1]}={HIDDEN}" if is_secret(found[1]) else found[0]
