#!/usr/bin/env python3
"""Makes GLuTEN's one file.

    python3 build_zipapp.py         fetch what vendor/ lacks, write dist/gluten.pyz for this Python and host
    python3 build_zipapp.py vendor  only fetch, and lay the browser's files where a source tree serves them
    python3 build_zipapp.py lock    resolve every target anew and write vendor/locks/

Exit codes: 0 done, 2 it cannot be done; then one line on stderr says why.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from builder import resolution, zipapp
from builder.errors import BuildError
from builder.target import Target, running_target, targets_named
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
    parser = argparse.ArgumentParser(description="Makes GLuTEN's one file.")
    parser.add_argument("command", nargs="?", choices=("build", "vendor", "lock"), default="build")
    parser.add_argument("--offline", action="store_true", help="use vendor/ alone; say which file is missing")
    parser.add_argument(
        "--target",
        action="append",
        help="for this host instead of the running one, such as linux-x86_64-cp312",
    )
    parser.add_argument("--output", type=Path, default=ROOT / "dist" / "gluten.pyz")
    parser.add_argument("--root", type=Path, default=ROOT, help="the source tree that is built")
    parser.add_argument("--vendor", type=Path, default=ROOT / "vendor")
    return parser


def _run(options: argparse.Namespace, vendor: Vendor) -> None:
    if options.command == "lock":
        resolution.renew(options.vendor)
        return
    targets = targets_named(options.target) if options.target else [running_target()]
    if not options.offline:
        vendor.fetch(targets)
    if options.command == "vendor":
        vendor.check(targets)
        _lay_out_web_files(options.root, vendor)
    else:
        _build(options, vendor, targets)


def _lay_out_web_files(root: Path, vendor: Vendor) -> None:
    place = root / PLACE
    place.mkdir(parents=True, exist_ok=True)
    for name, content in vendor.web_files().items():
        (place / name).write_bytes(content)


def _build(options: argparse.Namespace, vendor: Vendor, targets: list[Target]) -> None:
    zipapp.build(options.root, vendor, targets, options.output)
    size = options.output.stat().st_size / 2**20
    print(f"{options.output}: {size:.1f} MB for {', '.join(target.key for target in targets)}")


if __name__ == "__main__":
    sys.exit(main())
