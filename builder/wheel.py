"""What a wheel says of itself: its metadata, its licences' texts, the libraries that are linked into it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

from builder.lock import Locked


@dataclass(frozen=True)
class Wheel:
    """`license` is its SPDX expression if `spdx`, else what its author calls it.

    `inside` are CycloneDX components: what its own bill of materials (PEP 770) tells, and the shared libraries that
    lie beside its modules, as files with their hash.
    """

    locked: Locked
    license: str
    spdx: bool
    texts: dict[str, str]
    inside: list[dict[str, Any]]


def read_wheel(path: Path, locked: Locked) -> Wheel:
    """Reads a wheel that has been checked against its lock."""
    texts: dict[str, str] = {}
    inside: list[dict[str, Any]] = []
    metadata = Message()
    with zipfile.ZipFile(path) as source:
        for name in sorted(source.namelist()):
            folder, *rest = name.split("/")
            if folder.endswith(".libs") and rest[-1]:
                inside.append(_file(rest[-1], source.read(name)))
            if not folder.endswith(".dist-info") or not rest[-1]:
                continue
            if rest == ["METADATA"]:
                metadata = Parser().parsestr(source.read(name).decode(), headersonly=True)
            elif is_licence(rest):
                texts["/".join(rest).removeprefix("licenses/")] = source.read(name).decode()
            elif rest[0] == "sboms" and rest[-1].endswith(".cdx.json"):
                inside += _libraries(json.loads(source.read(name)))
    expression = metadata["License-Expression"]
    return Wheel(locked, expression or _called(metadata), bool(expression), texts, inside)


def is_licence(parts: list[str]) -> bool:
    """Whether a file of a `.dist-info` is a licence's text; `parts` are its path below that."""
    return parts[0] == "licenses" or parts[-1].upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE"))


def _called(metadata: Message) -> str:
    """The licence in its author's words, from the fields that older metadata have."""
    said = (metadata["License"] or "").strip()
    if said and "\n" not in said:
        return str(said)
    classifiers = [text for text in metadata.get_all("Classifier", []) if text.startswith("License :: ")]
    return str(classifiers[0].rpartition(" :: ")[2]) if classifiers else "as in its text"


def _file(name: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"type": "file", "name": name, "hashes": [{"alg": "SHA-256", "content": digest}]}


def _libraries(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The components of a wheel's own bill but the wheel itself, each once."""
    own = document.get("metadata", {}).get("component", {}).get("name")
    kept = ("type", "name", "version", "purl")
    found = [{field: part[field] for field in kept if field in part} for part in document.get("components", [])]
    unique = {(part["name"], part.get("version", "")): part for part in found if part["name"] != own}
    return [part for _, part in sorted(unique.items())]
