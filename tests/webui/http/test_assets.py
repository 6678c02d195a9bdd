"""Static files: only those that were there at the start, cached for as long as they are true."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from gluten.webui.app import Wsgi
from gluten.webui.http.assets import Assets
from tests.support.web.wsgi import get


def pinned(app: Wsgi) -> str:
    found = re.search(r"/static/v\w+", get(app, "/").text)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    "path",
    [
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "/etc/passwd",
        "css/../../app.py",
        "css",
        "",
        "css/",
        "v0/css/base.css",
        "a\0b",
    ],
)
def test_nothing_but_a_known_file_is_served(app: Wsgi, path: str) -> None:
    assert get(app, f"/static/{path}").status == 404


def test_a_file_under_the_version_may_be_kept_for_ever(app: Wsgi) -> None:
    reply = get(app, f"{pinned(app)}/css/base.css")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in reply.headers["Cache-Control"]


def test_a_file_without_the_version_is_asked_for_again(app: Wsgi) -> None:
    first = get(app, "/static/css/base.css")
    assert first.headers["Cache-Control"] == "no-cache"
    again = get(app, "/static/css/base.css", If_None_Match=first.headers["Etag"])
    assert (again.status, again.body) == (304, b"")


def test_a_file_is_compressed_for_clients_that_accept_it(app: Wsgi) -> None:
    plain = get(app, "/static/css/base.css")
    packed = get(app, "/static/css/base.css", Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2


@pytest.mark.parametrize(
    ("path", "kind"), [("js/run.js", "text/javascript; charset=utf-8"), ("icon.svg", "image/svg+xml")]
)
def test_each_kind_is_named(app: Wsgi, path: str, kind: str) -> None:
    assert get(app, f"/static/{path}").headers["Content-Type"] == kind


def test_another_content_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    before = Assets(tmp_path).version
    assert Assets(tmp_path).version == before
    (tmp_path / "a.css").write_text("b{}")
    assert Assets(tmp_path).version != before
