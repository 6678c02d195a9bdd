"""What is wrong in a workload file is refused in one line; no text and no value ends in anything else."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import TaskError, WorkloadError
from gluten.stats.request_stats import REDIRECT
from gluten.task.validate import PEM
from gluten.workload.example import EXAMPLE
from gluten.workload.tables.source import parse
from gluten.workload.task_of import planned, task_of
from gluten.workload.workload import Request, Workload

HEAD = 'url = "http://h"\n'

GET = '[request.a]\nget = "/"\n'


def workload_of(text: str, env: dict[str, str] | None = None, **given: Any) -> Workload:
    return planned(parse(text, "shop.toml"), text, given, {}, env or {})[1]


def only(text: str, env: dict[str, str] | None = None) -> Request:
    (request,) = workload_of(HEAD + text, env).requests
    return request


REFUSED = [
    ("vus = 5\n", "line 1: vus: is no key of the top of the file: write connections in [load]"),
    ("[load]\nvus = 5\n", "line 2: load.vus: is no key of [load]: write connections in [load]"),
    ("tiemout = 5\n", "line 1: tiemout: is no key of the top of the file: did you mean timeout?"),
    ("[load]\nslo = 'p99 < 1s'\n", "line 2: load.slo: belongs to the top of the file, above the first [table]"),
    ("rate = 5\n", "line 1: rate: belongs into [load]"),
    ("requests = 5\n", "write [request.NAME], or requests in [load]"),
    ("[load]\nbody = 'x'\n", "line 2: load.body: is no key of [load]"),
    (f"{HEAD}{GET}geet = '/'\n", "line 4: request.a.geet: is no key of [request.NAME]: did you mean get?"),
    (f"{HEAD}{GET}headers = []\n", "line 4: request.a.headers: is no key of [request.NAME]: write header = "),
    ("[[feed]]\nname = 'a'\nfile = 'a.csv'\npik = 'x'\n", "line 4: feed.pik: is no key of [[feed]]: did you"),
    (f"{HEAD}[request.a]\nget = '/${{x}}'\n", "line 3: request.a.get: ${x} is not filled in: write {{x}}"),
    ("a = {\nb = 1}\n", "line 1: an inline table { … } stands on one line in TOML 1.0"),
    ("a = [{b = 1},\n{b = [2}\n]\n", "or a } or ] is missing"),
    (f"{HEAD}{GET}[request.a]\npost = '/'\n", "is not TOML: Cannot declare request.a twice"),
    ("a = \n", "line 1: column 5: is not TOML: Invalid value"),
    ("url = http://h/\n", 'line 1: column 7: is not TOML: Invalid value (a text stands in quotes, as in "10s")'),
    ("[load]\nduration = 10s\n", 'after a statement (a text stands in quotes, as in "10s")'),
    ("a = 'x", "is not TOML"),
    ("a = 1\na = 2\n", "line 2: column 6: is not TOML: the key stands there already"),
    (f"a = {1 << 63}\n", "line 1: a: a whole number of TOML has 64 bits"),
    (f"a = {'1' * 5000}\n", "is not TOML"),
    ("redirects = 51\n", "line 1: redirects: must be a whole number from 0 to 50"),
    ("on_fail = 'go'\n", "line 1: on_fail: 'go' is not one of end, continue, stop"),
    ("[load]\ndrain = 'x'\n", "line 2: load.drain: 'x'"),
    (f"{HEAD}[load]\nhttp2 = true\n{GET}header = 'Upgrade: x'\n", "request.a: Upgrade: HTTP/2 forbids this header"),
    (f"{HEAD}[load]\nhttp2 = true\n{GET}header = 'TE: {{{{text 3}}}}'\n", "request.a: TE: HTTP/2 allows the value"),
    (f"{HEAD}[load]\nhttp2 = true\n[request.a]\nmethod = 'CONNECT'\npath = '/'\n", "request.a: CONNECT opens a"),
    ("[load]\narrivals = 'random'\n", "line 2: load.arrivals: 'random' is not one of even, poisson"),
    (f"{HEAD}{GET}take = 'body'\n", "line 4: request.a.take: must be a table of names"),
    (f"{HEAD}{GET}take = {{a = 5}}\n", "line 4: request.a.take.a: must be a text"),
    (f"{HEAD}{GET}take = {{a = 'bdy'}}\n", "line 4: request.a.take.a: bdy: a take begins with json, header"),
    (f"{HEAD}{GET}take = {{'a b' = 'body'}}\n", "line 4: request.a.take.a b: 'a b' is no name"),
    (f"{HEAD}{GET}take = {{{', '.join(f'a{n} = 1' for n in range(65))}}}\n", "line 4: request.a.take: has 65 names"),
    (f"{HEAD}{GET}on_fail = 'go'\n", "line 4: request.a.on_fail: 'go' is not one of end, continue, stop"),
    ("", "there is no request"),
    ("[request]\n", "there is no request"),
    ("request = 5\n", "line 1: request: must be a table"),
    ('[[request]]\nget = "/"\n', "line 1: request: is no list of tables: write [request.NAME]"),
    ("[load]\ncacert = 5\n", "line 2: load.cacert: must be the name of a PEM file beside this file, such as"),
    ("[load]\nkey = '-----BEGIN x'\n", "line 2: load.key: must be the name of a PEM file beside this file, such as"),
    (f"[load]\ncert = '{'x' * 1001}'\n", "line 2: load.cert: must be the name of a PEM file beside this file, such as"),
    ("[load]\ntimeout = '2s'\n", "line 2: load.timeout: belongs to the top of the file, above the first [table]"),
    ("[load]\nseed = 7\n", "line 2: load.seed: belongs to the top of the file, above the first [table]"),
    ("[load]\nu_latency = true\n", "is no key of [load]: give it on the command line, as --u_latency"),
    ("[request.a]\n", "line 1: request.a: no path: write one of get, post"),
    (f"{GET}", "line 2: request.a.get: is no whole URL, and there is no base"),
    (f"{HEAD}[request.a]\nget = 'x'\n", "must begin with /, with http:// or https://, or with a template"),
    (f"{HEAD}[request.a]\nget = ''\n", "must begin with /"),
    (f"{HEAD}[request.a]\nget = 5\n", "line 3: request.a.get: must be a text"),
    (f"{HEAD}[request.a]\nget = '/#x'\n", "line 3: request.a.get: has a fragment"),
    (f'{HEAD}[request.a]\nget = "/\\n"\n', "line 3: request.a.get: the text of the file has a line break"),
    (f"{HEAD}{GET}post = '/'\n", "line 4: request.a.post: there is get already"),
    (f"{HEAD}{GET}method = 'X'\n", "line 4: request.a.method: there is get already"),
    (f"{HEAD}[request.a]\npath = '/'\n", "line 2: request.a: method: '' is not a method"),
    (f"{HEAD}[request.a]\nget = 'http://{{{{text 3}}}}/'\n", "scheme and host are written out"),
    (f"{HEAD}[request.a]\nget = 'http://h:99999/'\n", "its port is not a number"),
    (f"{HEAD}[request.a]\nget = 'http:///'\n", "names no host"),
    (f"{HEAD}[request.a]\nget = '/{{{{user.name}}}}'\n", "line 2: request.a: user.name: there is no feed user"),
    (f"{HEAD}[request.a]\nget = '/{{{{tokn}}}}'\n[vars]\ntoken = 'x'\n", "tokn is neither a var nor a function"),
    (f"{HEAD}[request.a]\nget = '/{{{{tokn}}}}'\n[vars]\ntoken = 'x'\n", "did you mean token?"),
    (f"{HEAD}[request.a]\nget = '/{{{{'\n", "line 3: request.a.get: {{"),
    (f"{HEAD}{GET}check = ['stats == 200']\n", "line 4: request.a.check: stats == 200: a check begins with status"),
    (f"{HEAD}{GET}check = 5\n", "line 4: request.a.check: must be a list of texts"),
    (f"{HEAD}{GET}header = {{A = 'b'}}\n", "line 4: request.a.header: must be a list of lines"),
    (f"{HEAD}{GET}header = ['A b']\n", "line 4: request.a.header: 'A'… is not a header: it has no colon; write"),
    (f'{HEAD}{GET}header = ["A: b\\nC: d"]\n', "line 4: request.a.header: the text of the file has a line break"),
    (f"{HEAD}{GET}header = ['Host: {{{{text 3}}}}']\n", "line 4: request.a.header: Host: no template but {{env NAME}}"),
    (f"{HEAD}{GET}json = '{{'\n", "line 4: request.a.json: is not JSON"),
    (f"{HEAD}{GET}json = '{{\"a\": {{{{x}}}}}}'\n", "a template stands in a JSON text"),
    (f"{HEAD}{GET}json = inf\n", "line 4: request.a.json: JSON has no inf"),
    (f"{HEAD}{GET}json = 1\nbody = 'x'\n", "line 5: request.a.body: there is json already"),
    (f"{HEAD}{GET}form = 'a=b'\n", "line 4: request.a.form: must be a table of fields"),
    (f"{HEAD}{GET}body = 5\n", "line 4: request.a.body: must be a text, or @FILE"),
    (f"{HEAD}{GET}body = '@'\n", "line 4: request.a.body: @ names no file"),
    (f"{HEAD}{GET}weight = 0\n", "line 4: request.a.weight: must be a whole number from 1 to 10000"),
    (f"{HEAD}{GET}weight = 1.5\n", "line 4: request.a.weight: must be a whole number"),
    (f"{HEAD}{GET}weight = true\n", "line 4: request.a.weight: must be a whole number"),
    (f"{HEAD}{GET}weight = 9999\n[request.b]\nget = '/'\nweight = 9998\n", "line 2: request: "),
    (f"{HEAD}{GET}timeout = 0\n", "line 4: request.a.timeout: must be above 0"),
    (f"{HEAD}{GET}timeout = 'x'\n", "line 4: request.a.timeout: 'x' is not a time"),
    (f"{HEAD}{GET}timeout = nan\n", "line 4: request.a.timeout: must be a text"),
    ("name = 5\n", "line 1: name: must be a text, in quotes"),
    ('name = "a\\nb"\n', "line 1: name: has a line break"),
    (f"name = '{'x' * 201}'\n", "line 1: name: has 201 characters; at most 200"),
    ("seed = -1\n", "line 1: seed: must be a whole number from 0"),
    ("load = 5\n", "line 1: load: must be a table"),
    (f"{HEAD}{GET}[load]\nrate = -5\n", "line 5: load.rate: '-5' is not a number"),
    (f"{HEAD}{GET}[load]\nrate = 0\n", "line 5: load.rate: 0 is not allowed"),
    (f"{HEAD}{GET}[load]\nrate = []\n", "line 5: load.rate: must be a number, or a text"),
    (f"{HEAD}{GET}[load]\ninsecure = 'yes'\n", "line 5: load.insecure: must be true or false"),
    (f"{HEAD}{GET}[load]\nstages = '0s'\n", "line 5: load.stages: '0s' is not TIME:RATE"),
    (f"{HEAD}{GET}[load]\nresolve = ['x']\n", "line 5: load.resolve: 'x' is not HOST:PORT:ADDR"),
    (f"url = 'h'\n{GET}", "line 1: url: 'h' needs http:// or https:// in front"),
    (f"url = 'http://h/?a'\n{GET}", "line 1: url: has a query or a fragment"),
    (f"url = 'http://{{{{text 3}}}}/'\n{GET}", "line 1: url: {{text 3}} cannot stand here"),
    (f"url = 'http://{{{{env HOST}}}}/'\n{GET}", "line 1: url: {{env HOST}}: HOST is not set in the environment"),
    ("feed = 5\n", "line 1: feed: is a list of tables: write [[feed]]"),
    ("[[feed]]\nfile = 'a.csv'\n", "line 1: feed: name is missing"),
    ("[[feed]]\nname = 'a'\n", "line 1: feed: file is missing"),
    ("[[feed]]\nname = 'a b'\nfile = 'a.csv'\n", "line 2: feed.name: 'a b' is no name"),
    ("[[feed]]\nname = 'a'\nfile = 'a.xls'\n", "line 3: feed.file: 'a.xls': must end in .csv, .jsonl, .txt"),
    ("[[feed]]\nname = 'a'\nfile = 'a.csv'\npick = 'any'\n", "'any' is not one of unique, cycle, shuffle, random"),
    ("[[feed]]\nname = 'a'\nfile = 'a.csv'\nat_end = 'stop'\n", 'line 4: feed.at_end: belongs to pick = "unique"'),
    ("[[feed]]\nname = 'a'\nfile = 'a.csv'\nper = 'request'\n", "line 4: feed.per: request belongs to"),
    ("[[feed]]\nname = 'a'\nfile = 'a.txt'\nseparator = ';'\n", "line 4: feed.separator: belongs to a .csv file"),
    ("[[feed]]\nname = 'a'\nfile = 'a.csv'\nseparator = ';;'\n", "line 4: feed.separator: has 2 characters; at most 1"),
    ("[[feed]]\nname = 'a'\nfile = 'a.csv'\n[[feed]]\nname = 'a'\nfile = 'b.csv'\n", "line 5: feed.name: there are"),
    ("[vars]\na = '{{b}}'\nb = '{{a}}'\n", "names itself: "),
    ("[vars]\n'a b' = 'x'\n", "line 2: vars.a b: 'a b' is no name"),
    ("[vars]\na = []\n", "line 2: vars.a: must be a text, a number, true or false"),
    (f"{HEAD}[[feed]]\nname = 'u'\nfile = 'u.csv'\n{GET}", "line 2: feed: no request uses u: name a column"),
    (f"{HEAD}[request.a]\nget='/{{{{u}}}}'\n[[feed]]\nname = 'u'\nfile = 'u.csv'\n", "u is a feed: name a column"),
    (f"{HEAD}[vars]\nu = 'x'\n[[feed]]\nname = 'u'\nfile = 'u.csv'\n{GET}", "line 3: vars.u: is a feed, too"),
    (f"{HEAD}[request.{'a' * 65}]\nget = '/'\n", "a name has 1 to 64 characters"),
    (f'{HEAD}[request."a\\u0001"]\nget = "/"\n', "a name has 1 to 64 characters and no control character"),
    (f'{HEAD}[request."a\\u0085"]\nget = "/"\n', "a name has 1 to 64 characters and no control character"),
    (f'{HEAD}[request."a{REDIRECT}"]\nget = "/"\n', "a name does not end with (redirect): what redirects ask for"),
    (HEAD + "".join(f"[request.r{n}]\nget = '/'\n" for n in range(65)), "there are 65 requests; at most 64"),
    ("".join(f"[request.r{n}]\nget = 'http://h{n}/'\n" for n in range(9)), "the requests go to 9 hosts; at most 8"),
    ("[[feed]]\n" * 17, "there are 17 feeds; at most 16"),
    ("#" * ((1 << 20) + 1), "at most 1 MiB"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[message[:60] for _, message in REFUSED])
def test_what_is_wrong_is_told_in_one_line(text: str, message: str) -> None:
    with pytest.raises(WorkloadError) as caught:
        workload_of(text)
    said = str(caught.value)
    assert message in said
    assert said.startswith("shop.toml: ")
    assert "\n" not in said
    assert caught.value.field == "workload"


@pytest.mark.parametrize(
    ("text", "given", "field"),
    [
        (f"{HEAD}{GET}", {"method": "POST"}, "method"),
        (f"{HEAD}{GET}", {"body": b"x"}, "body"),
        (f"{HEAD}{GET}", {"url": "h"}, "url"),
        (f"{HEAD}{GET}", {"seed": -1}, "seed"),
        (f"{HEAD}{GET}", {"headers": ((5, 6),)}, "headers"),
        (f"{HEAD}{GET}[load]\nthreads = 5\nconnections = 2\n", {}, "connections"),
    ],
)
def test_what_is_given_on_top_is_refused_by_its_own_name(text: str, given: dict[str, Any], field: str) -> None:
    with pytest.raises(TaskError) as caught:
        task_of(text, given, {})
    assert caught.value.field == field


def test_sessions_with_connections_of_their_own_share_no_streams() -> None:
    scenario = "[[scenario]]\nname = 's'\nconnection = 'new'\ndo = ['a']\n"
    with pytest.raises(TaskError, match=r"line 9: scenario\.connection: new: each session has connections"):
        workload_of(f"{HEAD}[load]\nhttp2 = true\nstreams = 2\n{GET}{scenario}")
    workload_of(f"{HEAD}[load]\nhttp2 = true\n{GET}{scenario}")


def test_a_file_whose_text_did_not_come_is_refused_by_the_field_that_takes_it() -> None:
    text = f"{HEAD}{GET}[load]\ncacert = 'ca.pem'\n"
    with pytest.raises(TaskError) as caught:
        task_of(text, {}, {})
    assert str(caught.value) == (
        "workload: line 5: load.cacert: the text of 'ca.pem' did not come with the workload: give it in the task's "
        "field cacert"
    )
    assert caught.value.field == "cacert"
    assert task_of(text, {"cacert": PEM}, {}).cacert == PEM


def test_what_the_load_says_and_no_task_may_have_is_told_with_its_line() -> None:
    with pytest.raises(TaskError, match=r"line 3: load\.streams: 2 needs --http2"):
        workload_of(f"{HEAD}[load]\nstreams = 2\n{GET}")


def test_the_example_is_a_workload(tmp_path: Path) -> None:
    workload = workload_of(EXAMPLE)
    assert workload.weights == (6, 3, 1)
    assert [request.constant for request in workload.requests] == [True, False, False]


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    assert only("".join(f"{line}\r\n" for line in GET.splitlines())).name == "a"
    assert workload_of("\ufeff" + HEAD + GET).requests[0].name == "a"


KEYS = st.sampled_from(
    ["name", "url", "header", "seed", "timeout", "slo", "vars", "load", "feed", "request", "get", "post", "json",
     "form", "body", "check", "weight", "rate", "file", "pick", "a", "b", "scenario", "do", "take", "setup", "on_fail",
     "redirects"]
)  # fmt: skip
SCALARS = (
    st.integers(-(1 << 70), 1 << 70)
    | st.floats()
    | st.booleans()
    | st.datetimes()
    | st.dates()
    | st.sampled_from(
        ["/", "http://h/", "{{seq}}", "{{", "${x}", "@f", "A: b", "status == 200", "p99 < 1s", "1k", "", "\0", "u.csv"]
    )
)
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@given(st.dictionaries(KEYS, TREES, max_size=5))
def test_any_value_is_read_or_refused_in_one_line(document: dict[str, Any]) -> None:
    text = "".join(f"{key} = {toml(value)}\n" for key, value in document.items())
    refused_or_read(text)


@given(st.dictionaries(KEYS, TREES, max_size=3), st.dictionaries(KEYS, TREES, max_size=3), st.dictionaries(KEYS, TREES))
def test_any_request_feed_and_load_is_read_or_refused(request: dict[str, Any], feed: dict[str, Any], load: Any) -> None:
    feed = {"name": "u", "file": "u.csv"} | feed
    refused_or_read(f"{HEAD}load = {toml(load)}\nfeed = [{toml(feed)}]\nrequest = {{a = {toml(request)}}}\n")


@given(st.text(max_size=100) | st.text(st.sampled_from("[]{}=\"'\n.,#a1{{env A}}"), max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    refused_or_read(text)


def refused_or_read(text: str) -> None:
    said = ""
    try:
        workload_of(text, {"A": "1"})
    except TaskError as error:
        said = str(error)
    assert said.isprintable()


def toml(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case str():
            return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return repr(value).replace("e", ".0e") if "." not in repr(value) and "e" in repr(value) else repr(value)
        case _:
            return str(value.isoformat())


def test_the_writer_of_this_test_writes_toml() -> None:
    assert tomllib.loads(f"a = {toml({'b': [1, 'x', True, 1e300, 1.5]})}") == {"a": {"b": [1, "x", True, 1e300, 1.5]}}
