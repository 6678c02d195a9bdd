"""Takes by paths into JSON, of a body that is plain UTF-8: at a third of what `Take` costs for any response."""

from __future__ import annotations

from collections.abc import Sequence

from gluten.workload.checks.content_coding import LARGEST
from gluten.workload.checks.json_path import JsonPath
from gluten.workload.json_text import loads, plain


class JsonTakes:
    """Has the paths by the names of what they take."""

    __slots__ = ("_paths",)

    def __init__(self, paths: Sequence[tuple[str, JsonPath]]) -> None:
        self._paths = tuple(paths)

    def take(self, body: bytes, taken: dict[str, str]) -> bool:
        """Take all. False: the body is not JSON, or a value is missing. Then nothing is taken that `Take` would not
        take, and it has to be asked."""
        if len(body) > LARGEST:
            return False
        try:
            document = loads(body.decode("utf-8", "replace"))
        except ValueError:
            return False
        for name, path in self._paths:
            found = path.find(document)
            if not found:
                return False
            value = found[0]
            taken[name] = value if type(value) is str else plain(value)
        return True
