"""What a field of a bus message may hold.

`read` checks a value from the wire and raises ValueError if it is not allowed; `write` makes the value for the wire.
"""

from __future__ import annotations

import math
import re
from typing import Any

from gluten.errors import TaskError
from gluten.plan import split
from gluten.task.task import Task


class Check:
    """Reads an unchecked value, and writes one of ours."""

    def read(self, value: Any) -> Any:
        raise NotImplementedError

    def write(self, value: Any) -> Any:
        return value


class Text(Check):
    """A printable text of `least` to `most` characters that fits `pattern`. Longer ones are cut when written."""

    def __init__(self, most: int, least: int = 0, pattern: str = "") -> None:
        self._most, self._least = most, least
        self._pattern = re.compile(pattern) if pattern else None

    def read(self, value: Any) -> str:
        if type(value) is not str or not self._least <= len(value) <= self._most:
            raise ValueError(f"not a text of {self._least} to {self._most} characters")
        if not value.isprintable() or (self._pattern and not self._pattern.fullmatch(value)):
            raise ValueError(f"{value[:40]!r} has characters that are not allowed")
        return value

    def write(self, value: str) -> str:
        return "".join(char if char.isprintable() else " " for char in value[: self._most])


class Whole(Check):
    """A whole number from `low` to `high`."""

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high

    def read(self, value: Any) -> int:
        if type(value) is not int or not self._low <= value <= self._high:
            raise ValueError(f"not a whole number from {self._low} to {self._high}")
        return value


class Number(Check):
    """A finite number from `low` to `high`."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = low, high

    def read(self, value: Any) -> float:
        if type(value) not in (int, float) or not math.isfinite(value) or not self._low <= value <= self._high:
            raise ValueError(f"not a number from {self._low:g} to {self._high:g}")
        return float(value)


class Flag(Check):
    def read(self, value: Any) -> bool:
        if type(value) is not bool:
            raise ValueError("not true or false")
        return value


class OneOf(Check):
    def __init__(self, *words: str) -> None:
        self._words = words

    def read(self, value: Any) -> str:
        if type(value) is not str or value not in self._words:
            raise ValueError(f"not one of {', '.join(self._words)}")
        return value


class Maybe(Check):
    """nil, or a value that `check` accepts."""

    def __init__(self, check: Check) -> None:
        self._check = check

    def read(self, value: Any) -> Any:
        return None if value is None else self._check.read(value)

    def write(self, value: Any) -> Any:
        return None if value is None else self._check.write(value)


class Pair(Check):
    """Two values, as a tuple."""

    def __init__(self, first: Check, second: Check) -> None:
        self._first, self._second = first, second

    def read(self, value: Any) -> tuple[Any, Any]:
        if type(value) is not list or len(value) != 2:
            raise ValueError("not a pair")
        return (self._first.read(value[0]), self._second.read(value[1]))


class Listed(Check):
    """A list of at most `most` values."""

    def __init__(self, check: Check, most: int) -> None:
        self._check, self._most = check, most

    def read(self, value: Any) -> list[Any]:
        if type(value) is not list or len(value) > self._most:
            raise ValueError(f"not a list of at most {self._most}")
        return [self._check.read(item) for item in value]

    def write(self, value: Any) -> list[Any]:
        return list(value)


class Texts(Check):
    """A map of at most `most` names that `name` accepts to texts of whole characters, with `size` bytes in all."""

    def __init__(self, name: Check, most: int, size: int) -> None:
        self._name, self._most, self._size = name, most, size

    def read(self, value: Any) -> dict[str, str]:
        if type(value) is not dict or len(value) > self._most:
            raise ValueError(f"not a map of at most {self._most} names")
        if not all(type(text) is str for text in value.values()):
            raise ValueError("a name has no text")
        found = {self._name.read(name): text for name, text in value.items()}
        if sum(len(name) + len(text.encode()) for name, text in found.items()) > self._size:
            raise ValueError(f"longer than {self._size} bytes in all")
        return found

    def write(self, value: Any) -> dict[str, str]:
        return dict(value)


class Bytes(Check):
    """`least` to `most` bytes. They are decoded where they are used."""

    def __init__(self, most: int, least: int = 1) -> None:
        self._most, self._least = most, least

    def read(self, value: Any) -> bytes:
        if type(value) is not bytes or not self._least <= len(value) <= self._most:
            raise ValueError(f"not {self._least} to {self._most} bytes")
        return value


class Asked(Check):
    """A `task.Task`."""

    def read(self, value: Any) -> Task:
        if type(value) is not dict:
            raise ValueError("not the map of a task")
        try:
            return Task.from_map(value)
        except TaskError as error:
            raise ValueError(str(error)) from None
        except (KeyError, AttributeError, TypeError, OverflowError) as error:
            raise ValueError(f"a task lacks or misuses {error}") from None

    def write(self, value: Task) -> dict[str, Any]:
        return value.to_map()


class Part(Check):
    """A `plan.NodeTask`."""

    def read(self, value: Any) -> split.NodeTask:
        if type(value) is not dict:
            raise ValueError("not the map of a node task")
        try:
            return split.NodeTask.from_map(value)
        except TaskError as error:
            raise ValueError(str(error)) from None
        except (KeyError, AttributeError, OverflowError) as error:
            raise ValueError(f"a node task lacks or misuses {error}") from None

    def write(self, value: split.NodeTask) -> dict[str, Any]:
        return value.to_map()
