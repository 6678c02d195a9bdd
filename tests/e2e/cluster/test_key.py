"""The cluster's key, end to end: everything works with the key, and nothing without it."""

from __future__ import annotations

import contextlib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
import zmq
from zmq.utils import z85

from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.net.keys import keyfile
from gluten.net.keys.keys import ClusterKey
from gluten.version import __version__
from tests.support.e2e.programs import Cluster, Program, gluten, wait_for

OTHER = ClusterKey.make()
URL = "http://127.0.0.1:1/"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("key"), 1)
    yield made
    assert made.stop() == [0, 0]


def test_the_key_is_in_a_file_of_its_user_and_in_no_log(cluster: Cluster) -> None:
    path = cluster.folder / "master-data" / "key"
    assert path.stat().st_mode & 0o777 == 0o600
    secret = cluster.key.text.removeprefix("gluten-key-")
    assert all(secret not in program.said for program in cluster.programs)
    assert str(path) in cluster.master.said


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "asks for its cluster's key"),
        ({"GLUTEN_KEY": OTHER.text}, "not the key of this cluster"),
        ({"GLUTEN_KEY": OTHER.token("viewer")}, "not the key of this cluster"),
    ],
    ids=["no key", "another cluster's key", "another cluster's viewer"],
)
@pytest.mark.parametrize("command", [("nodes",), ("submit", URL), ("watch", "last"), ("stop", "1")], ids=" ".join)
def test_a_command_without_the_key_is_refused_in_one_line(
    cluster: Cluster, tmp_path: Path, settings: dict[str, str], words: str, command: tuple[str, ...]
) -> None:
    done = gluten(tmp_path, *command, GLUTEN_MASTER=cluster.rpc, **settings)
    assert (done.code, done.out) == (4, "")
    assert done.is_one_line(), done.error
    for word in (words, cluster.rpc, "gluten.pyz key show"):
        assert word in done.error


@pytest.mark.parametrize("port", ["web", "rpc"])
@pytest.mark.parametrize("token", ["", OTHER.token("admin"), OTHER.text], ids=["none", "another's", "a key"])
def test_a_raw_grpc_client_without_the_token_is_refused_before_its_request_is_read(
    cluster: Cluster, port: str, token: str
) -> None:
    at = cluster.web if port == "web" else cluster.rpc
    with grpc.insecure_channel(at) as channel:
        call = channel.unary_unary("/gluten.v1.Gluten/Submit", bytes, bytes)
        with pytest.raises(grpc.RpcError) as refused:
            call(b"\xff no protobuf", timeout=10, metadata=(("authorization", f"Bearer {token}"),) if token else ())
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


@contextlib.contextmanager
def raw(cluster: Cluster, key: ClusterKey | None) -> Iterator[zmq.Socket[bytes]]:
    """A peer on the bus that is no node of GLuTEN."""
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    dealer.linger = 0
    dealer.rcvtimeo = 3000
    if key is not None:
        dealer.curve_serverkey = zmq.curve_public(z85.encode(key.curve_secret("server")))
        dealer.curve_secretkey = z85.encode(key.curve_secret("client"))
        dealer.curve_publickey = zmq.curve_public(z85.encode(key.curve_secret("client")))
    dealer.connect(f"tcp://{cluster.rpc}")
    dealer.send(
        frames.encode(wire.Hello(wire.PROTOCOL, __version__, "f" * 32, "intruder", 1, "3", "::", None, True, "slave"))
    )
    yield dealer
    dealer.close()
    context.term()


def test_a_raw_peer_with_the_key_is_welcome(cluster: Cluster) -> None:
    with raw(cluster, cluster.key) as dealer:
        assert isinstance(frames.decode_down(dealer.recv()), wire.Welcome)
        dealer.send(frames.encode(wire.Bye()))
        wait_for("it to leave", lambda: "node intruder left" in cluster.master.said)


@pytest.mark.parametrize("key", [None, OTHER], ids=["no key", "another cluster's key"])
def test_a_raw_peer_without_the_key_is_not_heard(cluster: Cluster, key: ClusterKey | None) -> None:
    said = cluster.master.said.count("intruder")
    with raw(cluster, key) as dealer, pytest.raises(zmq.Again):
        dealer.recv()
    assert cluster.master.said.count("intruder") == said


@pytest.mark.parametrize(
    ("settings", "flags", "words"),
    [
        ({}, (), "asks for its cluster's key"),
        ({"GLUTEN_KEY": OTHER.text}, (), "another cluster's"),
        ({}, ("--no-auth",), "asks for its cluster's key"),
    ],
    ids=["no key", "another cluster's key", "--no-auth"],
)
def test_a_slave_without_the_key_says_so_and_ends(
    cluster: Cluster, tmp_path: Path, settings: dict[str, str], flags: tuple[str, ...], words: str
) -> None:
    done = gluten(tmp_path, "--slave-mode", "--master", cluster.rpc, "--bind", "127.0.0.1", *flags, **settings)
    assert done.code == 4
    assert done.is_one_line(), done.error
    assert words in done.error
    assert cluster.rpc in done.error


def test_another_host_s_master_has_to_be_named_with_its_key(tmp_path: Path) -> None:
    done = gluten(tmp_path, "--slave-mode", "--master", "192.0.2.1:9090")
    assert done.code == 4
    assert done.is_one_line()
    assert "192.0.2.1:9090 is on another host" in done.error


