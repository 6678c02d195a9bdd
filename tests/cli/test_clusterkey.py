"""Which key a command uses: the first source in the order of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from gluten.cli.arguments import Arguments, parse
from gluten.cli.clusterkey import has_slave_key, master_key, source, token
from gluten.cli.options import task_of
from gluten.errors import ConfigError, Refused, UsageError
from gluten.net.bus.curve import slave_key
from gluten.net.keys import keyfile
from gluten.net.keys.keys import ClusterKey
from gluten.net.keys.slavekey import AnyKey

A, B, C, D, E, F = (ClusterKey.make() for _ in range(6))
MASTER = [("127.0.0.1", 1)]
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


def found(arguments: Arguments) -> AnyKey | None:
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


def test_a_slave_s_key_is_told_from_the_others() -> None:
    slaves = slave_key(A).text
    for text, expected in ((slaves, True), (A.text, False), (A.token("viewer"), False)):
        assert has_slave_key(parse(NODES, {"GLUTEN_KEY": text}), MASTER) == expected
    assert not has_slave_key(parse(NODES, {}), MASTER)
    with pytest.raises(Refused, match="this is a slave's key: it adds slaves and does nothing else"):
        token(parse(NODES, {"GLUTEN_KEY": slaves}), MASTER)


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


def refused(arguments: Arguments) -> str:
    with pytest.raises(ConfigError) as caught:
        token(arguments, MASTER)
    return str(caught.value)


@pytest.mark.parametrize(
    ("words", "environ", "where"),
    [
        (["--key", A.text], {}, "--key"),
        (["--key-file", "b"], {}, "--key-file"),
        ([], {"GLUTEN_KEY": A.text}, "GLUTEN_KEY"),
        ([], {"GLUTEN_KEY": A.token("viewer")}, "GLUTEN_KEY"),
        ([], {"GLUTEN_KEY_FILE": "b"}, "GLUTEN_KEY_FILE"),
    ],
)
def test_a_file_that_was_only_found_sends_no_key_from_elsewhere_to_its_own_master(
    place: Path, words: list[str], environ: dict[str, str], where: str
) -> None:
    (place / "gluten.toml").write_text('master = "evil.test:9090"')
    said = refused(parse([*NODES, *words], environ))
    assert said == (
        f"gluten.toml: master: is not used, because nobody named this file and the key is from elsewhere ({where}): "
        "to trust the file, name it: --config gluten.toml"
    )
    assert token(parse([*NODES, *words, "--config", "gluten.toml"], environ), MASTER)
    assert token(parse([*NODES, *words], environ | {"GLUTEN_CONFIG": "gluten.toml"}), MASTER)
    assert token(parse([*NODES, *words, "--master", "m:1"], environ), MASTER)
    with pytest.raises(ConfigError):
        source(parse(["--slave-mode", *words], environ), MASTER)


def test_a_found_file_with_a_key_of_its_own_may_name_its_master(place: Path) -> None:
    (place / "gluten.toml").write_text(f'master = "m:1"\nkey = "{A.text}"')
    assert token(parse(NODES, {}), MASTER) == A.token("admin")
    (place / "gluten.toml").write_text('master = "m:1"\nkey-file = "b"')
    assert token(parse(NODES, {}), MASTER) == B.token("admin")


@pytest.mark.parametrize("linked", [False, True])
def test_a_found_file_may_not_take_a_key_from_another_directory(place: Path, linked: bool) -> None:
    outside = place.parent / "outside-key"
    outside.unlink(missing_ok=True)
    keyfile.write(outside, A)
    if linked:
        (place / "link").symlink_to(outside)
    (place / "gluten.toml").write_text(f'master = "evil.test:1"\nkey-file = "{"link" if linked else outside}"')
    assert "the key is from elsewhere (gluten.toml: key-file)" in refused(parse(NODES, {}))


def test_a_found_file_may_not_have_another_file_sent(place: Path) -> None:
    (place / "own.json").write_text("{}")
    outside = place.parent / "secret"
    outside.write_text("s")
    submit, run = ["submit", "http://t.test/"], ["run", "http://t.test/"]
    (place / "gluten.toml").write_text('body = "@own.json"')
    assert "gluten.toml: body: is not used" in refused(parse(submit, {"GLUTEN_KEY": A.text}))
    assert task_of(parse(run, {})).body == b"{}"
    (place / "gluten.toml").write_text(f'body = "@{outside}"')
    for words in (submit, run):
        with pytest.raises(UsageError, match=r"^gluten\.toml: body: .* in another directory"):
            task_of(parse(words, {}))
    assert task_of(parse([*run, "--config", "gluten.toml"], {})).body == b"s"


def test_a_key_that_is_found_on_this_host_is_for_masters_here_alone(place: Path) -> None:
    arguments = parse(NODES, {})
    (place / "data" / "gluten").mkdir(parents=True)
    keyfile.make(place / "data" / "gluten" / keyfile.NAME)
    assert source(arguments, [*MASTER, ("localhost", 2)]).find() is not None
    assert source(arguments, [*MASTER, ("192.0.2.1", 2)]).find() is None
    assert source(arguments, [("192.0.2.1", 2), *MASTER]).find() is None
