"""Which key a command uses: the first source in the order of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from gluten.cli.arguments import Arguments, parse
from gluten.cli.clusterkey import master_key, source, token
from gluten.cli.options import task_of
from gluten.errors import ConfigError, UsageError
from gluten.net.keys import keyfile
from gluten.net.keys.keys import ClusterKey

A, B, C, D, E, F = (ClusterKey.make() for _ in range(6))
MASTER = ("127.0.0.1", 1)
NODES = ["nodes"]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No settings but the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("GLUTEN_KEY", raising=False)
    for name, key in (("b", B), ("d", D), ("f", F)):
        keyfile.write(tmp_path / name, key)
    return tmp_path


def found(arguments: Arguments) -> ClusterKey | None:
    return source(arguments, MASTER).find()


def test_flag_environment_and_file_in_this_order(place: Path) -> None:
    environ: dict[str, str] = {}
    (place / "data" / "gluten").mkdir(parents=True)
    own = keyfile.make(place / "data" / "gluten" / "key")
    assert found(parse(NODES, environ)) == own
    (place / "gluten.toml").write_text('key-file = "f"')
    assert found(parse(NODES, environ)) == F
    (place / "gluten.toml").write_text(f'key = "{E.text}"')
    assert found(parse(NODES, environ)) == E
    environ["GLUTEN_KEY_FILE"] = "d"
    assert found(parse(NODES, environ)) == D
    assert found(parse(NODES, {"GLUTEN_KEY": C.text})) == C
    assert found(parse([*NODES, "--key-file", "b"], environ)) == B
    assert found(parse([*NODES, "--key", A.text], environ)) == A


def test_a_key_and_a_file_in_one_place_are_refused() -> None:
    with pytest.raises(UsageError, match="--key and --key-file exclude each other"):
        found(parse([*NODES, "--key", A.text, "--key-file", "b"], {}))
    with pytest.raises(UsageError, match="GLUTEN_KEY and GLUTEN_KEY_FILE exclude each other"):
        found(parse(NODES, {"GLUTEN_KEY": A.text, "GLUTEN_KEY_FILE": "b"}))


def test_a_wrong_key_names_its_place_and_is_not_shown() -> None:
    with pytest.raises(ConfigError, match=r"^GLUTEN_KEY: this is not a cluster's key") as caught:
        token(parse(NODES, {"GLUTEN_KEY": "topsecret"}), MASTER)
    assert "topsecret" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"^GLUTEN_KEY_FILE nofile: the key cannot be read"):
        token(parse(NODES, {"GLUTEN_KEY_FILE": "nofile"}), MASTER)


def test_a_command_sends_a_token_and_never_the_key() -> None:
    assert token(parse(NODES, {"GLUTEN_KEY": A.text}), MASTER) == A.token("admin")
    assert token(parse(NODES, {}), MASTER) == ""


def test_a_token_may_stand_in_the_key_s_place() -> None:
    assert token(parse(NODES, {"GLUTEN_KEY": A.token("viewer")}), MASTER) == A.token("viewer")


def test_the_key_of_a_certificate_is_not_the_cluster_s(place: Path) -> None:
    (place / "c.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    (place / "k.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    url = "https://127.0.0.1:1/"
    both = parse(["submit", "--cert", "c.pem", "--key", "k.pem", "--key-file", "b", url], {})
    assert found(both) == B
    assert task_of(both).key.startswith("-----BEGIN PRIVATE")
    plain = parse(["submit", "--key", A.text, url], {})
    assert found(plain) == A
    assert task_of(plain).key == ""


def test_a_master_makes_its_key_once_and_takes_what_it_is_told(place: Path) -> None:
    made, file = master_key(parse(["--master-mode"], {}), place)
    assert (file, keyfile.read(place / "key")) == (place / "key", made)
    assert master_key(parse(["--master-mode"], {}), place) == (made, file)
    assert master_key(parse(["--master-mode"], {"GLUTEN_KEY": A.text}), place) == (A, None)
    assert master_key(parse(["--master-mode", "--key-file", "b"], {}), place) == (B, Path("b"))
