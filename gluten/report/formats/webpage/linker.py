"""ES modules as one script without imports, so that a page can carry it. Pure.

It reads what this project's modules and uPlot look like, and no more: each `import` and `export` begins its line. A
module becomes a function that returns what it exports; each is run once, after all that it imports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from posixpath import dirname, join, normpath

Source = Callable[[str], str]
"""Gets the path of a module, from the root of all. Returns its text."""

_NAMES = r"\{(?P<names>[^}]*)\}"
_IMPORT = re.compile(rf'^import\s+(?:(?P<whole>\w+)|{_NAMES})\s+from\s+"(?P<path>[^"]+)";\n', re.M)
_DECLARED = re.compile(r"^export ((?:async )?function|class|const) ([\w$]+|\[[^\]]*\])", re.M)
_LISTED = re.compile(rf"^export {_NAMES};\n", re.M)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.M)
_NOISE = re.compile(r"^\s*(?:/\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)(?:\n|\Z)", re.M | re.S)
"""A comment on lines of its own. No text of a module has a line that looks like one."""
_INDENT = re.compile(r"^\s+", re.M)
_NOTICE = re.compile(r"\A\s*/\*\*.*?Copyright.*?\*/", re.S)
"""The head of a library, which its licence asks to keep."""


def link(entry: str, source: Source) -> str:
    """The module `entry` and all that it imports as one script. Raises ValueError for a module that it cannot read."""
    linked: dict[str, str] = {}
    notices: list[str] = []
    _add(entry, source, linked, notices, ())
    text = "".join([*notices, '(() => {\n"use strict";\n', *linked.values(), "})();\n"])
    if found := re.search(r"</script|<!--", text, re.I):
        raise ValueError(f"{entry}: {found[0]} would end the script in a page")
    return text


def _add(path: str, source: Source, linked: dict[str, str], notices: list[str], above: tuple[str, ...]) -> None:
    if path in above:
        raise ValueError(f"{path}: imports itself by way of {', '.join(above)}")
    if path in linked:
        return
    whole = source(path)
    text = _NOISE.sub("", whole)
    for found in _IMPORT.finditer(text):
        _add(_target(path, found["path"]), source, linked, notices, (*above, path))
    if notice := _NOTICE.match(whole):
        notices.append(notice[0].strip() + "\n")
    places = {one: f"m{number}" for number, one in enumerate(linked)}
    linked[path] = _module(path, text, places)


def _target(path: str, name: str) -> str:
    return normpath(join(dirname(path), name))


def _module(path: str, text: str, places: dict[str, str]) -> str:
    """The module as a constant: the result of a function. `places`: the constants of the modules before it."""
    exported = [*_exports(text)]
    text = _IMPORT.sub(lambda found: _constant(found, places[_target(path, found["path"])]), text)
    text = _DECLARED.sub(r"\1 \2", _LISTED.sub("", text))
    if left := _LEFT.search(text):
        raise ValueError(f"{path}: cannot be linked: {left[0]}")
    return f"const m{len(places)} = (() => {{\n{_INDENT.sub('', text)}return {{ {', '.join(exported)} }};\n}})();\n"


def _constant(found: re.Match[str], place: str) -> str:
    names = found["names"]
    wanted = f"default: {found['whole']}" if names is None else re.sub(r"\bas\b", ":", names)
    return f"const {{ {' '.join(wanted.split())} }} = {place};\n"


def _exports(text: str) -> Iterator[str]:
    """Each exported name, as an object literal has it."""
    for found in _DECLARED.finditer(text):
        yield from re.findall(r"[\w$]+", found[2])
    for found in _LISTED.finditer(text):
        for one in filter(None, map(str.strip, found["names"].split(","))):
            local, _, name = one.partition(" as ")
            yield f"{name or local}: {local}"
