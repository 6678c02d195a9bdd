"""What somebody did, for the record: who (role, address, by which way), what, and to which run. A value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Way = Literal["web", "gRPC", "bus", "host"]

MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """`action` is a verb such as submit, stop, adjust, login, "failed login", logout, "key rotated".

    `role` is what the doer had proved to be (admin, viewer, or empty), `who` what they call themselves, which nobody
    checks. `run` is an id, empty where the deed is about none; `at` Unix seconds, 0 until it is recorded.
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
        """Whatever a stranger sent is kept short."""
        for name in ("address", "who", "detail"):
            object.__setattr__(self, name, getattr(self, name)[:MAX_CHARACTERS])
