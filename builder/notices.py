"""What is said of everything that is carried: the licences' texts, and the bill of materials.

Both come from the wheels' own metadata, the locks, and the browser's packages; nothing is added by hand.
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
    """The files that `gluten.pyz licences` and `gluten.pyz sbom` print, by path in the unpacked tree.

    Raises BuildError if something is carried whose licence nobody tells.
    """
    wheels = [read_wheel(vendor.wheels / locked.file, locked) for locked in vendor.carried(target)]
    version = own_version(root)
    sections = [_section(f"GLuTEN {version}", "MIT", {"LICENSE": (root / "LICENSE").read_text()})]
    sections += [_of_wheel(wheel) for wheel in wheels]
    carried = vendor.web_files()
    for package in vendor.web_packages():
        texts = {name: carried[name].decode() for name in package.files.values() if name.endswith("LICENSE")}
        sections.append(_section(f"{package.name} {package.version} (JavaScript)", package.license, texts))
    document = bill(version, wheels, vendor.web_packages())
    return {
        LICENCES: "\n".join(sections).encode(),
        BILL: (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode(),
    }


def own_version(root: Path) -> str:
    """Read, not imported: the tree that is built need not be the one that builds. Raises BuildError."""
    path = root / "gluten" / "version.py"
    found = re.search(r'^__version__ = "([^"]+)"$', path.read_text(), re.MULTILINE)
    if found is None:
        raise BuildError(f'{path}: no line `__version__ = "…"`')
    return found[1]


def _of_wheel(wheel: Wheel) -> str:
    text = _section(f"{wheel.locked.name} {wheel.locked.version}", wheel.license, wheel.texts)
    if wheel.inside:
        names = ", ".join(sorted({f"{part['name']} {part.get('version', '')}".strip() for part in wheel.inside}))
        text += f"\nIt brings these libraries in binary form, each under its own licence: {names}\n"
    return text


def _section(what: str, named: str, texts: dict[str, str]) -> str:
    if not texts:
        raise BuildError(f"{what}: no licence's text is in its package: it may not be carried")
    body = "\n".join(f"-- {name}\n\n{text.strip()}\n" for name, text in sorted(texts.items()))
    return f"{RULE}\n{what}: {named}\n{RULE}\n\n{body}"
