"""What a master leaves for the same user on the same host, and which commands find it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gluten.net.keys import keyfile, localkey
from gluten.net.keys.keys import ClusterKey
from gluten.net.keys.keysource import KeySource

KEY, OTHER = ClusterKey.make(), ClusterKey.make()
ELSEWHERE = "192.0.2.1"  # RFC 5737: nobody's


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "gluten"


def left(bind: str, *ports: int) -> localkey.LocalKeyFiles:
    notice = localkey.LocalKeyFiles(bind, ports)
    notice.write(KEY)
    return notice


@pytest.mark.parametrize(
    ("bind", "host", "found"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "localhost", True),
        ("localhost", "127.0.0.1", True),
        ("0.0.0.0", "127.0.0.1", True),
        ("::", "localhost", True),
        ("0.0.0.0", "127.8.8.8", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("0.0.0.0", ELSEWHERE, False),
        ("0.0.0.0", "no.such.host.invalid", False),
    ],
)
def test_a_key_is_found_by_the_address_and_the_port(bind: str, host: str, found: bool) -> None:
    left(bind, 8888, 9090)
    assert [localkey.find(host, port) is not None for port in (8888, 9090, 9091)] == [found, found, False]


def test_only_the_user_may_look(runtime: Path) -> None:
    left("127.0.0.1", 1)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (runtime, *runtime.iterdir())] == [0o700, 0o600]


def test_a_place_that_others_may_write_to_is_not_used(runtime: Path) -> None:
    left("127.0.0.1", 1)
    runtime.chmod(0o777)
    assert localkey.find("127.0.0.1", 1) is None
    left("127.0.0.1", 2)
    assert [path.name for path in runtime.iterdir()] == ["127.0.0.1-1"]


def test_a_place_that_is_a_link_is_not_used(runtime: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(mode=0o700)
    runtime.symlink_to(tmp_path / "mine")
    left("127.0.0.1", 1)
    assert list((tmp_path / "mine").iterdir()) == []


@pytest.mark.needs("root")
def test_a_place_of_another_user_is_not_used(runtime: Path) -> None:
    left("127.0.0.1", 1)
    os.chown(runtime, 12345, -1)
    assert localkey.find("127.0.0.1", 1) is None


def test_at_the_end_it_is_taken_away(runtime: Path) -> None:
    left("127.0.0.1", 1, 2).remove()
    assert list(runtime.iterdir()) == []


def test_what_was_said_comes_first_then_the_master_s_then_the_data_directory_s(tmp_path: Path) -> None:
    said, own = ClusterKey.make(), keyfile.make(tmp_path / keyfile.NAME)
    keyfile.write(tmp_path / "file", OTHER)
    near = ("127.0.0.1", 9090)
    assert KeySource(said, tmp_path / "file", master=near, data=tmp_path).find() == said
    assert KeySource(file=tmp_path / "file", master=near, data=tmp_path).find() == OTHER
    assert KeySource(master=near, data=tmp_path).find() == own
    left("0.0.0.0", 9090)
    assert KeySource(master=near, data=tmp_path).find() == KEY
    assert KeySource(master=near, data=tmp_path / "nowhere").find() == KEY


def test_another_host_s_master_is_never_given_this_host_s_key(tmp_path: Path) -> None:
    keyfile.make(tmp_path / keyfile.NAME)
    left("0.0.0.0", 9090)
    source = KeySource(master=(ELSEWHERE, 9090), data=tmp_path)
    assert (source.find(), source.local, source.is_given) == (None, False, False)


def test_a_rotated_file_is_read_again(tmp_path: Path) -> None:
    keyfile.write(tmp_path / "file", KEY)
    source = KeySource(file=tmp_path / "file", master=(ELSEWHERE, 1))
    assert source.find() == KEY
    keyfile.write(tmp_path / "file", OTHER)
    assert source.find() == OTHER
