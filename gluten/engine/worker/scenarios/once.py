"""What a connection of a closed loop has learnt before its first session: its later sessions know it, too."""

from __future__ import annotations

from collections.abc import Mapping

from gluten.engine.worker.requests.cookies import CookieJar
from gluten.workload.templates.values import Values

STEP = 1 << 32
"""The step of the first request of `once`: what it draws must not be what a session draws."""


class Once:
    """Of one connection. A scenario is known by its place."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, tuple[Mapping[str, str], CookieJar]] = {}

    def recall(self, scenario: int, values: Values, jar: CookieJar) -> bool:
        """Give a session what is known. False: nothing is."""
        if scenario not in self._known:
            return False
        taken, cookies = self._known[scenario]
        values.taken.update(taken)
        jar.copy_from(cookies)
        return True

    def keep(self, scenario: int, values: Values, jar: CookieJar, names: frozenset[str]) -> None:
        """Remember the takes of these names, and the cookies."""
        cookies = CookieJar(jar.clock)
        cookies.copy_from(jar)
        self._known[scenario] = ({name: values.taken[name] for name in names & values.taken.keys()}, cookies)
