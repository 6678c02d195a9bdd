"""A task is checked when it is made, and each refusal names its field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import TaskError
from gluten.task.limits import (
    MAX_AUTHORITIES,
    MAX_BODY,
    MAX_ENV_BYTES,
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    MAX_METHOD,
    MAX_PEM,
    MAX_RULE,
    MAX_RULES,
    MAX_STAGES,
    MAX_URL,
    MAX_WORKLOAD,
)
from gluten.task.task import Task
from gluten.task.validate import PEM

URL = "http://127.0.0.1:8080/"
DIGEST = "0123456789abcdef" * 4

REFUSALS: list[tuple[str, dict[str, Any]]] = [
    *(("url", {"url": url}) for url in (
        "", "127.0.0.1:8080", "localhost/x", "ftp://host/", "http:host", "http:///x", "http://", "http://host:0/",
        "http://host:99999/", "http://host:x/", "http://ho st/", "http://host/a b", "http://host/\r\nX: y", "http://[::1/",
        "http://[::1]x/", "http://[]/", "http://a..b/", "http://./", "http://:80/", "http://me@/", "http://a/\udcff",
        f"http://{'a' * 64}.b/", f"http://b\u00fccher{'a' * 60}.b/",
        None, 5, b"http://host/",
    )),
    *(("threads", {"threads": n}) for n in (0, -1, 1.5, "2", True, 10**9)),
    *(("connections", {"connections": n}) for n in (0, -1, 1.5, "2", 10**9)),
    ("connections", {"threads": 4, "connections": 3}),
    *(("requests", {"requests": n}) for n in (0, -1, 2.0, "2", 10**14)),
    *(("duration", {"duration": t}) for t in (0, -1, float("nan"), float("inf"), "10s", 10**9)),
    ("duration", {"duration": None}),
    *(("rate", {"rate": r}) for r in (0, -5, float("nan"), float("inf"), "1k", True, 1e9)),
    *(("timeout", {"timeout": t}) for t in (0, -1, None, float("inf"))),
    ("stages", {"stages": ((0.0, 1.0),), "rate": 5.0}),
    *(("stages", {"stages": points}) for points in (
        ((0.0, 0.0),), ((0.0, -1.0),), ((-1.0, 5.0),), ((0.0, 1.0), (0.0, 2.0)), ((5.0, 1.0), (1.0, 2.0)),
        ((0.0, float("nan")),), ((0.0,),), ((0.0, 1.0, 2.0),), ((0.0, "1"),), ((0.0, 1e12),),
    )),
    ("stages", {"stages": ((0.0, 10.0), (5.0, 0.0)), "duration": None, "requests": 1000}),
    *(("method", {"method": m}) for m in ("", "GE T", "GET\r\n", None, "Ä")),
    *(("body", {"body": b}) for b in ("text", None, b"x" * (MAX_BODY + 1))),
    *(("headers", {"headers": h}) for h in (
        (("A", "b\r\nC: d"),), (("A b", "c"),), (("", "c"),), (("A", "\ud800"),), (("A",),), (("A", 1),),
        (("A\n", "b"),), (("A", "b\n"),), (("A", "b\rc"),), (("A", "b\0"),), (("A", "b\x1f"),), (("A", "b\x7f"),),
        (("\u20ac", "b"),), (("A\u00a0", "b"),), (("A", "\u20ac" * (MAX_HEADER_BYTES // 3)),),
    )),
    *(("resolve", {"resolve": r}) for r in (("host:127.0.0.1",), ("host:x:127.0.0.1",), (5,), ("",))),
    ("resolve", {"resolve": ("\udcff:80:127.0.0.1",)}),
    *(("max_body", {"max_body": n}) for n in (0, -1, 1.5, None)),
    *(("seed", {"seed": n}) for n in (-1, 0.5, True, None, "1", 10**15 + 1)),
    *(("slo", {"slo": texts}) for texts in ((5,), ("x" * 301,), ("\0",), ("p99 < 1s",) * 65)),
    *(("workload", {"workload": text}) for text in (None, 5, b"", "\0", "\ud800", "\u20ac" * (MAX_WORKLOAD // 3 + 1))),
    *(("env", {"workload": "x", "env": pairs}) for pairs in (
        (("A B", ""),), (("1A", ""),), (("", ""),), ((5, ""),), (("A", 5),), (("A", "\0"),), (("A", "\ud800"),),
        (("A", "x" * MAX_ENV_BYTES),), tuple((f"A{n}", "") for n in range(201)),
    )),
    *(("files", {"workload": "x", "files": pairs}) for pairs in (
        (("", DIGEST),), (("a", "x"),), (("a", DIGEST.upper()),), ((5, DIGEST),), (("a", None),), (("\0", DIGEST),),
        (("a" * 1001, DIGEST),), tuple((f"f{n}", DIGEST) for n in range(101)),
    )),
    ("env", {"env": (("A", "b"),)}),
    ("files", {"files": (("a.csv", DIGEST),)}),
    ("method", {"workload": "x", "method": "POST"}),
    ("body", {"workload": "x", "body": b"x"}),
    ("on_loss", {"on_loss": "ignore"}),
    ("split", {"split": "fair"}),
    *((name, {name: value}) for name in ("keepalive", "insecure", "http2") for value in (1, "yes", None)),
    *((name, {name: 5}) for name in ("name", "cacert", "cert", "key")),
    ("secret", {"secret": 1}),
    ("url", {"url": URL.ljust(MAX_URL + 1, "x")}),
    ("headers", {"headers": (("A", "b"),) * (MAX_HEADERS + 1)}),
    ("headers", {"headers": (("A", "b" * MAX_HEADER_BYTES),)}),
    ("stages", {"stages": tuple((float(at), 1.0) for at in range(MAX_STAGES + 1))}),
    ("resolve", {"resolve": ("a:80:127.0.0.1",) * (MAX_RULES + 1)}),
    ("resolve", {"resolve": ("a:80:" + "1" * MAX_RULE,)}),
    ("resolve", {"resolve": ("a:8000000000000000000000:1",)}),
    ("method", {"method": "M" * (MAX_METHOD + 1)}),
    ("cacert", {"cacert": PEM.ljust(MAX_AUTHORITIES + 1)}),
    *((name, {name: PEM.ljust(MAX_PEM + 1)}) for name in ("cert", "key")),
    ("name", {"name": "x" * 201}),
    ("name", {"name": "\udcff"}),
    ("name", {"name": "a\x00b"}),
    ("resolve", {"resolve": ("a\x00:80:127.0.0.1",)}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "values"), REFUSALS)
def test_a_refusal_names_its_field_in_one_line(field: str, values: dict[str, Any]) -> None:
    with pytest.raises(TaskError) as caught:
        Task(**({"url": URL} | values))
    assert caught.value.field == field
    assert str(caught.value).startswith(field.replace("_", "-") + ": ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("field", "values"), REFUSALS)
def test_a_map_from_outside_is_refused_like_words(field: str, values: dict[str, Any]) -> None:
    with pytest.raises(TaskError) as caught:
        Task.from_map({"url": URL} | values)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"url": 5},
        {"url": URL, "colour": "red"},
        {"url": URL, "headers": 5},
        {"url": URL, "headers": [5]},
        {"url": URL, "stages": [[1, 2], 3]},
        {"url": URL, "resolve": None},
        {"url": URL, "headers": None},
        {"url": URL, 5: 6},
        {"url": URL, "stages": "0s:1"},
        {"url": URL, "threads": []},
    ],
)
def test_any_malformed_map_is_a_task_error(values: dict[Any, Any]) -> None:
    with pytest.raises(TaskError):
        Task.from_map(values)


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(TaskError, match="colour") as caught:
        Task.from_map({"url": URL, "colour": "red"})
    assert caught.value.field == "colour"


SINGLE: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"method": st.sampled_from(["GET", "POST", "HEAD", "X-Y"]), "body": st.binary(max_size=50)}
)
WORKLOAD: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "workload": st.just("url = 'http://a/'"),
        "env": st.sampled_from([(), (("A", "x"), ("B_1", ""))]),
        "files": st.sampled_from([(), (("a.csv", DIGEST),)]),
    }
)


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    threads = draw(st.integers(1, 50))
    stages = draw(st.booleans())
    return Task(
        draw(st.sampled_from([URL, "https://user:secret@example.com/x?y=1", "http://[::1]:9/"])),
        threads=threads,
        connections=threads + draw(st.integers(0, 100)),
        duration=draw(st.floats(0.001, 1e5)),
        requests=draw(st.none() | st.integers(1, 10**9)),
        rate=None if stages else draw(st.none() | st.floats(0.001, 1e6)),
        stages=((0.0, 1.0), (draw(st.floats(0.1, 100)), draw(st.floats(0, 100)))) if stages else (),
        headers=tuple(
            draw(st.lists(st.tuples(st.sampled_from(["A", "b-C"]), st.text("az \t~é", max_size=9)), max_size=3))
        ),
        resolve=tuple(draw(st.lists(st.sampled_from(["a:1:::1", "b.c:443:127.0.0.1"]), max_size=2))),
        http2=draw(st.booleans()),
        keepalive=draw(st.booleans()),
        name=draw(st.text(max_size=20).map(lambda text: text.replace("\x00", ""))),
        on_loss=draw(st.sampled_from(["rebalance", "continue", "fail"])),
        slo=tuple(draw(st.lists(st.just("p99 < 1s"), max_size=2))),
        **draw(SINGLE | WORKLOAD),
    )


@given(tasks())
def test_a_task_survives_the_wire(task: Task) -> None:
    assert Task.from_map(task.to_map()) == task


@given(tasks())
def test_the_map_is_plain(task: Task) -> None:
    def plain(value: Any) -> bool:
        if isinstance(value, list):
            return all(map(plain, value))
        if isinstance(value, dict):
            return all(map(plain, value.values()))
        return value is None or type(value) in (str, int, float, bool, bytes)

    assert all(plain(value) for value in task.to_map().values())


def test_a_task_never_changes() -> None:
    with pytest.raises(AttributeError):
        Task(URL).threads = 5  # type: ignore[misc]


def test_a_task_with_other_values_is_checked_too() -> None:
    assert Task(URL)._replace(threads=5) == Task(URL, threads=5)
    with pytest.raises(TaskError, match="threads"):
        Task(URL)._replace(threads=0)


@pytest.mark.parametrize(
    ("url", "port"), [("http://a/", 80), ("https://a/", 443), ("http://a:81/", 81), ("https://[::1]:8443/", 8443)]
)
def test_the_port_follows_the_scheme(url: str, port: int) -> None:
    assert Task(url).port == port


def test_a_rate_or_stages_make_it_an_open_loop() -> None:
    assert not Task(URL).open_loop
    assert Task(URL, rate=5.0).open_loop
    assert Task(URL, stages=((0.0, 5.0),)).open_loop


SECRETS = [
    {"url": "http://user:CANARY@a/"},
    {"url": "http://a/?x=1&api_key=CANARY"},
    {"headers": (("Accept", "x"), ("authorization", "CANARY"))},
    {"body": b"CANARY", "secret": True},
    {"headers": (("X-Plain", "CANARY"),), "secret": True},
    {"key": "-----BEGIN CANARY"},
]


@pytest.mark.parametrize("fields", SECRETS)
def test_secrets_are_neither_shown_nor_kept(fields: dict[str, Any]) -> None:
    task = Task(**({"url": URL} | fields))
    for shown in (repr(task), repr(task.redacted()), repr(task.public().to_map()), repr([task])):
        assert "CANARY" not in shown
    assert "CANARY" in repr(task.to_map())


@pytest.mark.parametrize("fields", SECRETS)
def test_a_task_without_its_secrets_is_a_task_that_says_so(fields: dict[str, Any]) -> None:
    task = Task(**({"url": URL} | fields))
    task.check_whole()
    public = Task.from_map(task.public().to_map())
    (field,) = public.withheld
    assert field in fields
    with pytest.raises(TaskError, match=f"{field}: .* write it again") as caught:
        public.check_whole()
    assert caught.value.field == field
    assert public.public() == public


@given(tasks())
def test_a_task_without_secrets_is_not_changed(task: Task) -> None:
    assert "@" in task.url or task.public() == task


@pytest.mark.parametrize("path", ["/etc/ssl/key.pem", "key.pem", "../x", "/proc/self/environ", "file:///etc/passwd"])
@pytest.mark.parametrize("field", ["cacert", "cert", "key"])
def test_a_path_is_not_accepted_as_a_certificate(field: str, path: str) -> None:
    with pytest.raises(TaskError, match="not its path") as caught:
        Task(URL, **{field: path})  # type: ignore[arg-type]
    assert caught.value.field == field


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "http://me:CANARY@a b/"},
        {"url": "me:CANARY@a"},
        {"url": "http://me:CANARY@a:x/"},
        {"url": "http://me:CANARY@"},
        {"url": "http://me:CAN/CANARY@a/"},
        {"headers": (("A", "CANARY\n"),)},
        {"headers": (("A", "CANARY", 5),)},
        {"url": "ftp://a/?token=CANARY"},
        {"key": "CANARY"},
        {"body": "CANARY"},
    ],
)
def test_a_refusal_does_not_repeat_a_secret(fields: dict[str, Any]) -> None:
    with pytest.raises(TaskError) as caught:
        Task(**({"url": URL} | fields))
    assert "CANARY" not in str(caught.value)


def test_a_body_is_shown_as_text() -> None:
    assert Task(URL, body=b"\xff{}").redacted()["body"] == "\ufffd{}"


@pytest.mark.parametrize(
    ("url", "authority"),
    [("http://t.test/", "t.test:80"), ("https://u:p@t.test/", "t.test:443"), ("http://[::1]:81/", "[::1]:81")],
)
def test_the_authority_has_the_port_and_brackets(url: str, authority: str) -> None:
    assert Task(url).authority == authority