def test_a_key_in_the_environment_or_a_file_opens_from_anywhere(cluster: Cluster, tmp_path: Path) -> None:
    keyfile.write(tmp_path / "copy", cluster.key)
    where = ["nodes", "--master", cluster.rpc]
    assert gluten(tmp_path, *where, GLUTEN_KEY=cluster.key.text).code == 0
    assert gluten(tmp_path, *where, "--key", cluster.key.text).code == 0
    assert gluten(tmp_path, *where, "--key-file", "copy").code == 0
    (tmp_path / "copy").chmod(0o644)
    done = gluten(tmp_path, *where, "--key-file", "copy")
    assert (done.code, done.is_one_line()) == (2, True)
    assert "others may read this key" in done.error


def test_a_viewer_s_token_looks_and_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    shown = cluster.run("key", "show", "--viewer")
    token = shown.out.strip()
    assert token == cluster.key.token("viewer")
    assert gluten(tmp_path, "nodes", GLUTEN_MASTER=cluster.rpc, GLUTEN_KEY=token).code == 0
    done = gluten(tmp_path, "submit", URL, GLUTEN_MASTER=cluster.rpc, GLUTEN_KEY=token)
    assert (done.code, done.is_one_line()) == (4, True)
    assert "may look" in done.error


def test_an_admin_s_token_is_what_a_script_sends(cluster: Cluster, tmp_path: Path) -> None:
    token = cluster.run("key", "show", "--admin").out.strip()
    request = urllib.request.Request(f"http://{cluster.rpc}/api/v1/runs", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    assert gluten(tmp_path, "nodes", GLUTEN_MASTER=cluster.rpc, GLUTEN_KEY=token).code == 0
    both = gluten(tmp_path, "key", "show", "--admin", "--viewer")
    assert (both.code, both.error) == (2, "gluten: key show: --admin and --viewer exclude each other\n")


def test_key_show_prints_what_opens(cluster: Cluster, tmp_path: Path) -> None:
    assert cluster.run("key", "show").out.strip() == cluster.key.text
    nothing = gluten(tmp_path, "key", "show")
    assert (nothing.code, nothing.out, nothing.is_one_line()) == (2, "", True)
    for wrong in ("share", "rotate"):
        done = gluten(tmp_path, "key", wrong)
        assert (done.code, done.is_one_line()) == (2, True)


def test_after_a_rotation_this_host_s_slaves_follow_and_others_are_asked_for_the_new_key(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, 1)
    (tmp_path / "elsewhere").mkdir()
    copy = tmp_path / "elsewhere" / "copy"
    keyfile.write(copy, cluster.key)
    far = Program(
        tmp_path / "elsewhere",
        "far",
        *f"--slave-mode --master {cluster.rpc} --rpc-port --name far --bind 127.0.0.1".split(),
        *("--key-file", str(copy)),
    )
    cluster.programs.append(far)
    cluster.wait_for_nodes(3)
    old = cluster.key
    assert cluster.run("key", "rotate", "--data", str(tmp_path / "master-data")).code == 0
    cluster.master.find("the cluster's key was rotated")
    refused = gluten(tmp_path, "nodes", GLUTEN_MASTER=cluster.rpc, GLUTEN_KEY=old.text)
    assert (refused.code, refused.is_one_line()) == (4, True)
    far.find("does not accept this key, which was rotated .* put the new key into .*copy; this slave keeps trying")
    wait_for("the master's and its slave to be back", lambda: cluster.master.said.count("slave-1 joined") == 2)
    keyfile.write(copy, cluster.key)
    cluster.wait_for_nodes(3)
    assert cluster.stop() == [0, 0, 0]


def test_without_authentication_only_on_loopback(tmp_path: Path) -> None:
    ports = ["--web-port", "0", "--rpc-port", "0"]
    for bind in ((), ("--bind", "0.0.0.0"), ("--bind", "::"), ("--bind", "192.0.2.1")):
        done = gluten(tmp_path, "--master-mode", "--no-auth", *ports, *bind)
        assert (done.code, done.is_one_line()) == (2, True)
        assert "--no-auth" in done.error
    done = gluten(tmp_path, "--slave-mode", "--no-auth", "--master", "192.0.2.1:9090")
    assert (done.code, done.is_one_line()) == (2, True)


def test_a_master_without_a_key_on_loopback_accepts_everyone_and_refuses_slaves_with_a_key(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, 0, "--no-auth")
    assert not (tmp_path / "master-data" / "key").exists()
    cluster.add_slave("open", "--no-auth")
    cluster.wait_for_nodes(2)
    (tmp_path / "b").mkdir()
    assert gluten(tmp_path / "b", "nodes", GLUTEN_MASTER=cluster.rpc).code == 0
    told = gluten(tmp_path / "b", "--slave-mode", "--master", cluster.rpc, "--bind", "127.0.0.1", GLUTEN_KEY=OTHER.text)
    assert (told.code, told.is_one_line()) == (4, True)
    assert "--no-auth" in told.error
    assert cluster.stop() == [0, 0]


def test_a_master_does_not_start_with_a_key_that_others_may_read(tmp_path: Path) -> None:
    keyfile.make(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    done = gluten(tmp_path, "--master-mode", "--web-port", "0", "--rpc-port", "0", "--data", str(tmp_path))
    assert (done.code, done.is_one_line()) == (2, True)
    assert "others may read this key" in done.error
