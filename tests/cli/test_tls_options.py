"""Which certificate each TLS option is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from gluten.cli.arguments import parse
from gluten.cli.commands.start_node import master
from gluten.cli.connect import link_for, master_addresses, tls_of
from gluten.errors import UsageError
from gluten.net.rpc.grpc_channel import Tls
from tests.support.nginx import self_signed

URL = "http://127.0.0.1:1/"
HTTPS = "https://load.test:8888"


@pytest.fixture
def pem(tmp_path: Path) -> str:
    return self_signed(tmp_path).cert


def test_a_master_is_reached_by_tls_only_where_that_was_said(pem: str) -> None:
    trusted = Tls(Path(pem).read_bytes())
    assert tls_of(parse(["runs"], {})) is None
    assert tls_of(parse(["runs", "--master", "load.test:8888"], {})) is None
    assert tls_of(parse(["runs", "--master", HTTPS], {})) == Tls()
    assert tls_of(parse(["runs"], {"GLUTEN_MASTER": f"{HTTPS}/"})) == Tls()
    assert tls_of(parse(["runs", "--master-cacert", pem], {})) == trusted
    assert tls_of(parse(["runs", "--cacert", pem], {})) == trusted
    assert tls_of(parse(["runs"], {"GLUTEN_MASTER_CACERT": pem})) == trusted


def test_submit_s_cacert_is_the_target_s(pem: str) -> None:
    assert tls_of(parse(["submit", "--cacert", pem, URL], {})) is None
    assert tls_of(parse(["submit", "--cacert", "other", "--master-cacert", pem, URL], {})) is not None
    assert tls_of(parse(["runs"], {"GLUTEN_CACERT": pem})) is None
    assert parse(["run", URL], {"GLUTEN_CACERT": pem}).options["cacert"] == pem


def test_an_address_is_read_out_of_a_link() -> None:
    assert master_addresses(parse(["runs", "--master", f"{HTTPS}/"], {})) == ["load.test:8888"]
    assert master_addresses(parse(["runs", "--master", "https://[::1]:9"], {})) == ["[::1]:9"]


def test_a_link_keeps_the_name_that_its_certificate_is_for() -> None:
    link = "https://load.test:8888/runs/1"
    assert link_for(link, parse(["runs"], {}), "127.0.0.1:9090") == link
    assert (
        link_for(link, parse(["runs", "--master", "https://other.test:1"], {}), "other.test:1")
        == "https://other.test:8888/runs/1"
    )
    assert (
        link_for("http://10.0.0.1:8888/runs/1", parse(["runs"], {}), "127.0.0.1:9090") == "http://127.0.0.1:8888/runs/1"
    )


@pytest.mark.parametrize("text", ["", "no certificate"])
def test_a_file_that_is_not_a_certificate_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    with pytest.raises(UsageError, match="--master-cacert"):
        tls_of(parse(["runs", "--master-cacert", str(tmp_path / "x")], {}))
    with pytest.raises(UsageError, match="cannot be read"):
        tls_of(parse(["runs", "--master-cacert", "/no/such"], {}))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tls-cert", "c"], "--tls-key is missing"),
        (["--tls-key", "k"], "--tls-cert is missing"),
        (["--web-host", "https://a.test"], "--web-host"),
        (["--web-host", "a.test:8888"], "--web-host"),
    ],
)
def test_half_of_a_pair_and_a_name_that_is_none_are_refused(tmp_path: Path, words: list[str], said: str) -> None:
    arguments = parse(["--master-mode", "--data", str(tmp_path), "--bind", "127.0.0.1", *words], {})
    with pytest.raises(UsageError, match=said):
        master(arguments)
