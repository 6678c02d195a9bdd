"""The file that holds a cluster's key."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gluten.errors import ConfigError
from gluten.net.keys import keyfile
from gluten.net.keys.keys import ClusterKey


def test_a_key_is_made_once_and_only_its_user_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / keyfile.NAME
    made = keyfile.make(path)
    assert keyfile.make(path) == made == keyfile.read(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == [keyfile.NAME]


def test_processes_that_make_the_key_at_the_same_time_get_the_same_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: keyfile.make(tmp_path / "key"), range(64)))
    assert len({key.text for key in made}) == 1


def test_writing_takes_the_old_key_s_place(tmp_path: Path) -> None:
    keyfile.make(tmp_path / "key")
    new = ClusterKey.make()
    keyfile.write(tmp_path / "key", new)
    assert keyfile.read(tmp_path / "key") == new
    assert len(list(tmp_path.iterdir())) == 1


def test_without_a_file_there_is_no_key(tmp_path: Path) -> None:
    assert keyfile.find(tmp_path / "key") is None
    with pytest.raises(ConfigError, match=r"--key-file \S+: the key cannot be read: No such file"):
        keyfile.read(tmp_path / "key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    keyfile.make(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(ConfigError, match="others may read this key: run chmod 600"):
        keyfile.make(tmp_path / "key")


def test_a_link_is_refused(tmp_path: Path) -> None:
    keyfile.make(tmp_path / "real")
    (tmp_path / "key").symlink_to(tmp_path / "real")
    with pytest.raises(ConfigError, match="it is a link"):
        keyfile.find(tmp_path / "key")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="it is a link"):
        keyfile.make(tmp_path / "dangling")


def test_a_pipe_or_a_directory_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(ConfigError, match="it is not a file"):
            keyfile.read(tmp_path / name)


@pytest.mark.needs("root")
def test_another_user_s_file_is_refused(tmp_path: Path) -> None:
    keyfile.make(tmp_path / "key")
    os.chown(tmp_path / "key", 12345, -1)
    with pytest.raises(ConfigError, match="the file belongs to another user"):
        keyfile.read(tmp_path / "key")


def test_an_invalid_key_is_refused_in_one_line_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_bytes(b"\xff" * 10_000)
    with pytest.raises(ConfigError, match=f"^--key-file {path}: this is not a cluster's key"):
        keyfile.read(path)


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the cluster's key cannot be written: No such file"):
        keyfile.make(tmp_path / "nowhere" / "key")
