"""A host that only makes load has a slave's key: it joins the bus with it, and nothing else opens."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from gluten.net.keys import keyfile
from gluten.net.keys.keys import ClusterKey
from tests.support.e2e.programs import Cluster, Program, gluten

URL = "http://127.0.0.1:1/"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("slave-key"), 0)
    yield made
    assert made.stop() == [0]


@pytest.fixture(scope="module")
def key(cluster: Cluster) -> str:
    """The slaves' key, as a person gets it on the master's host."""
    done = cluster.run("key", "show", "--slave", "--key-file", str(cluster.folder / "master-data" / "key"))
    assert (done.code, done.error) == (0, "")
    return done.out.strip()


def a_slave(cluster: Cluster, host: Path, name: str, file: Path) -> Program:
    """A slave of another user, who has this file with a key."""
    address = ("--slave-mode", "--master", cluster.rpc, "--rpc-port", "--bind", "127.0.0.1")
    return Program(host, name, *address, "--name", name, "--data", str(host / "own"), "--key-file", str(file))


def written(path: Path, text: str) -> Path:
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


def status(url: str, token: str) -> int:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_slave_joins_by_it_and_makes_load(cluster: Cluster, key: str, tmp_path: Path) -> None:
    slave = a_slave(cluster, tmp_path, "slave", written(tmp_path / "slave.key", key))
    cluster.wait_for_nodes(2)
    target = Program(tmp_path, "target", "target", "--port", "0")
    report = cluster.load("-t2", "-c4", "-n400", target.find(r"http://\S+")[0])
    assert {node["name"]: node["completed"] for node in report["nodes"]} == {"master": 200, "slave": 200}
    port = slave.find(r"http://127\.0\.0\.1:(\d+)/")[1]
    state = f"http://127.0.0.1:{port}/api/v1/state"
    assert [status(state, token) for token in (key, cluster.key.token("admin"), "")] == [200, 401, 401]
    assert (slave.stop(), target.stop()) == (0, 0)
    assert not any(key.removeprefix("gluten-slave-") in program.said for program in (slave, cluster.master))


def test_the_cluster_s_key_is_not_on_that_host(cluster: Cluster, key: str, tmp_path: Path) -> None:
    slave = a_slave(cluster, tmp_path, "bare", written(tmp_path / "slave.key", key))
    cluster.wait_for_nodes(2)
    secrets = [cluster.key.text, cluster.key.token("admin"), cluster.key.token("viewer")]
    kept = [path.read_text("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    kept.append(Path(f"/proc/{slave.process.pid}/environ").read_text("latin-1"))
    assert not any(secret in text for secret in secrets for text in kept)
    assert slave.stop() == 0


@pytest.mark.parametrize("command", [("nodes",), ("submit", URL), ("stop", "1"), ("delete", "1")], ids=" ".join)
def test_no_command_is_sent_with_it(cluster: Cluster, key: str, tmp_path: Path, command: tuple[str, ...]) -> None:
    done = gluten(tmp_path, *command, GLUTEN_MASTER=cluster.rpc, GLUTEN_KEY=key)
    assert (done.code, done.out, done.is_one_line()) == (4, "", True)
    assert "this is a slave's key" in done.error


def test_the_doctor_finds_the_master_by_it(cluster: Cluster, key: str, tmp_path: Path) -> None:
    done = gluten(tmp_path, "doctor", "--format", "json", GLUTEN_MASTER=cluster.rpc, GLUTEN_KEY=key)
    found = {check["what"]: check for check in done.json["checks"]}
    shown = f"{cluster.rpc} can be reached, by a slave's key, which does not show its nodes"
    assert (found["master"]["level"], found["master"]["found"]) == ("ok", shown)
    assert found["clock of master"]["level"] == "ok"
    away = gluten(tmp_path, "doctor", "--format", "json", GLUTEN_MASTER="127.0.0.1:1", GLUTEN_KEY=key)
    found = {check["what"]: check for check in away.json["checks"]}
    assert (found["master"]["level"], "does not answer" in found["master"]["found"]) == ("warn", True)


def test_neither_the_api_nor_grpc_takes_it(cluster: Cluster, key: str) -> None:
    for path in ("/api/v1/runs", "/metrics", "/"):
        assert status(f"http://{cluster.web}{path}", key) in (401, 303)
    with grpc.insecure_channel(cluster.rpc) as channel:
        call = channel.unary_unary("/gluten.v1.Gluten/ListRuns", bytes, bytes)
        with pytest.raises(grpc.RpcError) as refused:
            call(b"", timeout=10, metadata=(("authorization", f"Bearer {key}"),))
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_no_master_starts_with_it(key: str, tmp_path: Path) -> None:
    done = gluten(tmp_path, "--master-mode", "--web-port", "0", "--rpc-port", "0", GLUTEN_KEY=key)
    assert (done.code, done.is_one_line()) == (2, True)
    assert "GLUTEN_KEY: this is a slave's key, not the cluster's" in done.error


def test_another_cluster_s_is_refused(cluster: Cluster, key: str, tmp_path: Path) -> None:
    other = gluten(tmp_path, "key", "show", "--slave", GLUTEN_KEY=ClusterKey.make().text).out.strip()
    slave = a_slave(cluster, tmp_path, "stranger", written(tmp_path / "slave.key", other))
    assert slave.process.wait(30) == 4
    assert "does not accept this key" in slave.said
    assert "gluten.pyz key show --slave" in slave.said


def test_it_dies_with_the_cluster_s_key_and_a_new_one_is_taken_from_the_file(tmp_path: Path) -> None:
    own, host = tmp_path / "own", tmp_path / "host"
    own.mkdir()
    host.mkdir()
    cluster = Cluster(own, 0)
    show = ("key", "show", "--slave", "--data", str(own / "master-data"))
    file = written(host / "slave.key", cluster.run(*show).out.strip())
    slave = a_slave(cluster, host, "slave", file)
    cluster.wait_for_nodes(2)
    keyfile.write(own / "master-data" / "key", ClusterKey.make())
    slave.find("does not accept this key, which was rotated")
    written(file, cluster.run(*show).out.strip())
    cluster.wait_for_nodes(2)
    assert slave.stop() == 0
    cluster.stop()


def test_show_prints_one_thing_at_a_time(cluster: Cluster) -> None:
    done = cluster.run("key", "show", "--slave", "--viewer")
    assert (done.code, done.is_one_line()) == (2, True)
