"""Who is answered next: roles take turns, and within a role the askers do. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Generic, TypeVar

from gluten.errors import Busy
from gluten.webui.api.readings import Asker

T = TypeVar("T")


class Turns(Generic[T]):
    """One asker may have `each` questions that wait or are answered, all askers of a role together `most`."""

    def __init__(self, each: int, most: int) -> None:
        self._each, self._most = each, most
        self._waiting: OrderedDict[str, OrderedDict[Asker, deque[T]]] = OrderedDict()
        self._counts: dict[Asker, int] = {}

    def add(self, asker: Asker, item: T) -> None:
        """Raises `Busy` beyond a limit. It counts until `end`."""
        of_role = sum(count for other, count in self._counts.items() if other.role == asker.role)
        count = self._counts.get(asker, 0)
        if count >= self._each or of_role >= self._most:
            whose = f"{count} of yours wait" if count >= self._each else f"{of_role} wait"
            raise Busy(f"too many questions at once that take long ({whose}): ask again in a moment")
        self._counts[asker] = count + 1
        self._waiting.setdefault(asker.role, OrderedDict()).setdefault(asker, deque()).append(item)

    def next(self) -> T | None:
        """The item whose turn it is now. It waits no more."""
        if not self._waiting:
            return None
        role, askers = self._waiting.popitem(last=False)
        asker, items = askers.popitem(last=False)
        item = items.popleft()
        if items:
            askers[asker] = items
        if askers:
            self._waiting[role] = askers
        return item

    def forget(self, asker: Asker, item: T) -> None:
        """The item does not wait any more."""
        askers = self._waiting.get(asker.role, OrderedDict())
        if item in askers.get(asker, ()):
            askers[asker].remove(item)
            self._tidy(asker)

    def end(self, asker: Asker) -> None:
        """One question of the asker is answered, or given up."""
        left = self._counts.pop(asker) - 1
        if left:
            self._counts[asker] = left

    def _tidy(self, asker: Asker) -> None:
        askers = self._waiting[asker.role]
        if not askers[asker]:
            del askers[asker]
        if not askers:
            del self._waiting[asker.role]
