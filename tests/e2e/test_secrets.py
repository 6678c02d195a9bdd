"""Canaries: secrets are planted wherever a task has room for one. The target gets them; nothing else ever does.

What is searched: all that the nodes wrote (database, spool, logs at debug level), all that they serve (pages, API,
events, every report format, gRPC), all that the commands print, and the process list.
"""

from __future__ import annotations

import base64
import http.server
import json
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import psycopg2
import pytest

from gluten.net import gluten_pb2 as pb
from gluten.net import gluten_pb2_grpc
from gluten.report.formats.export import FORMATS
from gluten.store.store import Store
from tests.support.e2e.programs import Cluster, Done, gluten
from tests.support.nginx import Certificate, self_signed

WORDS = ["header", "apikey", "cookie", "query", "user", "pass", "body", "plain"]
CANARY = {word: f"canary0{word}0canary" for word in WORDS}


class Seen(http.server.ThreadingHTTPServer):
    """The target. It remembers what reached it."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.seen: set[str] = set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def host(self) -> str:
        return f"localhost:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that ends early is expected."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Seen

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        basic = self.headers.get("Authorization", "").partition("Basic ")[2]
        certificate = self.connection.getpeercert()
        plain = base64.b64decode(basic).decode() if basic else ""
        whole = " ".join([self.path, str(self.headers), body, plain])
        self.server.seen |= {word for word in CANARY.values() if word in whole} | ({"key"} if certificate else set())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def pair(tmp_path: Path) -> Certificate:
    return self_signed(tmp_path)


@pytest.fixture
def target(pair: Certificate) -> Iterator[Seen]:
    """Only a client that proves to have the client's key is served."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    context.load_verify_locations(pair.cert)
    context.verify_mode = ssl.CERT_REQUIRED
    with Seen(context) as made:
        yield made
        made.shutdown()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "sqlite" else str(request.getfixturevalue("fresh_postgres_url"))


def forms(key: str) -> list[bytes]:
    """Every planted secret in all of its forms: the user-info also in base64, the key also line by line."""
    lines = [line for line in key.splitlines() if len(line) > 30 and not line.startswith("-")]
    basic = base64.b64encode(f"{CANARY['user']}:{CANARY['pass']}".encode()).decode()
    return [word.encode() for word in (*CANARY.values(), basic, *lines)]


class Harvest:
    """Everything that was written or served, by where it was found."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.found: dict[str, bytes] = {}
        self.token = cluster.key.token("admin")

    def page(self, path: str, post: Any = None) -> None:
        body = None if post is None else json.dumps(post).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/html, application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(f"http://{self.cluster.web}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.found[f"{'POST' if body else 'GET'} {path}"] = str(answer.headers).encode() + answer.read()

    def pages(self, run: str) -> None:
        for path in ("/", "/nodes", f"/runs/{run}", f"/runs/new?from={run}", f"/compare?a={run}&b={run}", "/metrics"):
            self.page(path)
        for path in (
            "overview",
            "runs",
            "nodes",
            f"runs/{run}",
            f"runs/{run}/seconds",
            f"runs/{run}/events",
            f"runs/{run}/deeds",
            f"runs/{run}/window?from=0&to=2",
            f"runs/{run}/notes",
            f"compare?runs={run},{run}",
            "baselines",
        ):
            self.page(f"/api/v1/{path}")
        for form in FORMATS:
            self.page(f"/api/v1/runs/{run}/report?format={form}")

    def commands(self, run: str) -> None:
        for words in (["runs"], ["runs", "--format", "json"], ["watch", run], ["compare", run, run]):
            self.keep(" ".join(words), self.cluster.run(*words))
        for form in FORMATS:
            self.keep(f"report {form}", self.cluster.run("report", run, "--format", form))

    def keep(self, name: str, done: Done) -> None:
        assert done.code in (0, 5), done.error
        self.found[f"command {name}"] = (done.out + done.error).encode()

    def grpc(self, run: str) -> None:
        with grpc.insecure_channel(self.cluster.rpc) as channel:
            stub, metadata = gluten_pb2_grpc.GlutenStub(channel), [("authorization", f"Bearer {self.token}")]
            answers = [
                stub.GetRun(pb.GetRunRequest(run=run), metadata=metadata),
                stub.ListRuns(pb.ListRunsRequest(), metadata=metadata),
                stub.ListNodes(pb.ListNodesRequest(), metadata=metadata),
                *stub.Watch(pb.WatchRequest(run=run), metadata=metadata),
                *stub.GetReport(pb.GetReportRequest(run=run), metadata=metadata),
            ]
        self.found["gRPC"] = b"".join(answer.SerializeToString() + str(answer).encode() for answer in answers)

    def processes(self, when: str) -> None:
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    self.found[f"ps {when} {folder.name}"] = (folder / "cmdline").read_bytes()
                except OSError:
                    continue

    def files(self) -> None:
        for file in self.cluster.folder.rglob("*"):
            if file.is_file():
                self.found[str(file)] = file.read_bytes()

    def rows(self, url: str) -> None:
        """The content of the database, unpacked. Of Postgres also the raw rows."""
        store = Store.open(url, self.cluster.folder / "master-data")
        for record in store.runs():
            whole = [
                store.run(record.id),
                store.assignments(record.id),
                *store.deltas(record.id),
                *store.events(record.id),
            ]
            self.found[f"run {record.number} in the database"] = repr(whole).encode()
        store.close()
        if url:
            with psycopg2.connect(url) as connection, connection.cursor() as cursor:
                cursor.execute("select tablename from pg_tables where schemaname = 'public'")
                for (table,) in cursor.fetchall():
                    cursor.execute(f"select * from {table}")
                    rows = [[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()]
                    self.found[f"table {table}"] = repr(rows).encode()

    def leaks(self, secrets: list[bytes]) -> list[str]:
        return [f"{where}: {word.decode()}" for where, text in self.found.items() for word in secrets if word in text]


def debugged(folder: Path, database: str) -> Cluster:
    """A master and a slave that log all that they can."""
    folder.mkdir()
    cluster = Cluster(folder, 0, "--debug", *(["--db", database] if database else []))
    cluster.add_slave("slave-1", "--debug")
    cluster.wait_for_nodes(2)
    return cluster


def submitted(pair: Certificate, target: Seen) -> list[str]:
    """The words of a `submit` with secrets in its headers, its URL and its files."""
    return [
        *("-t", "2", "-c", "2", "-d", "2s", "-R", "20", "-m", "POST"),
        *("--cacert", pair.cert, "--cert", pair.cert, "--key", pair.key),
        *("-H", f"Authorization: Bearer {CANARY['header']}"),
        *("-H", f"X-Api-Key: {CANARY['apikey']}"),
        *("-H", f"Cookie: id={CANARY['cookie']}"),
        *("--idempotency-key", "once"),
        f"https://{target.host}/?q=1&access_token={CANARY['query']}",
    ]


def typed_in(pair: Certificate, target: Seen) -> dict[str, Any]:
    """A task of the page's form, with secrets in its URL, its body and a header."""
    certificate = Path(pair.cert).read_text()
    return {
        "url": f"https://{CANARY['user']}:{CANARY['pass']}@{target.host}/",
        "threads": 2,
        "connections": 2,
        "duration": 1,
        "rate": 20,
        "body": CANARY["body"],
        "headers": [["X-Plain", CANARY["plain"]]],
        "secret": True,
        "method": "POST",
        "cacert": certificate,
        "cert": certificate,
        "key": Path(pair.key).read_text(),
    }


