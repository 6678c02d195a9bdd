"""`cacert`, `cert` and `key` of [load]: PEM files beside the workload file, read as those of the options are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gluten.cli.arguments import parse
from gluten.cli.options import asked, task_of
from gluten.task.task import Task
from gluten.workload.reader import of_task
from tests.cli.conftest import Command
from tests.support.authority import Place

HEAD = 'url = "https://127.0.0.1:1"\n[request.a]\nget = "/"\n[load]\n'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


def write(place: Place, load: str, head: str = HEAD) -> str:
    """The workload file with these lines in [load]; its path."""
    path = place.folder / "w.toml"
    path.write_text(head + load)
    return str(path)


def read(place: Place, load: str, *options: str) -> Task:
    return task_of(parse(["run", *options, write(place, load)], {}))


def text(path: str) -> str:
    return Path(path).read_text()


def test_their_texts_are_in_the_task(place: Place) -> None:
    task = read(place, 'cacert = "authority.pem"\ncert = "client.pem"\nkey = "client.key"')
    assert task.cacert == place.authority.text
    assert (task.cert, task.key) == (text(place.client.cert), text(place.client.key))
    assert task.files == ()


def test_the_file_of_a_certificate_may_hold_its_key(place: Place) -> None:
    task = read(place, 'cert = "both.pem"')
    assert (task.cert, task.key) == (text(place.client.cert), text(place.client.key))
    assert read(place, 'cert = "both.pem"\nkey = "other.key"').key == text(place.other.key)


def test_a_name_may_be_in_a_folder_and_come_from_the_environment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CA", "authority.pem")
    assert read(place, "cacert = \"../{{env PLACE '" + place.folder.name + "'}}/{{env CA}}\"").cacert
    assert read(place, f"cacert = '{place.authority.cert}'").cacert == place.authority.text


def test_the_command_line_goes_before_the_file_and_the_file_before_gluten_toml(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.folder)
    server, authority = text(place.server.cert), place.authority.text
    (place.folder / "gluten.toml").write_text('cacert = "server.pem"\ncert = "both.pem"\n')
    try:
        assert read(place, "").cacert == server
        assert read(place, "", "--cacert", "authority.pem").cacert == authority
        assert read(place, 'cacert = "authority.pem"').cacert == authority
        assert read(place, 'cacert = "missing"', "--cacert", "authority.pem").cacert == authority
        given = parse(["run", write(place, 'cacert = "missing"')], {"GLUTEN_CACERT": "authority.pem"})
        assert task_of(given).cacert == authority
        both = read(place, 'cert = "other.pem"\nkey = "other.key"')
        assert (both.cert, both.key) == (text(place.other.cert), text(place.other.key))
    finally:
        (place.folder / "gluten.toml").unlink()
    given_pair = read(place, 'cert = "missing"\nkey = "missing"', "--cert", "both.pem")
    assert (given_pair.cert, given_pair.key) == (text(place.client.cert), text(place.client.key))


def test_the_key_is_shown_nowhere_and_the_text_is_read_again_without_it(place: Place) -> None:
    found = asked(parse(["run", write(place, 'cacert = "authority.pem"\ncert = "client.pem"\nkey = "client.key"')], {}))
    assert (found.task.public().key, found.task.public().withheld) == ("***", ["key"])
    assert found.task.redacted()["cacert"] == "(PEM)"
    stored = Task.from_map(json.loads(json.dumps(found.task.public().to_map() | {"body": ""})) | {"body": b""})
    assert (stored.cacert, stored.workload) == (found.task.cacert, found.task.workload)
    assert [request.name for request in of_task(stored).requests] == ["a"]


LINE = "gluten: w.toml: line 5: load."
WRONG = [
    ('cacert = "missing"', f"{LINE}cacert: missing: cannot be read: No such file or directory: it is looked up beside"),
    ('cacert = "."', f"{LINE}cacert: .: cannot be read: it is no file"),
    ('cacert = ""', f"{LINE}cacert: must be the name of a PEM file beside this file"),
    ("cacert = true", f"{LINE}cacert: must be the name of a PEM file beside this file"),
    ('cacert = "empty"', f"{LINE}cacert: must be the text of a PEM file (-----BEGIN …): 'empty' is empty"),
    ('cacert = "der"', f"{LINE}cacert: must be the text of a PEM file (-----BEGIN …): 'der' is not one; to convert a"),
    ('cacert = "client.key"', f"{LINE}cacert: 'client.key' has no certificate in it: it has a PRIVATE KEY"),
    ('cacert = "long"', f"{LINE}cacert: 524289 characters; at most 512 KiB"),
    ('key = "client.key"', f'{LINE}key: is of no use without its cert: write cert = "FILE", too'),
    ('cert = "client.pem"', f'{LINE}cert: is of no use without its key: write key = "FILE", too'),
    (
        'cert = "client.pem"\nkey = "other.key"',
        "line 6: load.key: 'other.key' is not the key of the certificate, which is the first one in cert\n",
    ),
    ('cert = "client.pem"\nkey = "client.key.enc"', "openssl pkey -in client.key.enc -out PLAIN`"),
    ('key = "client.pem"\ncert = "client.pem"', f"{LINE}key: 'client.pem' has no private key in it: it has a CERT"),
    ('cert = "mixed"', f"{LINE}cert: 'mixed' is not the key of the certificate"),
    ('cacert = """-----BEGIN X\nCANARY"""', f"{LINE}cacert: must be the name of a PEM file beside this file"),
    ('key = "-----BEGIN CANARY"', f"{LINE}key: must be the name of a PEM file beside this file"),
]


@pytest.mark.parametrize(("load", "said"), WRONG, ids=[load for load, _ in WRONG])
def test_a_file_that_cannot_be_used_is_refused_with_line_and_key(
    place: Place, command: Command, monkeypatch: pytest.MonkeyPatch, load: str, said: str
) -> None:
    (place.folder / "long").write_text("-----BEGIN".ljust((512 << 10) + 9))
    (place.folder / "mixed").write_text(text(place.client.cert) + text(place.other.key))
    write(place, load)
    monkeypatch.chdir(place.folder)
    for name in ("check", "run", "submit"):
        done = command(name, "w.toml")
        assert (done.code, done.out, done.is_one_line()) == (2, "", True), done.error
        assert said in done.error
        assert "CANARY" not in done.error


def test_a_client_s_certificate_is_for_https(place: Place, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    write(place, 'cert = "both.pem"', HEAD.replace("https", "http"))
    monkeypatch.chdir(place.folder)
    done = command("check", "w.toml")
    assert (done.code, done.is_one_line()) == (2, True)
    assert f"{LINE}cert: 'both.pem' is for https:// alone: leave cert and key out, or ask for https://" in done.error
    more = '\n[request.b]\nget = "https://127.0.0.1:2/"\n'
    write(place, f'cert = "both.pem"{more}', HEAD.replace("https", "http"))
    assert command("check", "w.toml").code == 0


def test_an_option_that_outranks_the_file_is_named_by_itself(
    place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(place, 'cacert = "authority.pem"\ncert = "client.pem"\nkey = "client.key"')
    monkeypatch.chdir(place.folder)
    assert command("check", "w.toml").code == 0
    assert "gluten: --cacert: 'client.key' has no cert" in command("check", "--cacert", "client.key", "w.toml").error
    assert "gluten: --key: 'other.key' is not the" in command("run", "--key", "other.key", "w.toml").error
