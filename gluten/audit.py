"""One entry of the audit log: who did it (role, address, way), what was done, and to which run. A value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Way = Literal["web", "gRPC", "bus", "host"]

MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One action.

    `action` is a verb such as submit, stop, adjust, login, "failed login", logout, "key rotated".
    `role` is the role that the key or token proved: admin, viewer, or empty.
    `who` is the name that the caller gave. Nobody checks it.
    `run` is the run's id, or empty if the action is about no run.
    `at` is in Unix seconds, and 0 until the entry is stored.
    """

    action: str
    way: Way
    role: str = ""
    address: str = ""
    who: str = ""
    run: str = ""
    detail: str = ""
    at: float = 0.0

    def __post_init__(self) -> None:
        """Shorten the texts that come from outside."""
        for name in ("address", "who", "detail"):
            object.__setattr__(self, name, getattr(self, name)[:MAX_CHARACTERS])
