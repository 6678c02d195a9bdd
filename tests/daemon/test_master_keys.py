"""A master's key while it runs: its file rotates it, this host's commands find it, and people are told where it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from gluten.daemon import master_keys
from gluten.daemon.master_keys import MasterKeys
from gluten.net.bus.curve import slave_key
from gluten.net.keys import keyfile, localkey
from gluten.net.keys.keys import ClusterKey

JOIN = "gluten.pyz --slave-mode --master h:9090 --rpc-port"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(master_keys, "CHECK_EVERY", 0.0)
    keyfile.make(tmp_path / "key")
    return tmp_path / "key"


def started(file: Path, on_rotated: Callable[[], None] = lambda: None) -> MasterKeys:
    keys = MasterKeys(keyfile.read(file), file, on_rotated)
    keys.open("127.0.0.1", (9090,))
    return keys


def left() -> ClusterKey | None:
    path = localkey.find("127.0.0.1", 9090)
    return keyfile.read(path) if path is not None else None


def test_a_new_key_in_the_file_voids_what_the_old_one_opened(file: Path) -> None:
    rotated: list[int] = []
    keys = started(file, lambda: rotated.append(keys.keyring.version))
    old, login = keyfile.read(file), keys.logins.create(0.0)
    keys.turn()
    assert (rotated, left()) == ([], old)
    keyfile.write(file, ClusterKey.make())
    keys.turn()
    keys.turn()
    assert rotated == [1]
    assert keys.keyring.key == keyfile.read(file) == left()
    assert keys.keyring.role_of(old.token("admin")) is None
    assert not keys.logins.take(login, 0.0)
    keys.close()
    assert left() is None


SPOILED: list[Callable[[Path], object]] = [
    lambda path: path.write_text("nonsense"),
    lambda path: path.chmod(0o644),
    Path.unlink,
]


@pytest.mark.parametrize("spoil", SPOILED, ids=["nonsense", "readable by others", "gone"])
def test_a_file_that_cannot_be_used_changes_nothing(
    file: Path, spoil: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    old = keyfile.read(file)
    keys = started(file, lambda: pytest.fail("nothing was rotated"))
    keyfile.write(file, ClusterKey.make())
    spoil(file)
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            keys.turn()
    assert keys.keyring.key == old == left()
    assert len(caplog.records) <= 1


def test_a_file_that_was_mended_is_taken(file: Path) -> None:
    keys = started(file)
    keyfile.write(file, ClusterKey.make())
    file.chmod(0o644)
    keys.turn()
    file.chmod(0o600)
    keys.turn()
    assert keys.keyring.key == keyfile.read(file)


def test_the_log_does_not_contain_the_key(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = started(file)
    monkeypatch.setattr("sys.stdout.isatty", lambda: False)
    assert "gluten-slave-" not in keys.join_hint(JOIN, "gluten.pyz")
    assert f"{JOIN} --key-file FILE, which holds what this prints: gluten.pyz key show --slave --key-file {file}" in (
        keys.join_hint(JOIN, "gluten.pyz")
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert f"GLUTEN_KEY={slave_key(keyfile.read(file)).text} {JOIN}" in keys.join_hint(JOIN, "gluten.pyz")


def test_the_cluster_s_key_is_never_shown(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = started(file)
    for terminal in (True, False):
        monkeypatch.setattr("sys.stdout.isatty", lambda terminal=terminal: terminal)
        assert keyfile.read(file).text not in keys.join_hint(JOIN, "gluten.pyz")


def test_without_a_key_nothing_is_left(file: Path) -> None:
    keys = MasterKeys(None, None, lambda: None)
    keys.open("127.0.0.1", (9090,))
    assert left() is None
    assert "--no-auth" in keys.join_hint(JOIN, "gluten.pyz")
