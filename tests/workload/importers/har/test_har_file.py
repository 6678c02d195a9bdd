"""A recording becomes a workload file: its order, its pauses, its bodies, and no static files."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from gluten.errors import UsageError
from gluten.workload.importers.har.har_file import import_har
from gluten.workload.scenarios.steps import Ask, Repeat, Think, every_step
from tests.support.imported import entry, har, read_back

SHOP = "https://shop.test"


def imported(*entries: dict[str, Any]) -> dict[str, Any]:
    """The file as TOML. It must be one that the reader takes."""
    text = import_har(har(*entries), "shop.har")
    read_back(text)
    return tomllib.loads(text)


def about(*entries: dict[str, Any]) -> str:
    text = import_har(har(*entries), "shop.har")
    return "\n".join(line for line in text.splitlines() if line.startswith("#"))


def test_the_scenario_has_the_order_and_the_pauses_of_the_recording() -> None:
    text = import_har(
        har(
            entry("GET", f"{SHOP}/b", at=3.51),
            entry("GET", f"{SHOP}/", at=0),
            entry("GET", f"{SHOP}/c", at=3.53),
            entry("GET", f"{SHOP}/b", at=200),
        ),
        "shop.har",
    )
    workload = read_back(text)
    (scenario,) = workload.scenarios
    shown = [workload.requests[s.request].name if isinstance(s, Ask) else s for s in scenario.do]
    assert shown == ["get-home", Think(3.5, 3.5), "get-b", "get-c", Think(60, 60), "get-b"]
    assert "1 pause of more than 60s: cut to that." in text


def test_requests_in_parallel_have_no_pause_between() -> None:
    slow = entry("GET", f"{SHOP}/slow", at=0) | {"time": 5000}
    file = imported(slow, entry("GET", f"{SHOP}/a", at=2), entry("GET", f"{SHOP}/b", at=5.3))
    assert file["scenario"][0]["do"] == ["get-slow", "get-a", {"think": "0.3s"}, "get-b"]


def test_a_poll_is_a_repeat() -> None:
    text = import_har(
        har(*(entry("GET", f"{SHOP}/state", at=i) for i in range(5)), entry("GET", f"{SHOP}/x", at=9)), "x"
    )
    workload = read_back(text)
    (scenario,) = workload.scenarios
    repeat = next(step for step in scenario.do if isinstance(step, Repeat))
    assert (repeat.low, repeat.high) == (4, 4)
    assert sum(isinstance(step, Ask) for step in every_step(scenario.do)) == 3
    assert len(workload.requests) == 2


def test_static_files_and_measuring_are_left_out_and_said() -> None:
    entries = [
        entry("GET", f"{SHOP}/", media="text/html", kind="document"),
        entry("GET", f"{SHOP}/a.css", media="text/css", kind="stylesheet"),
        entry("GET", "https://cdn.test/b.js", media="text/javascript", kind="script"),
        entry("GET", "https://cdn.test/c.png", media="image/png", kind="image"),
        entry("POST", "https://www.google-analytics.com/g/collect", kind="fetch"),
        entry("POST", f"{SHOP}/beacon", kind="ping"),
        entry("OPTIONS", f"{SHOP}/api", sent=[("access-control-request-method", "POST")]),
        entry("GET", "wss://shop.test/live", status=101, kind="websocket", _webSocketMessages=[{"type": "send"}]),
        entry("GET", f"{SHOP}/blocked", status=0),
        entry("GET", "data:text/plain,x"),
        entry("GET", "blob:https://shop.test/1"),
    ]
    assert list(imported(*entries)["request"]) == ["get-home"]
    said = about(*entries)
    assert "Left out, static files: 2 of cdn.test, 1 of shop.test." in said
    assert "measuring services: 1 of www.google-analytics.com, 1 of shop.test" in said
    assert "CORS preflights: 1 of shop.test" in said
    assert "web sockets and event streams: 1 of shop.test" in said
    assert "not answered: 1 of shop.test" in said
    assert "cannot be loaded: 2 of no host" in said


def test_files_without_a_kind_are_known_by_their_names() -> None:
    """Firefox and Safari do not say what a request was for."""
    plain = [entry("GET", f"{SHOP}/{name}", media="") for name in ("a.woff2", "b.min.js", "api.json", "page")]
    for one in plain:
        del one["_resourceType"]
    assert list(imported(*plain)["request"]) == ["get-api.json", "get-page"]


def test_several_hosts() -> None:
    file = imported(
        entry("GET", f"{SHOP}/"), entry("GET", "https://api.test:8443/v1/me"), entry("POST", f"{SHOP}/x"),
    )  # fmt: skip
    assert file["url"] == SHOP
    assert file["request"]["get-v1-me"]["get"] == "https://api.test:8443/v1/me"


def test_the_first_page_is_of_the_base_whoever_else_is_asked() -> None:
    others = [entry("GET", f"https://ads{number % 9}.test/{number}", at=number) for number in range(1, 20)]
    page = entry("GET", "https://www.shop.test/", media="text/html", kind="document")
    late = entry("GET", "https://api.shop.test/me", at=30)
    text = import_har(har(page, *others, late), "x")
    workload = read_back(text)
    assert workload.url == "https://www.shop.test"
    assert "https://api.shop.test" in workload.origins
    assert len(workload.origins) == 8


def test_one_host_alone() -> None:
    entries = [entry("GET", f"{SHOP}/a"), entry("GET", "https://ads.test/b")]
    assert [one.name for one in read_back(import_har(har(*entries), "x", ["SHOP.test"])).requests] == ["get-a"]
    with pytest.raises(UsageError, match=r"none of its 0 entries to none\.test is"):
        import_har(har(*entries), "x", ["none.test"])


def test_the_ninth_host_is_left_out() -> None:
    entries = [entry("GET", f"https://h{number}.test/", at=number) for number in range(9)] + [
        entry("GET", "https://h0.test/x")
    ]
    assert len(read_back(import_har(har(*entries), "x")).origins) == 8
    assert "requests to h8.test: a file asks up to 8 hosts" in about(*entries)


def test_headers_of_the_browser_s_own_are_left_out() -> None:
    sent = [
        (":method", "GET"), (":authority", "shop.test"), ("Host", "shop.test"), ("Cookie", "sid=1"), ("Accept", "*/*"),
        ("Accept-Encoding", "gzip, br"), ("Connection", "keep-alive"), ("sec-ch-ua", "x"), ("Sec-Fetch-Mode", "cors"),
        ("Content-Length", "3"), ("If-None-Match", '"x"'), ("Referer", f"{SHOP}/"), ("X-Tenant", "t1"),
        ("Priority", "u=1"),
    ]  # fmt: skip
    file = imported(entry("GET", f"{SHOP}/a", sent=sent))
    assert file["request"]["get-a"]["header"] == ["Accept: */*", "X-Tenant: t1"]


def test_headers_that_all_requests_have_stand_at_the_top() -> None:
    common = [("User-Agent", "Browser/1"), ("Accept", "*/*")]
    file = imported(entry("GET", f"{SHOP}/a", sent=common), entry("GET", f"{SHOP}/b", sent=[*common, ("X-A", "1")]))
    assert file["header"] == ["User-Agent: Browser/1", "Accept: */*"]
    assert "header" not in file["request"]["get-a"]
    assert file["request"]["get-b"]["header"] == ["X-A: 1"]


def test_what_names_one_request_is_drawn_anew() -> None:
    file = imported(entry("POST", f"{SHOP}/pay", sent=[("Idempotency-Key", "5f9c1a7be4b0"), ("X-Request-Id", "1")]))
    assert file["request"]["post-pay"]["header"] == ["Idempotency-Key: {{uuid}}", "X-Request-Id: {{uuid}}"]


@pytest.mark.parametrize(
    ("post", "key", "body"),
    [
        (("application/json; charset=utf-8", '{"a": 1, "b": "{{x}}"}'), "json", {"a": 1, "b": "{{'{{'}}x}}"}),
        (("application/json", '{"a": null, "n": 1.10}'), "json", '{"a":null,"n":1.10}'),
        (("application/json", "not json"), "body", "not json"),
        (("application/x-www-form-urlencoded", "a=b+c&d=&e=1&e=2"), "form", {"a": "b c", "d": "", "e": ["1", "2"]}),
        (("text/plain", "@home\n"), "body", "{{'@'}}home\n"),
        (("application/xml", "<a>'''\t\"</a>"), "body", "<a>'''\t\"</a>"),
    ],
)
def test_bodies(post: tuple[str, str], key: str, body: Any) -> None:
    request = imported(entry("POST", f"{SHOP}/x", post=post, sent=[("content-type", post[0])]))["request"]["post-x"]
    assert request[key] == body
    assert ("header" in request) is (key == "body")


def test_a_form_in_parts() -> None:
    media = "multipart/form-data; boundary=--X"
    parts = (
        'form-data; name="title"\r\n\r\n@x',
        'form-data; name="photo"; filename="C:\\p.jpg"\r\nContent-Type: image/jpeg\r\n\r\n',
    )
    text = "".join(f"----X\r\nContent-Disposition: {part}\r\n" for part in parts) + "----X--\r\n"
    written = import_har(har(entry("POST", f"{SHOP}/up", post=(media, text), sent=[("Content-Type", media)])), "x")
    read_back(written)
    request = tomllib.loads(written)["request"]["post-up"]
    assert request["multipart"] == {"title": "{{'@'}}x", "photo": "@p.jpg"}
    assert "header" not in request
    assert "# p.jpg: looked up beside this file" in written


def test_a_body_that_is_long_or_no_text_is_left_out_and_said() -> None:
    long = import_har(har(entry("POST", f"{SHOP}/x", post=("text/plain", "x" * 70_000))), "x")
    assert "# left out: its body of 70,000 characters" in long
    binary = import_har(har(entry("POST", f"{SHOP}/x", post=("application/octet-stream", "a\ufffdb"))), "x")
    assert "# left out: its body is no text" in binary


def test_the_status_that_was_answered_is_expected() -> None:
    file = imported(
        entry("GET", f"{SHOP}/a", status=404), entry("GET", f"{SHOP}/b", status=304),
        entry("POST", f"{SHOP}/c", status=201),
    )  # fmt: skip
    checks = {name: request.get("check") for name, request in file["request"].items()}
    assert checks == {"get-a": ["status == 404"], "get-b": None, "post-c": ["status == 201"]}


def test_more_than_64_requests_are_cut_where_the_65th_begins() -> None:
    entries = [entry("GET", f"{SHOP}/p{chr(97 + i // 26)}{chr(97 + i % 26)}", at=i) for i in range(80)]
    text = import_har(har(*entries), "x")
    assert len(read_back(text).requests) == 64
    assert "Left out: the last 16 requests of the recording." in text


def test_a_scenario_has_no_more_steps_than_the_reader_takes() -> None:
    entries = [entry("GET", f"{SHOP}/p{number % 3}", at=number * 0.2) for number in range(900)]
    text = import_har(har(*entries), "x")
    read_back(text)
    assert "Left out: the last 400 requests of the recording." in text


def test_a_file_keeps_within_1_mib() -> None:
    entries = [entry("POST", f"{SHOP}/p{i}", post=("text/plain", "x" * 60_000), at=i) for i in range(40)]
    text = import_har(har(*entries), "x")
    assert len(text.encode()) <= 1 << 20
    assert 5 <= len(read_back(text).requests) <= 17


def test_cookies_from_before_the_recording_are_told() -> None:
    entries = [
        entry("GET", f"{SHOP}/", given=[("set-cookie", "a=1; Path=/\nb=2")]),
        entry("GET", f"{SHOP}/x", sent=[("cookie", "a=1; b=2; old=3")]),
    ]
    assert "so sessions do not send them: old." in about(*entries)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not JSON"),
        ("[" * 5000, "is not JSON"),
        ("{}", "has no log.entries"),
        ('{"log": {"entries": 3}}', "has no log.entries"),
        (har(entry("GET", f"{SHOP}/a.png", kind="image")), "none of its 1 entries is a request of an application"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_line(content: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as told:
        import_har(content, "x.har")
    assert "\n" not in str(told.value)
