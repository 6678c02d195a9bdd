"""The modules under gluten/ and what they import, as `tests/test_layers.py` judges it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Import:
    """`module` imports `name`; `lazy`: inside a function, or for the type checker alone."""

    module: str
    name: str
    line: int
    lazy: bool

    def __str__(self) -> str:
        return f"gluten/{self.module.replace('.', '/')}.py:{self.line} imports {self.name}"


@cache
def modules() -> Mapping[str, Path]:
    """Every module under gluten/ by its dotted name without `gluten.`; a package's own file is `….__init__`."""
    return {".".join(path.relative_to(ROOT / "gluten").with_suffix("").parts): path for path in files()}


def files() -> list[Path]:
    return sorted((ROOT / "gluten").rglob("*.py"))


@cache
def imports() -> tuple[Import, ...]:
    return tuple(found for module, path in modules().items() for found in parse(module, path.read_text()))


def parse(module: str, source: str) -> Iterator[Import]:
    """The imports of one module. `from gluten.net import messages` is an import of gluten.net.bus.messages."""
    pending: list[tuple[ast.AST, bool]] = [(ast.parse(source), False)]
    while pending:
        node, lazy = pending.pop()
        lazy = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) or _type_checking(node)
        pending += [(child, lazy) for child in ast.iter_child_nodes(node)]
        if isinstance(node, ast.Import):
            yield from (Import(module, alias.name, node.lineno, lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_module = whole.removeprefix("gluten.") in modules()
                yield Import(module, whole if is_module else str(node.module), node.lineno, lazy)


def _type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def own(found: Import) -> str | None:
    """The imported module without `gluten.`, or None for a library."""
    if found.name == "gluten" or found.name.startswith("gluten."):
        return found.name.removeprefix("gluten").removeprefix(".")
    return None


def within(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(place + ".") for place in places)


def rings(edges: set[tuple[str, str]]) -> list[str]:
    """The nodes of a directed graph that lie on a ring, apart from edges of a node to itself."""
    left = {edge for edge in edges if edge[0] != edge[1]}
    while True:
        starts, ends = {a for a, _ in left}, {b for _, b in left}
        kept = {(a, b) for a, b in left if a in ends and b in starts}
        if kept == left:
            return sorted(starts)
        left = kept
