"""Rules for what the benchmark measures, prints and returns."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bench.cases import CASES, Case
from bench.equip import earlier
from bench.peers import PEERS
from bench.rounds import in_turn
from bench.servers import SERVERS
from bench.show import print_case
from bench.target import Missing, Server
from bench.versus import Setting, exit_code

MET: dict[str, Any] = {"bounds": [{"met": True}]}
MISSED: dict[str, Any] = {"bounds": [{"met": False}]}
SKIPPED: dict[str, Any] = {"bounds": [], "skipped": "no go"}


@pytest.mark.parametrize(
    ("cases", "code"), [([MET], 0), ([MET, SKIPPED], 3), ([MET, MISSED, SKIPPED], 1), ([MISSED], 1), ([], 0)]
)
def test_a_missed_bound_outranks_a_case_that_is_not_measured(cases: list[dict[str, Any]], code: int) -> None:
    assert exit_code(cases) == code


def test_a_case_whose_server_is_missing_says_what_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(SERVERS, "go", Server("go", (("/no/such/go", "golang-go"),), lambda folder, ports: []))
    found = Setting(1, 0, [], 1, 1.0).measure(Case("go", "Go", server="go"), tmp_path / "go")
    print_case(found)
    assert "not measured: go is not installed (Debian: apt-get install golang-go)" in capsys.readouterr().out


def test_an_earlier_gluten_is_asked_like_this_one(tmp_path: Path) -> None:
    file = tmp_path / "old.pyz"
    file.write_text("print('GLuTEN 0.0.9')")
    peer = earlier(file)
    subject = next(peer for peer in PEERS if peer.name == "GLuTEN")
    assert (peer.name, peer.version, peer.program) == ("before", "0.0.9", [sys.executable, str(file)])
    assert (peer.command, peer.read) == (subject.command, subject.read)


def test_an_earlier_gluten_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="--before: there is no file"):
        earlier(tmp_path / "none.pyz")


def test_idle_nodes_are_not_measured_without_gluten(tmp_path: Path) -> None:
    found = Setting(1, 0, [], 1, 1.0).measure(Case("idle", "", idle=0.003), tmp_path / "idle")
    assert found["skipped"] == "GLuTEN is not among the peers"


def test_each_round_begins_with_another_client() -> None:
    peers = list(PEERS[:3])
    orders = ["".join(str(peers.index(peer)) for peer in in_turn(peers, number)) for number in range(4)]
    assert orders == ["012", "120", "201", "012"]
    assert in_turn([], 1) == []


@pytest.mark.parametrize(
    ("name", "only"),
    [
        ("plain", ()),
        ("go", ()),
        ("rate", ("GLuTEN", "before", "wrk", "C loop")),
        ("rate50k", ("GLuTEN", "before", "wrk2", "C loop")),
        ("highest", ("GLuTEN", "before", "wrk2")),
        ("node-shared", ("GLuTEN", "before", "wrk")),
    ],
)
def test_a_case_names_the_clients_that_it_can_compare(name: str, only: tuple[str, ...]) -> None:
    assert next(case for case in CASES if case.name == name).only == only
