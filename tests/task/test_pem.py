"""What a PEM text contains, and how a useless one is refused."""

from __future__ import annotations

import pytest

from gluten.task.pem import CERTIFICATE, KEY, blocks, of_kind, unpaired, why_not


def block(label: str, inside: str = "AAAA") -> str:
    return f"-----BEGIN {label}-----\n{inside}\n-----END {label}-----\n"


def test_blocks_are_found_between_whatever_else_stands_there() -> None:
    text = f"Főtanúsítvány\r\n{block('CERTIFICATE')}\nBag Attributes\n  {block('EC PARAMETERS')}{block('PRIVATE KEY')}"
    assert [found.label for found in blocks(text.replace("\n", "\r\n"))] == [
        "CERTIFICATE",
        "EC PARAMETERS",
        "PRIVATE KEY",
    ]
    assert of_kind(text, CERTIFICATE) == block("CERTIFICATE")
    assert of_kind(text, KEY) == block("PRIVATE KEY")


def test_a_block_without_its_end_is_none() -> None:
    assert blocks("-----BEGIN CERTIFICATE-----\nAAAA\n") == []
    assert [found.text for found in blocks("-----BEGIN CERTIFICATE-----\nA\n" + block("CERTIFICATE"))] == [
        block("CERTIFICATE")
    ]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("cacert", "", "has no certificate in it"),
        ("cert", block("PRIVATE KEY"), "no certificate in it: it has a PRIVATE KEY"),
        ("cacert", block("CERTIFICATE REQUEST"), "it has a CERTIFICATE REQUEST"),
        ("key", block("CERTIFICATE"), "no private key"),
        ("key", block("PUBLIC KEY"), "no private key"),
        ("key", block("ENCRYPTED PRIVATE KEY"), "openssl pkey -in KEY"),
        ("key", block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA"), "is encrypted"),
        ("cert", block("CERTIFICATE") + block("EC PRIVATE KEY"), "a private key in it"),
        ("cacert", block("CERTIFICATE"), ""),
        ("cert", block("CERTIFICATE") * 2, ""),
        ("key", block("RSA PRIVATE KEY"), ""),
        ("key", block("EC PARAMETERS") + block("EC PRIVATE KEY"), ""),
        ("cert", block("TRUSTED CERTIFICATE"), ""),
    ],
)
def test_why_a_text_cannot_be_used(name: str, text: str, words: str) -> None:
    why = why_not(name, text)
    assert words in why
    assert bool(why) == bool(words)


@pytest.mark.parametrize(
    ("cert", "key", "secure", "field"),
    [
        ("c", "", True, "key"),
        ("", "k", True, "cert"),
        ("c", "k", False, "cert"),
        ("c", "k", True, ""),
        ("", "", False, ""),
    ],
)
def test_a_certificate_and_its_key_go_together_and_with_https(cert: str, key: str, secure: bool, field: str) -> None:
    found, why = unpaired({"cert": cert, "key": key, "cacert": ""}, secure)
    assert (found, bool(why)) == (field, bool(field))
