"""`pip install .`: the package and its two console scripts, which are the same program."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent


def version() -> str:
    """Read, not imported: the package is not there yet while it is being built."""
    found = re.search(r'^__version__ = "([^"]+)"$', (ROOT / "gluten" / "version.py").read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit('gluten/version.py: no line `__version__ = "…"`')
    return found.group(1)


def requirements() -> list[str]:
    lines = (ROOT / "vendor" / "requirements.in").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


setup(
    name="gluten",
    version=version(),
    description="Distributed HTTP load testing from one file",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=find_packages(include=["gluten", "gluten.*"]),
    package_data={"gluten": ["webui/static/**/*", "webui/templates/**/*", "net/gluten.proto"]},
    install_requires=requirements(),
    entry_points={"console_scripts": ["gluten = gluten.__main__:main", "gluten-server = gluten.__main__:main"]},
)