def test_secrets_reach_the_target_and_nothing_else(
    tmp_path: Path, pair: Certificate, target: Seen, database: str
) -> None:
    cluster = debugged(tmp_path / "cluster", database)
    harvest, key = Harvest(cluster), Path(pair.key).read_text()
    harvest.keep("submit", cluster.run("submit", *submitted(pair, target)))
    harvest.processes("while it runs")
    task = typed_in(pair, target)
    harvest.page("/api/v1/tasks/check", task)
    harvest.page("/api/v1/runs", task)
    harvest.files()
    assert harvest.leaks(forms(key)) == []
    for run in ("1", "2"):
        harvest.commands(run)
        harvest.pages(run)
        harvest.grpc(run)
    harvest.processes("at the end")
    assert cluster.stop() == [0, 0]
    harvest.files()
    harvest.rows(database)
    assert target.seen == {*CANARY.values(), "key"}
    assert harvest.leaks(forms(key)) == []
    assert all(b"***" in harvest.found[f"GET {path}/runs/{run}"] for run in "12" for path in ("", "/api/v1"))
    assert any(name.endswith("master.log") and b"DEBUG" in text for name, text in harvest.found.items())


SECRET = f"http://{CANARY['user']}:{CANARY['pass']}@127.0.0.1:1/?token={CANARY['query']}"
HEADER = f"Authorization: Bearer {CANARY['header']}"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["run", "-d", "1s", "-H", HEADER, SECRET], 3),
        (["run", "-d", "1s", "-H", HEADER, SECRET.replace("127.0.0.1:1", "no.such.invalid")], 3),
        (["run", "--allow-target", "10.0.0.0/8", "-H", HEADER, SECRET], 4),
        (["run", "-t", "0", "-H", HEADER, SECRET], 2),
        (["run", "-H", HEADER.replace(":", ""), SECRET], 2),
        (["run", "-H", HEADER, SECRET.replace("http", "htp")], 2),
        (["run", "-H", HEADER, SECRET.replace("127.0.0.1:1", "ho st")], 2),
        (["submit", "--master", "127.0.0.1:1", "-H", HEADER, SECRET], 3),
    ],
)
def test_an_error_and_its_traceback_repeat_no_secret(tmp_path: Path, words: list[str], code: int) -> None:
    done = gluten(tmp_path, words[0], "--debug", *words[1:])
    assert done.code == code, done.error
    assert "Traceback" in done.error
    assert [word for word in CANARY.values() if word in done.out + done.error] == []
