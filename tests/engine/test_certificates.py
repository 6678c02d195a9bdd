"""OpenSSL judges a task's certificates before anything is sent, and never asks on a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from gluten.engine.certificates import check_certificates
from gluten.errors import TaskError
from gluten.task.task import Task
from tests.support.authority import Authority, encrypted, openssl

URL = "https://127.0.0.1:1/"
BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("certificates")
    authority = Authority(folder)
    mine, other = authority.issue("mine"), authority.issue("other")
    openssl("genrsa", "-out", str(folder / "rsa.key"), "2048")
    paths = {
        "authority": authority.cert,
        "cert": mine.cert,
        "key": mine.key,
        "other": other.key,
        "encrypted": encrypted(mine.key),
        "older": encrypted(str(folder / "rsa.key"), "-traditional"),
    }
    return {name: Path(path).read_text() for name, path in paths.items()}


def test_a_pair_and_an_authority_are_taken(texts: dict[str, str]) -> None:
    check_certificates(Task(URL, cacert=texts["authority"], cert=texts["cert"], key=texts["key"]))
    check_certificates(Task(URL, cert=texts["cert"] + texts["authority"], key=texts["key"], insecure=True))
    check_certificates(Task(URL))


@pytest.mark.parametrize(
    ("cert", "key", "field", "words"),
    [
        ("cert", "encrypted", "key", "is encrypted"),
        ("cert", "older", "key", "is encrypted"),
        ("cert", "", "key", "is missing"),
        ("", "key", "cert", "is missing"),
        ("cert", "other", "key", "is not the key of the certificate"),
        ("cert", "authority", "key", "has no private key"),
        ("key", "key", "cert", "has no certificate"),
    ],
)
def test_a_mistake_names_its_field(texts: dict[str, str], cert: str, key: str, field: str, words: str) -> None:
    with pytest.raises(TaskError, match=f"^{field}: .*{words}") as caught:
        check_certificates(Task(URL, cert=texts.get(cert, ""), key=texts.get(key, "")))
    assert caught.value.field == field
    assert "_ssl.c" not in str(caught.value)


@pytest.mark.parametrize("field", ["cacert", "cert"])
def test_a_certificate_that_cannot_be_read_is_refused_wherever_it_stands(texts: dict[str, str], field: str) -> None:
    task = Task(URL, cert=texts["cert"], key=texts["key"])
    for text in (BROKEN, texts["authority"] + BROKEN):
        with pytest.raises(TaskError, match=f"^{field}: "):
            check_certificates(task._replace(**{field: text}))


def test_a_key_that_cannot_be_read_is_refused(texts: dict[str, str]) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    with pytest.raises(TaskError, match=r"^key: cannot be read"):
        check_certificates(Task(URL, cert=texts["cert"], key=key))


def test_a_client_certificate_is_for_https(texts: dict[str, str]) -> None:
    with pytest.raises(TaskError, match=r"^cert: is for https"):
        check_certificates(Task("http://127.0.0.1:1/", cert=texts["cert"], key=texts["key"]))
