"""However a host is written, it has one name, and a certificate is checked against that name."""

from __future__ import annotations

import pytest

from gluten.errors import TaskError
from gluten.task.address import server_name
from gluten.task.host_names import ascii_name, bare_name, dial_name
from gluten.task.task import Task


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("münchen.test", "xn--mnchen-3ya.test"),
        ("MÜNCHEN.test", "xn--mnchen-3ya.test"),
        ("mu\u0308nchen.test", "xn--mnchen-3ya.test"),
        ("straße.test", "xn--strae-oqa.test"),
        ("βόλος.test", "xn--nxasmm1c.test"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("a\u3002b", "a.b"),
        ("A_b.Test", "a_b.test"),
        ("xn--mnchen-3ya.test", "xn--mnchen-3ya.test"),
        ("\uff11\uff12\uff17.1", "127.1"),
        ("last.dot.", "last.dot."),
        ("münchen.test.", "xn--mnchen-3ya.test."),
    ],
)
def test_a_name_in_ascii(host: str, name: str) -> None:
    assert ascii_name(host) == dial_name(host) == name
    assert bare_name(host) == name.removesuffix(".")


@pytest.mark.parametrize("host", ["a\u200db.test", "ü" * 64 + ".test", "ß" * 64, "\u0627a1\u0627b.test", "\ud800.test"])
def test_what_has_no_ascii_form_is_refused_as_a_url(host: str) -> None:
    with pytest.raises(UnicodeError):
        ascii_name(host)
    with pytest.raises(TaskError, match=r"^url: "):
        Task(f"https://{host}/")


@pytest.mark.parametrize(
    ("host", "asked", "certified"),
    [
        ("fe80::1%25eth0", "fe80::1%eth0", "fe80::1"),
        ("fe80::1%eth0", "fe80::1%eth0", "fe80::1"),
        ("fe80::1%25en%2D1", "fe80::1%en-1", "fe80::1"),
        ("::1", "::1", "::1"),
        ("Shop.Test.", "shop.test.", "shop.test"),
        ("127.1", "127.1", "127.0.0.1"),
        ("0x7f000001", "0x7f000001", "127.0.0.1"),
        ("a_b.test", "a_b.test", "a_b.test"),
    ],
)
def test_a_resolver_gets_the_zone_and_a_certificate_does_not(host: str, asked: str, certified: str) -> None:
    assert (dial_name(host), server_name(host)) == (asked, certified)


@pytest.mark.parametrize(
    ("host", "rule"),
    [
        ("münchen.test", "xn--mnchen-3ya.test"),
        ("xn--mnchen-3ya.test", "MÜNCHEN.test"),
        ("a.test.", "a.test"),
        ("a.test", "A.test."),
    ],
)
def test_a_rule_is_for_every_spelling_of_its_host(host: str, rule: str) -> None:
    assert Task(f"https://{host}/", resolve=(f"{rule}:443:127.0.0.1",)).ruled_addresses == ["127.0.0.1"]


@pytest.mark.parametrize("host", ["ü..test", ".ü.test", "a" * 64 + ".test", "."])
def test_a_name_with_a_label_that_cannot_be_is_refused(host: str) -> None:
    with pytest.raises(TaskError, match=r"^url: "):
        Task(f"https://{host}/")


def test_a_name_that_tls_cannot_carry_is_refused() -> None:
    name = ".".join(["a" * 60] * 5)
    with pytest.raises(TaskError, match=r"^url: .* at most 253"):
        Task(f"https://{name}/")
