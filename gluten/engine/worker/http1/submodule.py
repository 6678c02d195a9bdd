"""A module of a package without what the package's own `__init__` imports: the start of a load generator is part of
what its requests cost."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType


def submodule(package: str, name: str) -> ModuleType:
    """The module `name` of `package`. The package itself is imported only if it was before. Raises ImportError."""
    if package in sys.modules:
        return import_module(f"{package}.{name}")
    spec = find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    # Made but not run: it tells the import system where the package's modules are.
    sys.modules[package] = module_from_spec(spec)
    try:
        return import_module(f"{package}.{name}")
    finally:
        # A later import of the package runs it.
        del sys.modules[package]
