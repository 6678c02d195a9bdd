"""Which host this is, and which hosts a file is for. Other platforms and C libraries are simulated."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import pytest

from gluten_bootstrap import host
from gluten_bootstrap.host import Refusal, check_libc, host_key
from gluten_bootstrap.words import described, served


@pytest.mark.parametrize("libc", ["glibc 2.28", "glibc 2.36", "glibc 3.0"])
def test_a_glibc_of_the_floor_or_newer_will_do(libc: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "confstr", lambda name: libc)
    check_libc()


@pytest.mark.parametrize(
    ("libc", "words"),
    [
        ("glibc 2.17", "this file needs glibc 2.28 or newer; this system has glibc 2.17"),
        (None, "this file needs glibc 2.28 or newer; this system has another libc (musl?)"),
        ("", "this file needs glibc 2.28 or newer; this system has another libc (musl?)"),
    ],
)
def test_an_old_or_another_libc_is_refused_in_one_line(
    libc: str | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "confstr", lambda name: libc)
    with pytest.raises(Refusal) as caught:
        check_libc()
    assert str(caught.value) == words


def test_a_libc_that_does_not_know_the_question_is_musl(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> str:
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "confstr", unknown)
    with pytest.raises(Refusal, match="musl"):
        check_libc()


def test_macos_has_no_glibc_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "confstr", lambda name: None)
    check_libc()


@pytest.mark.parametrize(
    ("system", "machine", "maxsize", "expected"),
    [
        ("Linux", "x86_64", 2**63 - 1, "linux-x86_64"),
        ("Linux", "aarch64", 2**63 - 1, "linux-aarch64"),
        ("Darwin", "arm64", 2**63 - 1, "macos-arm64"),
        ("Linux", "x86_64", 2**31 - 1, "linux-x86_64-32bit"),
        ("FreeBSD", "amd64", 2**63 - 1, "freebsd-amd64"),
    ],
)
def test_a_platform_is_named_by_system_and_processor(
    system: str, machine: str, maxsize: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(sysname=system, machine=machine))
    monkeypatch.setattr(sys, "maxsize", maxsize)
    assert host.platform_name() == expected


@pytest.mark.parametrize(
    ("name", "flags", "expected"),
    [("cpython", "", "cp313"), ("cpython", "t", "cp313t"), ("pypy", "", "pypy313")],
)
def test_a_python_is_named_by_kind_version_and_whether_it_has_the_gil(
    name: str, flags: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = SimpleNamespace(name=name)
    monkeypatch.setattr(sys, "implementation", version)
    monkeypatch.setattr(sys, "version_info", (3, 13, 0, "final", 0))
    monkeypatch.setattr(sys, "abiflags", flags)
    key = host_key()
    monkeypatch.undo()
    assert key.rpartition("-")[2] == expected


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["linux-x86_64-cp311"], "CPython 3.11 on linux-x86_64"),
        ([f"linux-x86_64-cp3{n}" for n in (14, 11, 13, 12)], "CPython 3.11 to 3.14 on linux-x86_64"),
        (
            [f"{p}-cp3{n}" for n in (11, 12) for p in ("linux-x86_64", "linux-aarch64")],
            "CPython 3.11 to 3.12 on linux-aarch64, linux-x86_64",
        ),
        (
            ["linux-x86_64-cp311", "macos-arm64-cp313"],
            "CPython 3.11 on linux-x86_64; CPython 3.13 on macos-arm64",
        ),
    ],
)
def test_the_purpose_of_a_file_is_shown_in_few_words(keys: list[str], words: str) -> None:
    assert served(keys) == words


def test_a_host_is_described_in_words() -> None:
    assert described("linux-x86_64-cp311") == "CPython 3.11 on linux-x86_64"
    assert described("linux-x86_64-pypy310") == "pypy310 on linux-x86_64"
