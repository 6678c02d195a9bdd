"""A path that begins with a template is a reference, as in a `Location` (RFC 9110, section 10.2.2).

It is resolved (RFC 3986, section 5.2) against the base's scheme and host, and not against its path. A reference to
another scheme or host is refused: what a template gives never changes where a request goes.
"""

from __future__ import annotations

import re

from gluten.errors import TemplateFailure
from gluten.workload.templates.encoding import Encoding
from gluten.workload.templates.template import Template, Writer

_PARTS = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.\-]*):)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(?:#.*)?", re.DOTALL)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def resolve(reference: str, scheme: str, authority: str) -> str:
    """The path and query to ask for. `authority` is the base's host, with its port if it is written there."""
    parts = _PARTS.fullmatch(reference)
    if parts is None:
        raise TemplateFailure("the path is not a reference that can be resolved")
    named_scheme, named_authority, path, query = parts.groups()
    _stay(named_scheme, named_authority, scheme, authority)
    return _without_dots("/" + path.removeprefix("/")) + (query or "")


def reference_writer(template: Template, scheme: str, authority: str) -> Writer:
    """Writes the path and query of a template that leads."""
    write = template.writer(Encoding.REFERENCE)
    return lambda values: resolve(write(values).decode("ascii"), scheme, authority).encode("ascii")


def _stay(named_scheme: str | None, named_authority: str | None, scheme: str, authority: str) -> None:
    there = (named_scheme or scheme).lower()
    is_elsewhere = named_authority is None if named_scheme else named_authority == ""
    if named_authority is not None and _host(named_authority, there) != _host(authority, scheme.lower()):
        is_elsewhere = True
    if is_elsewhere or there != scheme.lower():
        raise TemplateFailure(f"the path leads away from {scheme}://{authority}, and a template never changes the host")


def _host(authority: str, scheme: str) -> str:
    return authority.lower().removesuffix(":").removesuffix(_DEFAULT_PORTS.get(scheme, ":"))


def _without_dots(path: str) -> str:
    """RFC 3986, section 5.2.4, of a path that begins with a slash."""
    kept: list[str] = []
    names = path.split("/")[1:]
    for name in names:
        if name == "..":
            del kept[-1:]
        elif name != ".":
            kept.append(name)
    if names[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
