"""There is a page for every run and every mistake. Pages are small, and no text of a person becomes markup."""

from __future__ import annotations

import json
import re

import pytest

from gluten.task.task import Task
from gluten.webui.app import Wsgi, make_app
from gluten.webui.http.templates import Markup, Templates, data
from tests.support.web.fake_master import FakeMaster
from tests.support.web.gates import open_gate
from tests.support.web.wsgi import get

PAGES = [
    "/",
    "/nodes",
    "/compare",
    "/compare?a=12&b=14",
    "/runs/new",
    "/runs/new?from=16",
    "/runs/12",
    "/runs/15",
    "/runs/last",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there(app: Wsgi, path: str) -> None:
    reply = get(app, path, Accept="text/html")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1" in reply.text or "/runs/" in path


@pytest.mark.parametrize("path", ["/", "/nodes", "/compare", "/runs/new"])
def test_every_page_is_there_before_the_first_run_and_node(path: str) -> None:
    assert get(make_app(FakeMaster(nodes=0), open_gate()), path).status == 200


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_script_or_style_inline_or_from_elsewhere(app: Wsgi, path: str) -> None:
    text = get(app, path).text
    for tag in re.findall(r"<script[^>]*>", text):
        assert 'type="application/json"' in tag or 'src="/static/' in tag
    assert "<style" not in text
    assert not re.search(
        r"<[^>]*\s(style|on\w+)=", re.sub(r"<script type=.application/json.*?</script>", "", text, flags=re.S)
    )
    assert not re.search(r'(src|href)="(https?:)?//', text)


def test_a_name_with_markup_stays_text(app: Wsgi) -> None:
    text = get(app, "/runs/16").text
    assert "<img src=x" not in text
    embedded = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert embedded is not None
    assert json.loads(embedded[1])["run"]["name"].startswith("<img src=x")


def test_an_unknown_run_has_a_page_that_says_so(app: Wsgi) -> None:
    reply = get(app, "/runs/999", Accept="text/html")
    assert reply.status == 404
    assert "no such run" in reply.text
    assert 'data-testid="error"' in reply.text
    assert get(app, "/runs/999").json()["error"]["message"]


def test_a_page_that_does_not_exist_says_so(app: Wsgi) -> None:
    assert get(app, "/<script>", Accept="text/html").status == 404
    assert "<script>:" not in get(app, "/<script>", Accept="text/html").text


def test_secrets_of_a_task_are_not_in_its_page(master: FakeMaster) -> None:
    task = Task("http://me:word@t.test/", headers=(("Authorization", "Bearer abc"),), key="-----BEGIN k")
    run = master.add(task)
    for path in (f"/runs/{run.id}", f"/runs/new?from={run.id}", "/"):
        text = get(make_app(master, open_gate()), path).text
        assert not any(secret in text for secret in ("word", "Bearer abc", "BEGIN k"))


def test_the_first_page_and_its_files_are_below_150_kb(app: Wsgi) -> None:
    page = get(app, "/")
    files = set(re.findall(r'"(/static/[^"]+)"', page.text))
    todo, total = set(files), len(page.body)
    while todo:
        path = todo.pop()
        reply = get(app, path)
        assert reply.status == 200, path
        total += len(reply.body)
        found = re.findall(r'from "([^"]+)"', reply.text) if path.endswith(".js") else []
        fresh = {join(path, name) for name in found} - files
        files |= fresh
        todo |= fresh
    assert total < 150_000


def join(path: str, name: str) -> str:
    parts = path.split("/")[:-1]
    for part in name.split("/"):
        parts = parts[:-1] if part == ".." else parts if part == "." else [*parts, part]
    return "/".join(parts)


def test_a_thousand_nodes_keep_the_dashboard_small() -> None:
    reply = get(make_app(FakeMaster(nodes=1000), open_gate()), "/api/v1/overview").json()
    assert reply["counts"]["nodes"] == 1000
    assert len(reply["nodes"]) == 8
    assert {node["state"] for node in reply["nodes"]} == {"suspect"}


def test_a_template_escapes_all_but_markup(tmp_path: object) -> None:
    from pathlib import Path

    root = Path(str(tmp_path))
    (root / "t.html").write_text("<p title='$a'>$b</p>")
    shown = Templates(root).render("t", a="'\"<&", b=Markup("<b>"))
    assert shown == "<p title='&#x27;&quot;&lt;&amp;'><b></p>"


def test_embedded_data_cannot_end_its_element() -> None:
    text = data({"a": "</script><!--\u2028"})
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><!--\u2028"}
