"""`gluten licences` and `gluten sbom`: what the one file carries. The builder writes both texts."""

from __future__ import annotations

from pathlib import Path

from gluten.cli.arguments import Arguments
from gluten.cli.output import write
from gluten.errors import NotFound

FOLDER = Path(__file__).resolve().parents[2] / "notices"


def licences(arguments: Arguments) -> int:
    """Print the licences' texts of everything that is carried. Raises NotFound outside of the one file."""
    return _print("licences.txt")


def sbom(arguments: Arguments) -> int:
    """Print the bill of materials, CycloneDX in JSON. Raises NotFound outside of the one file."""
    return _print("sbom.json")


def _print(name: str) -> int:
    try:
        text = (FOLDER / name).read_text("utf-8")
    except FileNotFoundError:
        why = "this runs from an installation or a source tree, which carries no packages of others"
        raise NotFound(f"{name}: {why}: ask a gluten.pyz, as `python3 build_zipapp.py` makes it") from None
    write(text, None, exact=name.endswith(".json"))
    return 0
