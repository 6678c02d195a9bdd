"""The bill of materials of one target, in CycloneDX 1.6 (JSON): packages, versions and hashes.

It has no time stamp, and its serial number comes from its content. So equal trees have equal bills.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence
from typing import Any

from builder.web import WebPackage
from builder.wheel import Wheel

Component = dict[str, Any]


def bill(version: str, wheels: Sequence[Wheel], web: Sequence[WebPackage]) -> dict[str, Any]:
    """The document. `version` is the version of GLuTEN."""
    own = _component("application", "gluten", version, f"pkg:generic/gluten@{version}", "MIT")
    parts = [_of_wheel(wheel) for wheel in wheels] + [_of_web(package) for package in web]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own},
        "components": parts,
        "dependencies": [{"ref": own["bom-ref"], "dependsOn": sorted(part["bom-ref"] for part in parts)}],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(document, sort_keys=True))
    return document | {"serialNumber": f"urn:uuid:{serial}"}


def _of_wheel(wheel: Wheel) -> Component:
    name, version = wheel.locked.name, wheel.locked.version
    found = _component("library", name, version, f"pkg:pypi/{name}@{version}", wheel.license, wheel.spdx)
    found["hashes"] = [{"alg": "SHA-256", "content": wheel.locked.sha256}]
    if wheel.inside:
        found["components"] = [
            part | {"bom-ref": f"{found['bom-ref']}#{part['name']}"}
            for part in sorted(wheel.inside, key=lambda part: str(part["name"]))
        ]
    return found


def _of_web(package: WebPackage) -> Component:
    name, version = package.name, package.version
    found = _component("library", name, version, f"pkg:npm/{name}@{version}", package.license)
    algorithm, _, digest = package.integrity.partition("-")
    content = base64.b64decode(digest).hex()
    found["hashes"] = [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": content}]
    return found


def _component(kind: str, name: str, version: str, purl: str, licence: str, spdx: bool = True) -> Component:
    """One component. `licence` is an SPDX expression if `spdx`, else a name."""
    entry = {"expression": licence} if spdx else {"license": {"name": licence}}
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl, "licenses": [entry]}
