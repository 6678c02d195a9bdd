"""Where a request goes: the base, and a request's path behind it. No template can change scheme or host."""

from __future__ import annotations

import re
from typing import NamedTuple

from gluten.errors import TaskError, WorkloadError
from gluten.task.limits import MAX_URL
from gluten.task.task import Task
from gluten.workload.templates.encoding import Encoding
from gluten.workload.templates.environment import with_leading_env
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import Scope

_URL = re.compile(r"(https?://[^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


class Base(NamedTuple):
    """`origin` is scheme, user-info and host; `path` has no slash at its end. Both empty: there is no base."""

    origin: str = ""
    path: str = ""


def base_of(url: str) -> Base:
    """Raises `WorkloadError`."""
    found = _URL.fullmatch(url)
    if found is None:
        raise WorkloadError(f"{url[:80]!r} needs http:// or https:// in front, such as http://host:8080/")
    if "?" in found[2] or "#" in found[2]:
        raise WorkloadError("has a query or a fragment: write it into the requests' paths")
    _check(url)
    return Base(found[1], found[2].rstrip("/"))


def target_of(text: str, base: Base, scope: Scope, place: str) -> tuple[str, Template]:
    """The origin and the path's template. Raises `WorkloadError`, also for what no request line can have."""
    if len(text) > MAX_URL:
        raise WorkloadError(f"has {len(text)} characters; at most {MAX_URL}")
    text = with_leading_env(text, scope.env)
    origin, path = _origin_and_path(text, base)
    template = Template.parse(path, scope, place)
    if not path.startswith("/") and not template.leads:
        raise WorkloadError("must begin with /, with http:// or https://, or with a template")
    if any("#" in part for part in template.parts if isinstance(part, str)):
        raise WorkloadError("has a fragment (#…), which is never sent: leave it out, or write %23")
    if not template.leads and not _URL.match(text):
        template = Template.parse(_literal(base.path) + path, scope, place)
    template.pieces(Encoding.REFERENCE if template.leads else Encoding.PATH)
    return origin, template


def _origin_and_path(text: str, base: Base) -> tuple[str, str]:
    """Of a whole URL, or the base's origin."""
    found = _URL.fullmatch(text)
    if found is None:
        if not base.origin:
            raise WorkloadError(
                "is no whole URL, and there is no base: write url at the top of the file, or give --url"
            )
        return base.origin, text
    if "{{" in found[1]:
        raise WorkloadError("scheme and host are written out: no template but {{env NAME}} can stand there")
    _check(f"{found[1]}/")
    return found[1], found[2] if found[2].startswith("/") else f"/{found[2]}"


def _check(url: str) -> None:
    try:
        Task(url)
    except TaskError as error:
        raise WorkloadError(str(error).removeprefix("url: ")) from None


def _literal(path: str) -> str:
    return path.replace("{{", "{{'{{'}}")
