"""Writes the licences and the bill of materials of everything in the file.

Both come from the metadata of the wheels, the locks, and the browser's packages. Nothing is added by hand.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from builder.errors import BuildError
from builder.sbom import bill
from builder.target import Target
from builder.vendor import Vendor
from builder.wheel import Wheel, read_wheel

LICENCES = "gluten/notices/licences.txt"
BILL = "gluten/notices/sbom.json"
RULE = "=" * 80


def notices(root: Path, vendor: Vendor, target: Target) -> dict[str, bytes]:
    """The files that `gluten.pyz licences` and `gluten.pyz sbom` print, by their path in the unpacked tree.

    Raises BuildError if the licence of a package is missing.
    """
    wheels = [read_wheel(vendor.wheels / locked.file, locked) for locked in vendor.carried(target)]
    version = own_version(root)
    sections = [_section(f"GLuTEN {version}", "MIT", {"LICENSE": (root / "LICENSE").read_text()})]
    sections += [_of_wheel(wheel) for wheel in wheels]
    web_files = vendor.web_files()
    for package in vendor.web_packages():
        texts = {name: web_files[name].decode() for name in package.files.values() if name.endswith("LICENSE")}
        sections.append(_section(f"{package.name} {package.version} (JavaScript)", package.license, texts))
    document = bill(version, wheels, vendor.web_packages())
    return {
        LICENCES: "\n".join(sections).encode(),
        BILL: (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode(),
    }


def own_version(root: Path) -> str:
    """The version in the source tree `root`. It is not imported, because `root` may be another tree than this one.

    Raises BuildError.
    """
    path = root / "gluten" / "version.py"
    found = re.search(r'^__version__ = "([^"]+)"$', path.read_text(), re.MULTILINE)
    if found is None:
        raise BuildError(f'{path}: the line `__version__ = "…"` is missing')
    return found[1]


def _of_wheel(wheel: Wheel) -> str:
    text = _section(f"{wheel.locked.name} {wheel.locked.version}", wheel.license, wheel.texts)
    if wheel.inside:
        names = ", ".join(sorted({f"{part['name']} {part.get('version', '')}".strip() for part in wheel.inside}))
        text += f"\nIt brings these libraries in binary form, each under its own licence: {names}\n"
    return text


def _section(what: str, licence: str, texts: dict[str, str]) -> str:
    if not texts:
        raise BuildError(f"{what}: its package has no text of a licence, so it must not be included")
    body = "\n".join(f"-- {name}\n\n{text.strip()}\n" for name, text in sorted(texts.items()))
    return f"{RULE}\n{what}: {licence}\n{RULE}\n\n{body}"
