"""`gluten licences` and `gluten sbom`: what the one file contains. The builder writes both texts."""

from __future__ import annotations

from pathlib import Path

from gluten.cli.arguments import Arguments
from gluten.cli.output import write
from gluten.errors import NotFound

FOLDER = Path(__file__).resolve().parents[3] / "notices"


def licences(arguments: Arguments) -> int:
    """Print the licences of everything that the one file contains. Raises NotFound outside of the one file."""
    return _print("licences.txt")


def sbom(arguments: Arguments) -> int:
    """Print the bill of materials in CycloneDX's JSON. Raises NotFound outside of the one file."""
    return _print("sbom.json")


def _print(name: str) -> int:
    try:
        text = (FOLDER / name).read_text("utf-8")
    except FileNotFoundError:
        why = "this is an installation or a source tree, which contains no other packages"
        raise NotFound(f"{name}: {why}: ask a gluten.pyz; `python3 build_zipapp.py` builds one") from None
    write(text, None, exact=name.endswith(".json"))
    return 0
