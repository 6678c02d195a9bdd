#!/usr/bin/env python3
"""Builds GLuTEN's one file.

    python3 build_zipapp.py          fetch what vendor/ lacks, and write dist/gluten.pyz for this Python and host
    python3 build_zipapp.py release  write dist/gluten-linux-x86_64.pyz and dist/gluten-linux-aarch64.pyz, each for
                                     CPython 3.11 to 3.14; with --target macos-arm64 or all, that file instead
    python3 build_zipapp.py vendor   only fetch, and copy the browser's files to where a source tree serves them
    python3 build_zipapp.py lock     resolve every target again, and write vendor/locks/

A target is a host with one Python (linux-x86_64-cp312), a platform with all Pythons (linux-x86_64), this platform
(here), or all. Any machine can build the file of any target. Exit code 0 means done. Exit code 2 means that it failed;
then one line on stderr says why.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from builder import resolution, zipapp
from builder.errors import BuildError
from builder.target import RELEASED, Target, running_target, targets_named
from builder.vendor import Vendor
from builder.web import PLACE

ROOT = Path(__file__).resolve().parent


def main(argv: list[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    try:
        _run(options, Vendor(options.vendor))
    except (BuildError, OSError) as error:
        print(f"build_zipapp.py: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="build_zipapp.py", description=__doc__, formatter_class=form)
    parser.add_argument("command", nargs="?", choices=("build", "release", "vendor", "lock"), default="build")
    parser.add_argument("--offline", action="store_true", help="fetch nothing; fail if a file is missing")
    parser.add_argument("--target", action="append", help="build for this, not for this host; may be repeated")
    parser.add_argument("--output", type=Path, default=ROOT / "dist" / "gluten.pyz")
    parser.add_argument("--root", type=Path, default=ROOT, help="the source tree that is built")
    parser.add_argument("--vendor", type=Path, default=ROOT / "vendor")
    return parser


def _run(options: argparse.Namespace, vendor: Vendor) -> None:
    if options.command == "lock":
        resolution.renew(options.vendor)
        return
    files = _files(options)
    targets = [target for served in files.values() for target in served]
    if not options.offline:
        vendor.fetch(targets)
    if options.command == "vendor":
        vendor.check(targets)
        _copy_web_files(options.root, vendor)
        return
    for output, served in files.items():
        _build(options.root, vendor, served, output)


def _files(options: argparse.Namespace) -> dict[Path, list[Target]]:
    """The files to write, each with its targets. A release has one file for each name, else there is one for all."""
    if options.command == "release":
        folder = options.output.parent
        return {folder / f"gluten-{name}.pyz": targets_named([name]) for name in options.target or RELEASED}
    return {options.output: targets_named(options.target) if options.target else [running_target()]}


def _copy_web_files(root: Path, vendor: Vendor) -> None:
    place = root / PLACE
    place.mkdir(parents=True, exist_ok=True)
    for name, content in vendor.web_files().items():
        (place / name).write_bytes(content)


def _build(root: Path, vendor: Vendor, targets: list[Target], output: Path) -> None:
    sizes = zipapp.build(root, vendor, targets, output)
    size = output.stat().st_size / 2**20
    print(f"{output}: {size:.1f} MB for {', '.join(target.key for target in targets)}")
    largest = sorted(sizes.items(), key=lambda each: -each[1])[:8]
    print("  of which " + ", ".join(f"{name} {count / 2**20:.1f}" for name, count in largest))


if __name__ == "__main__":
    sys.exit(main())
