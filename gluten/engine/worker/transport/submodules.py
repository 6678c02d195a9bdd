"""Modules of a package without what the package's own `__init__` imports: a load generator's start is part of what its
requests cost."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType


def submodules(package: str, *names: str) -> list[ModuleType]:
    """The modules `names` of `package`, which is imported itself only where it was before. Raises ImportError."""
    if package in sys.modules:
        return [import_module(f"{package}.{name}") for name in names]
    spec = find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    # Made but not run: it tells the import system where the package's modules are.
    sys.modules[package] = module_from_spec(spec)
    try:
        return [import_module(f"{package}.{name}") for name in names]
    finally:
        # Whoever imports the package later gets it whole.
        del sys.modules[package]
