"""Decides who may call which gRPC method, by the call's method and metadata, before its request is read. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gluten.net.keys.keys import Keyring, Role, bearer
from gluten.net.rpc.status import Status

Metadata = Mapping[str, str | bytes]
Guard = Callable[[str, Metadata], Status | Role | None]
"""Takes a call's method (`/package.Service/Method`) and metadata, on a native thread.

It returns a status to refuse the call, or the caller's role (None: everyone may call).
"""

OPEN = "/grpc.health.v1.Health/Check"
VIEWER = ("GetRun", "ListRuns", "ListNodes", "GetReport", "Watch", "ListBaselines")
REFLECTION = "/grpc.reflection."
KEY_ADVICE = "give it with --key-file FILE or GLUTEN_KEY; `gluten.pyz key show` on the master's host prints it"


def guard(keyring: Keyring) -> Guard:
    """Everyone may call the health check, viewers may call what only reads, and admins may call everything."""

    def judge(method: str, metadata: Metadata) -> Status | Role | None:
        if keyring.open or method == OPEN:
            return None
        header = metadata.get("authorization", "")
        token = bearer(header) if isinstance(header, str) else ""
        role = keyring.role_of(token)
        if role is None:
            why = "this is not the key of this cluster" if token else "it asks for its cluster's key"
            return Status("UNAUTHENTICATED", f"{why}: {KEY_ADVICE}")
        if role == "viewer" and not _only_reads(method):
            name = method.rpartition("/")[2].lower()
            return Status("PERMISSION_DENIED", f"a viewer's token may look but may not {name}")
        return role

    return judge


def _only_reads(method: str) -> bool:
    return method.startswith(REFLECTION) or method.rpartition("/")[2] in VIEWER
