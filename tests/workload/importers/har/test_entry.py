"""Browsers write the same thing in different ways."""

from __future__ import annotations

import json
import tomllib
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.errors import UsageError
from gluten.workload.importers.har.entry import call_of, cookies_sent, left_out
from gluten.workload.importers.har.har_file import import_har
from tests.support.imported import entry, har, read_back

SHOP = "https://shop.test"


def test_an_answer_in_base64() -> None:
    found = entry("GET", f"{SHOP}/a")
    found["response"]["content"] = {
        "mimeType": "application/json",
        "encoding": "base64",
        "text": b64encode(b'{"a":1}').decode(),
    }
    assert call_of(found, 0.0).answer.text == '{"a":1}'
    found["response"]["content"]["text"] = "%"
    assert call_of(found, 0.0).answer.text == ""


@pytest.mark.parametrize("content", [None, {}, {"size": -1}, {"text": None}, "x"])
def test_an_answer_without_a_body(content: Any) -> None:
    found = entry("GET", f"{SHOP}/a")
    found["response"]["content"] = content
    assert call_of(found, 0.0).answer.text == ""


def test_firefox_has_the_fields_of_a_form_and_no_text() -> None:
    found = entry("POST", f"{SHOP}/a")
    params = [{"name": "a", "value": "b c"}, {"name": "f", "value": ""}]
    found["request"]["postData"] = {"mimeType": "application/x-www-form-urlencoded", "params": params, "text": ""}
    assert call_of(found, 0.0).body.value == {"a": "b c", "f": ""}


def test_the_header_says_the_type_where_post_data_has_a_vague_one() -> None:
    """Safari."""
    found = entry("POST", f"{SHOP}/a", sent=[("Content-Type", "application/json")], post=("text/plain", '{"a":1}'))
    assert call_of(found, 0.0).body.kind == "json"


def test_files_of_a_form_are_named() -> None:
    found = entry("POST", f"{SHOP}/a")
    params = [{"name": "f", "fileName": "p.jpg", "contentType": "image/jpeg"}, {"name": "t", "value": "x"}]
    found["request"]["postData"] = {"mimeType": "multipart/form-data; boundary=X", "params": params}
    assert tomllib.loads(import_har(har(found), "x"))["request"]["post-a"]["multipart"] == {"f": "@p.jpg", "t": "x"}


def test_cookies_in_one_header_or_in_a_list_of_their_own() -> None:
    found = entry("GET", f"{SHOP}/a", sent=[("Cookie", "a=1; b=2")], given=[("Set-Cookie", "c=3\nd=4; Path=/")])
    assert cookies_sent(found) == ["a", "b"]
    given = [value for name, value in call_of(found, 0.0).answer.headers if name == "Set-Cookie"]
    assert given == ["c=3", "d=4; Path=/"]
    found = entry("GET", f"{SHOP}/a")
    found["response"]["cookies"] = [{"name": "c", "value": "3"}]
    assert ("Set-Cookie", "c=3") in call_of(found, 0.0).answer.headers


@pytest.mark.parametrize(
    ("time", "seconds"), [(250, 0.25), (-1, 0.0), (None, 0.0), ("x", 0.0), (True, 0.0), (1e12, 3600.0)]
)
def test_how_long_it_took(time: Any, seconds: float) -> None:
    found = call_of(entry("GET", f"{SHOP}/a") | {"time": time}, 0.0)
    assert found.ended - found.began == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("when", "began"),
    [
        ("1970-01-01T00:00:02.500Z", 2.5),
        ("1970-01-01T01:00:02.500+01:00", 2.5),
        ("1970-01-01T00:00:02.500123Z", 2.500123),
        ("1970-01-01T00:00:02", 2.0),
        ("soon", 7.0),
        (None, 7.0),
    ],
)
def test_when_it_began(when: Any, began: float) -> None:
    assert call_of(entry("GET", f"{SHOP}/a") | {"startedDateTime": when}, 7.0).began == pytest.approx(began)


@pytest.mark.parametrize(
    ("method", "url"),
    [("GET", "about:blank"), ("G T", f"{SHOP}/"), ("GET", "http://[::1"), ("GET", f"{SHOP}/" + "x" * 9000)],
)
def test_what_cannot_be_loaded(method: str, url: str) -> None:
    assert left_out(entry(method, url)) == "addresses that cannot be loaded"


@pytest.mark.parametrize("response", [None, {}])
def test_a_recording_of_requests_alone(response: Any) -> None:
    """Other programs write HAR files too, and not all have sent what is in it."""
    text = import_har(har(entry("POST", f"{SHOP}/a") | {"response": response}), "x")
    assert tomllib.loads(text)["request"] == {"post-a": {"post": "/a"}}


@pytest.mark.parametrize("media", ["text/html", "application/json", ""])
def test_a_socket_of_server_sent_events_is_left_out(media: str) -> None:
    assert left_out(entry("GET", f"{SHOP}/e", media="text/event-stream")) != ""
    assert left_out(entry("GET", f"{SHOP}/e", media=media)) == ""


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, -1, 1e400, True, "", "x", "{{a}}", "${a}", "\ud800", "a\nb\0", [], {}, [[]], [{}], "é" * 300, "{{"]
)
URLS = st.sampled_from(
    [f"{SHOP}/a/{{{{x}}}}?q=${{y}}", f"{SHOP}/'\"\\<>é\n", "https://u:p@h.test:1/x", f"{SHOP}/#", "http://x y/", "x"]
)
BODIES = st.sampled_from(
    [
        '{"a":{"b":[1,null,"{{"]}}',
        '{"password":"é\\ud800"}',
        "[" * 3000,
        '"x"',
        "1",
        "a=b&a=c&=&{{=1",
        "@f",
        "x" * 90_000,
    ]
)
MEDIA = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""]
)


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    found = entry(
        draw(st.sampled_from(["GET", "POST", "PURGE", "get"])), draw(URLS), draw(BODIES),
        status=draw(st.sampled_from([200, 302, 404])),
        given=[("Location", draw(URLS)), ("Set-Cookie", "a=5f9c1a7be4b0{{")],
        sent=[("X-A", draw(st.text(max_size=9))), ("Authorization", "Bearer 5f9c1a7be4b0{{"), ("{{", "x")],
        post=(draw(MEDIA), draw(BODIES)), kind=draw(st.sampled_from(["fetch", "document", ""])),
    )  # fmt: skip
    for path in draw(st.lists(st.sampled_from(PATHS), max_size=3)):
        inner = found
        for key in path[:-1]:
            inner = inner[key] if isinstance(inner.get(key), dict) else {}
        inner[path[-1]] = draw(ODD)
    return found


PATHS = [
    ("time",), ("startedDateTime",), ("request",), ("response",), ("request", "method"), ("request", "url"),
    ("request", "headers"), ("request", "postData"), ("request", "postData", "text"), ("request", "postData", "params"),
    ("response", "status"), ("response", "headers"), ("response", "content"), ("response", "content", "text"),
    ("response", "content", "mimeType"), ("response", "cookies"), ("_resourceType",), ("request", "cookies"),
]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(entries(), min_size=1, max_size=4))
def test_whatever_stands_in_it_is_written_so_that_it_is_read_or_refused(found: list[dict[str, Any]]) -> None:
    try:
        text = import_har(har(*found), "odd\n.har")
    except UsageError:
        return
    read_back(text)


NAMES = st.sampled_from(["log", "entries", "request", "response", "url", "method"])
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_any_json_is_refused_in_one_line(value: Any) -> None:
    with pytest.raises(UsageError):
        import_har(json.dumps(value), "x.har")
