"""Certificates and keys as texts: what a PEM text has in it, and why it cannot be used. Pure. OpenSSL decides at
last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from gluten.errors import TaskError
from gluten.task.fields import Kind, Secret, fields_of
from gluten.task.validate import PEM

CERTIFICATE, KEY = "CERTIFICATE", "PRIVATE KEY"
WANTED = {field.name: CERTIFICATE if field.secret is Secret.NOTHING else KEY for field in fields_of(Kind.PEM)}
"""How the label ends of what belongs in a task's field."""

_BEGIN, _END, _LINE = "-----BEGIN ", "-----END ", "-----"
_WITHOUT = "decrypt it by `openssl pkey -in KEY -out PLAIN`, and give PLAIN"


class Block(NamedTuple):
    """`label` is the name in its first line. `text` is all of its lines."""

    label: str
    text: str


def texts_of(files: Mapping[str, str], read: Callable[[str, str], bytes]) -> dict[str, str]:
    """The task's fields that these files fill: `files` has a file's name for a field, `read` (field, file) its content.
    Raises TaskError.

    The file of a certificate may also hold its key, as with curl. In the task the key has its own field.
    """
    texts = {name: _text(name, file, read(name, file)) for name, file in files.items()}
    if "cert" in texts and "key" not in texts and (key := of_kind(texts["cert"], KEY)):
        texts["key"] = key
    return {name: of_kind(text, WANTED[name]) or text for name, text in texts.items()}


def _text(name: str, file: str, content: bytes) -> str:
    """The text of a PEM file. Raises TaskError. Text around the certificates may have any encoding."""
    text = content.decode("utf-8", "replace")
    if PEM in text:
        return text
    convert = f"openssl {'pkey' if name == 'key' else 'x509'} -inform der -in FILE -out FILE.pem"
    why = f"is not one; to convert a DER file: `{convert}`" if text else "is empty"
    raise TaskError(name, f"--{name}: must be the text of a PEM file ({PEM} …): {file!r} {why}")


def blocks(text: str) -> list[Block]:
    """The complete blocks of a text, in order. The text around them is left out."""
    return list(_blocks(text))


def of_kind(text: str, kind: str) -> str:
    """The blocks whose label ends with `kind`, as one text; empty if there is none."""
    return "".join(block.text for block in blocks(text) if block.label.endswith(kind))


def why_not(name: str, text: str) -> str:
    """Why the text cannot be the task's field `name`. Empty: it can."""
    found, kind = blocks(text), WANTED[name]
    what = "certificate" if kind == CERTIFICATE else "private key"
    if not any(block.label.endswith(kind) for block in found):
        other = f": it has a {found[0].label}" if found else " (-----BEGIN … to -----END …)"
        return f"has no {what} in it{other}"
    if name == "key" and any(_is_encrypted(block) for block in found):
        return f"is encrypted, and nobody is asked for its password: {_WITHOUT}"
    if name != "key" and any(block.label.endswith(KEY) for block in found):
        return "has a private key in it, which is kept secret in key alone: leave it out"
    return ""


def unpaired(texts: Mapping[str, str], secure: bool) -> tuple[str, str]:
    """The field that is missing or has no use, and why. Two empty texts: a client's certificate may be used so."""
    if texts["cert"] and not texts["key"]:
        return "key", "is missing: --cert is of no use without its private key, --key FILE"
    if texts["key"] and not texts["cert"]:
        return "cert", "is missing: --key is of no use without its certificate, --cert FILE"
    if texts["cert"] and not secure:
        return "cert", "is for https:// alone: leave --cert and --key out, or ask for https://"
    return "", ""


def _is_encrypted(block: Block) -> bool:
    """Whether the key needs a password. In PKCS #8 its label says so, in the older form a header (RFC 1421)."""
    return block.label.startswith("ENCRYPTED") or ("Proc-Type:" in block.text and "ENCRYPTED" in block.text)


def _blocks(text: str) -> Iterator[Block]:
    label, lines = "", list[str]()
    for line in map(str.strip, text.splitlines()):
        if line.startswith(_BEGIN) and line.endswith(_LINE):
            label, lines = line[len(_BEGIN) : -len(_LINE)], []
        lines.append(line)
        if label and line == f"{_END}{label}{_LINE}":
            yield Block(label, "\n".join([*lines, ""]))
            label = ""
