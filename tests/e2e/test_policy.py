"""What may be loaded, end to end: by gRPC, by the web API, and by raw messages on the bus from one who has the key.

Nothing here ever connects to 169.254.169.254: that it is not tried is what is tested.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
import zmq
from zmq.utils import z85

from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.net.keys import keyfile
from gluten.net.keys.keys import ClusterKey
from gluten.plan.split import PlanNode, split
from gluten.task.task import Task
from tests.support.e2e.programs import PATIENCE, Cluster, Done, Program, gluten
from tests.support.needs import MOUNTS
from tests.support.nginx import Nginx

METADATA = "http://169.254.169.254/latest/meta-data/"
LOAD = ("-t", "2", "-c", "2", "-d", "1s")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(
        tmp_path_factory.mktemp("policy"), 0, "--max-rate", "1k", "--max-connections", "50", "--max-duration", "1m"
    )
    made.add_slave("slave-1", "--max-connections", "5")
    made.wait_for_nodes(2)
    yield made
    assert made.stop() == [0, 0]


REFUSED = [
    ([METADATA], "link-local"),
    (["http://0xa9fea9fe/"], "link-local"),
    (["http://[::ffff:169.254.169.254]/"], "link-local"),
    (["http://[fd00:ec2::254]/"], "metadata"),
    (["--resolve", "a.test:80:169.254.169.254", "http://a.test/"], "link-local"),
    (["-R", "1001", "http://127.0.0.1:1/"], "--max-rate"),
    (["http://127.0.0.1:1/"], "--max-rate"),
    (["-R", "10", "-c", "51", "http://127.0.0.1:1/"], "--max-connections"),
    (["-R", "10", "-d", "61s", "http://127.0.0.1:1/"], "--max-duration"),
]


@pytest.mark.parametrize(("words", "why"), REFUSED)
def test_a_task_by_grpc_is_refused_with_exit_code_4(cluster: Cluster, words: list[str], why: str) -> None:
    rate = [] if "-R" in words or "127.0.0.1" in words[-1] else ["-R", "10"]
    done = cluster.run("submit", *rate, *words)
    assert (done.code, done.out) == (4, "")
    assert why in done.error
    assert "this master" in done.error
    assert done.is_one_line()
    assert cluster.run("runs", "--format", "json").json["runs"] == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"url": METADATA}, "link-local"),
        ({"url": "http://a.test/", "resolve": ["a.test:80:169.254.169.254"]}, "link-local"),
        ({"rate": 1001}, "--max-rate"),
        ({"connections": 51}, "--max-connections"),
        ({"duration": "2m"}, "--max-duration"),
    ],
)
def test_a_task_by_the_web_is_refused(cluster: Cluster, fields: dict[str, Any], why: str) -> None:
    status, answer = post(cluster, {"url": "http://127.0.0.1:1/", "rate": 10} | fields)
    assert status == 403
    assert why in answer["error"]["message"]


@pytest.mark.parametrize("field", ["cacert", "cert", "key"])
def test_a_path_from_the_web_is_not_accepted_as_a_certificate(cluster: Cluster, field: str) -> None:
    status, answer = post(cluster, {"url": "http://127.0.0.1:1/", "rate": 10, field: "/etc/passwd"})
    assert (status, answer["error"]["field"]) == (400, field)
    assert "not its path" in answer["error"]["message"]


def test_a_slave_s_own_ceiling_fails_the_run_in_words(cluster: Cluster, nginx: Nginx) -> None:
    done = cluster.run("submit", "--watch", "--quiet", "-t", "2", "-c", "20", "-d", "5s", "-R", "10", nginx.url)
    assert done.code == 4
    assert (
        "node slave-1: refused its part: connections: 10 is above the 5 of node slave-1's --max-connections"
        in done.error
    )
    good = cluster.load("-t", "2", "-c", "10", "-d", "1s", "-R", "10", nginx.url)
    assert good["requests"]["completed"] == 10


def post(cluster: Cluster, task: dict[str, Any]) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {cluster.key.token('admin')}"}
    request = urllib.request.Request(f"http://{cluster.web}/api/v1/runs", json.dumps(task).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


# Names


HOSTS = "127.0.0.1 localhost mixed.test loop.test\n169.254.169.254 metadata.test mixed.test\n"


def with_hosts(folder: Path, *words: str) -> list[str]:
    """A command prefix whose program resolves these names, in a mount namespace of its own."""
    (folder / "hosts").write_text(HOSTS)
    script = f'mount --bind "{folder}/hosts" /etc/hosts && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", script, "sh", sys.executable, "-m", "gluten", *words]


class Named(Program):
    """A program with names of its own."""

    def command(self, folder: Path, module: str, arguments: tuple[str, ...]) -> list[str]:
        return with_hosts(folder, *arguments)


@MOUNTS
def test_a_name_that_resolves_to_a_guarded_address_is_refused_where_it_is_resolved(
    tmp_path: Path, nginx: Nginx
) -> None:
    cluster = Cluster(tmp_path, 1, program=Named)
    done = cluster.run("submit", "--watch", "--quiet", *LOAD, "http://metadata.test/")
    assert done.code == 4
    assert "target not allowed: metadata.test at 169.254.169.254 is link-local" in done.error
    assert done.is_one_line()
    # One that has another address, too, is loaded there and nowhere else.
    report = cluster.load("-t", "2", "-c", "4", "-n", "40", f"http://mixed.test:{nginx.port}/")
    assert report["requests"]["completed"] == 40 == len(nginx.log(40))
    assert report["errors"] == {}
    assert cluster.stop() == [0, 0]


@MOUNTS
def test_a_name_is_judged_by_its_address_alone_too(tmp_path: Path, nginx: Nginx) -> None:
    def run(*words: str) -> Done:
        done = subprocess.run(with_hosts(tmp_path, "run", *LOAD, *words), capture_output=True, text=True, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    for words in (["http://metadata.test/"], ["--allow-target", "metadata.test", "http://metadata.test/"]):
        done = run(*words)
        assert done.code == 4, done.error
        assert "--allow-target 169.254.169.254" in done.error
    loop = f"http://loop.test:{nginx.port}/"
    assert run("--allow-target", "loop.test", loop).code in (0, 5)
    assert run("--allow-target", "127.0.0.0/8", loop).code in (0, 5)
    assert run("--allow-target", "10.0.0.0/8", loop).code == 4


def test_alone_a_guarded_address_is_refused_with_the_flag_that_lists_it(tmp_path: Path) -> None:
    done = gluten(tmp_path, "run", *LOAD, METADATA)
    assert done.code == 4
    assert "--allow-target 169.254.169.254" in done.error
    assert done.is_one_line()


# The bus


class RawMaster:
    """A peer with the cluster's key that acts as master. It keeps a slave registered, and sends any message."""

    def __init__(self, key: ClusterKey) -> None:
        secret = z85.encode(key.curve_secret("server"))
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.curve_server = True
        self._socket.curve_secretkey, self._socket.curve_publickey = secret, zmq.curve_public(secret)
        self.port = self._socket.bind_to_random_port("tcp://127.0.0.1")
        self._peer = b""
        self._beats = 0

    def close(self) -> None:
        self._context.destroy(linger=0)

    def join(self) -> None:
        """Wait until the slave has joined and sends heartbeats."""
        self._until(lambda message: isinstance(message, wire.Heartbeat) and self._beats > 2)

    def send(self, frame: bytes) -> None:
        self._socket.send_multipart([self._peer, frame])

    def order(self, task: Task) -> wire.Message:
        """Send a part. Returns the slave's answer: armed, or refused."""
        (part,) = split(task, [PlanNode("0" * 32, "slave", 1)])
        now = time.monotonic()
        self.send(frames.encode(wire.TaskOrder(uuid.uuid4().hex, 1, part, now, now, [])))
        return self._until(lambda message: isinstance(message, (wire.Armed, wire.Refused)))

    def ended(self) -> wire.Ended:
        found = self._until(lambda message: isinstance(message, wire.Ended))
        assert isinstance(found, wire.Ended)
        return found

    def _until(self, wanted: Any) -> wire.Message:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self._socket.poll(100):
                self._peer, frame = self._socket.recv_multipart()
                message = frames.decode_up(frame)
                self._answer(message)
                if wanted(message):
                    return message
        raise AssertionError("the slave did not say it")

    def _answer(self, message: wire.Message) -> None:
        if isinstance(message, wire.Hello):
            self.send(frames.encode(wire.Welcome(wire.PROTOCOL, "0", 15.0, 0.2)))
        elif isinstance(message, wire.Heartbeat):
            self._beats += 1
            self.send(frames.encode(wire.Beat(message.t0, time.monotonic())))


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[tuple[RawMaster, Program]]:
    key = ClusterKey.make()
    keyfile.write(tmp_path / "key", key)
    master = RawMaster(key)
    slave = Program(
        tmp_path,
        "slave",
        *f"--slave-mode --master 127.0.0.1:{master.port} --bind 127.0.0.1 --rpc-port 0 --name slave".split(),
        *("--key-file", str(tmp_path / "key"), "--data", str(tmp_path / "data")),
        *["--max-rate", "100", "--max-connections", "10", "--max-duration", "30s"],
    )
    master.join()
    yield master, slave
    slave.stop()
    master.close()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"url": METADATA}, "link-local"),
    ({"url": "http://a.test/", "resolve": ("a.test:80:169.254.169.254",)}, "link-local"),
    ({"url": "http://2852039166/"}, "link-local"),
    ({"rate": 101.0}, "--max-rate"),
    ({"rate": None}, "closed loop"),
    ({"stages": ((0.0, 1.0), (5.0, 200.0)), "rate": None}, "--max-rate"),
    ({"connections": 11}, "--max-connections"),
    ({"duration": 31.0}, "--max-duration"),
    ({"duration": None, "requests": 5}, "--max-duration"),
]


