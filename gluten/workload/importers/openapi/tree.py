"""An OpenAPI 3.x or Swagger 2.0 document as a tree that anything may stand in: read without trust."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from gluten.errors import UsageError

MOST_STEPS = 50
_YAML = re.compile(r"(?m)^(?:['\"]?(?:openapi|swagger)['\"]?\s*:|%YAML|---\s*$)")
_CONVERT = "only JSON is read: convert it first, as by `yq -o json FILE | gluten.pyz import openapi -`"


class Tree:
    """The document. What it refers to (`$ref`) is looked up in it alone."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.is_old = text(root.get("swagger")).startswith("2")

    def table(self, value: Any) -> dict[str, Any]:
        """The object, or the one that it refers to; an empty one for anything else."""
        for _ in range(MOST_STEPS):
            found = table(value)
            if not isinstance(found.get("$ref"), str):
                return found
            value = self._at(found["$ref"])
        return {}

    def _at(self, reference: str) -> Any:
        """What `#/a/b` refers to (RFC 6901)."""
        if not reference.startswith("#/"):
            return None
        found: Any = self.root
        for part in unquote(reference[2:]).split("/"):
            found = table(found).get(part.replace("~1", "/").replace("~0", "~"))
        return found


def tree_of(content: str, name: str) -> Tree:
    """Raises UsageError for what is no such document in JSON."""
    content = content.removeprefix("\ufeff")
    try:
        root = json.loads(content)
    except (ValueError, RecursionError) as error:
        if not content.lstrip().startswith("{") and _YAML.search(content[:10_000]):
            raise UsageError(f"{name}: is YAML: {_CONVERT}") from None
        raise UsageError(f"{name}: is not JSON: {error}: name an OpenAPI or Swagger document") from None
    known = table(root)
    if not text(known.get("openapi")).startswith("3") and not text(known.get("swagger")).startswith("2"):
        raise UsageError(f"{name}: has neither openapi 3.x nor swagger 2.0 at its top: name an OpenAPI document")
    return Tree(known)


def table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""
