"""Who asks, as far as it is proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gluten.net.keys.keys import Role

Way = Literal["session", "token", "open"]


@dataclass(frozen=True, slots=True)
class Principal:
    """`session` is the cookie's own word for a session, `csrf` what a state change within it has to say."""

    role: Role
    way: Way
    session: str = ""
    csrf: str = ""

    @property
    def may_change(self) -> bool:
        return self.role == "admin"
