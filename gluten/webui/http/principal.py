"""Who makes a request, and how that was proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gluten.net.keys.keys import Role

Proof = Literal["session", "token", "open"]


@dataclass(frozen=True, slots=True)
class Principal:
    """`session` is the session's id. `csrf` is the token that changes within the session need."""

    role: Role
    proof: Proof
    session: str = ""
    csrf: str = ""

    @property
    def may_change(self) -> bool:
        return self.role == "admin"
