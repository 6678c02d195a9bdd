"""What the web pages need of a master, beyond what everybody asks of one."""

from __future__ import annotations

from typing import Protocol

from gluten import facade
from gluten.facade import Map as Map


class WebFacade(facade.Facade, Protocol):
    @property
    def notice(self) -> str:
        """What a person who looks at any page should know; empty: nothing."""

    def window(self, ref: str, first: int, last: int) -> Map: ...
    def pulse(self, ref: str, seconds: int) -> list[int]:
        """Completed requests of a live run's last so many seconds, but for the newest."""

    def annotate(self, ref: str, text: str) -> str: ...
    def annotation(self, ref: str) -> str: ...
    def deeds(self, ref: str) -> list[Map]:
        """Who did what to the run, oldest first: at, action, way, role, address, who, detail."""