def test_raw_messages_on_the_bus_make_a_slave_load_nothing_that_it_may_not(
    raw: tuple[RawMaster, Program], nginx: Nginx
) -> None:
    master, slave = raw
    good: dict[str, Any] = {"url": nginx.url, "rate": 10.0, "threads": 1, "connections": 1, "duration": 1.0}
    for fields, why in BAD:
        said = master.order(Task(**(good | fields)))
        assert isinstance(said, wire.Refused), fields
        assert why in said.text
        assert "node slave" in said.text
    assert nginx.log(0) == []
    # Paths, code, and fields that no task has: not even a part.
    (part,) = split(Task(**good), [PlanNode("0" * 32, "slave", 1)])
    for field, value in (
        ("key", "/etc/shadow"),
        ("cacert", "/etc/passwd"),
        ("hook", "import os"),
        ("url", "file:///etc/passwd"),
    ):
        frame: dict[str, Any] = msgpack.unpackb(
            frames.encode(wire.TaskOrder(uuid.uuid4().hex, 1, part, 0.0, time.monotonic(), []))
        )
        frame["node_task"]["task"][field] = value
        master.send(msgpack.packb(frame))
        slave.find(rf"from the master: task: node_task: {field}: ")
    # A name is refused where it is resolved; and what may be loaded is.
    assert isinstance(master.order(Task(**good)), wire.Armed)
    assert master.ended().state == "finished"
    assert len(nginx.log(10)) == 10


@pytest.mark.parametrize("kind", ["task", "submit"])
def test_a_slave_cannot_give_orders(cluster: Cluster, kind: str) -> None:
    """A peer with the key sends the messages of a master to the master, which refuses them."""
    server, client = (z85.encode(cluster.key.curve_secret(end)) for end in ("server", "client"))
    (part,) = split(Task("http://127.0.0.1:1/", rate=1.0), [PlanNode("0" * 32, "n", 1)])
    frame: dict[str, Any] = msgpack.unpackb(frames.encode(wire.TaskOrder("0" * 32, 1, part, 0.0, 0.0, [])))
    before = cluster.run("runs", "--format", "json").json
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.curve_serverkey, dealer.curve_publickey = zmq.curve_public(server), zmq.curve_public(client)
        dealer.curve_secretkey = client
        dealer.connect(f"tcp://{cluster.rpc}")
        dealer.send(msgpack.packb(frame | {"type": kind}))
        dealer.send(frames.encode(wire.Armed("0" * 32, 1, 0.0)))
        assert dealer.poll(10_000)
        assert isinstance(frames.decode_down(dealer.recv()), wire.Challenge)  # to the second; the first was nothing
    assert cluster.run("runs", "--format", "json").json == before
