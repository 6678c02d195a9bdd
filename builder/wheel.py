"""Reads what a wheel contains about itself: metadata, licences, and the libraries that are linked into it."""

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
    """A wheel. `license` is an SPDX expression if `spdx`, else the name that its author gives.

    `texts` are its licences by file name. `inside` are CycloneDX components: those of its own bill of materials
    (PEP 770), and the shared libraries beside its modules, as files with their hashes.
    """

    locked: Locked
    license: str
    spdx: bool
    texts: dict[str, str]
    inside: list[dict[str, Any]]


def read_wheel(path: Path, locked: Locked) -> Wheel:
    """Reads a wheel. Its lock must have been checked."""
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
    return Wheel(locked, expression or _licence_name(metadata), bool(expression), texts, inside)


def is_licence(parts: list[str]) -> bool:
    """Whether a file of a `.dist-info` is the text of a licence. `parts` is its path below that folder."""
    return parts[0] == "licenses" or parts[-1].upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE"))


def _licence_name(metadata: Message) -> str:
    """The author's name for the licence, from the fields of older metadata."""
    name = (metadata["License"] or "").strip()
    if name and "\n" not in name:
        return str(name)
    classifiers = [text for text in metadata.get_all("Classifier", []) if text.startswith("License :: ")]
    return str(classifiers[0].rpartition(" :: ")[2]) if classifiers else "as in its text"


def _file(name: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"type": "file", "name": name, "hashes": [{"alg": "SHA-256", "content": digest}]}


def _libraries(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The components of a wheel's own bill of materials, each once and without the wheel itself."""
    own = document.get("metadata", {}).get("component", {}).get("name")
    kept = ("type", "name", "version", "purl")
    found = [{field: part[field] for field in kept if field in part} for part in document.get("components", [])]
    unique = {(part["name"], part.get("version", "")): part for part in found if part["name"] != own}
    return [part for _, part in sorted(unique.items())]
