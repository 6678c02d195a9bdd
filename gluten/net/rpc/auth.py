"""Who may call what over gRPC. Pure: a call is judged by its method and its metadata, before its request is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gluten.net.keys.keys import Keyring, Role, bearer
from gluten.net.rpc.status import Status

Metadata = Mapping[str, str | bytes]
Guard = Callable[[str, Metadata], Status | Role | None]
"""Sees a call's method (`/package.Service/Method`) and metadata, on a native thread; a status turns it away, else it
says who calls (None: anybody may)."""

OPEN = "/grpc.health.v1.Health/Check"
VIEWER = ("GetRun", "ListRuns", "ListNodes", "GetReport", "Watch", "ListBaselines")
REFLECTION = "/grpc.reflection."
ASK = "give it with --key-file FILE or GLUTEN_KEY; `gluten.pyz key show` on the master's host prints it"


def guard(keyring: Keyring) -> Guard:
    """The health check for everybody; to look, for viewers too; all else for who has the cluster's key."""

    def judge(method: str, metadata: Metadata) -> Status | Role | None:
        if keyring.open or method == OPEN:
            return None
        header = metadata.get("authorization", "")
        token = bearer(header) if isinstance(header, str) else ""
        role = keyring.role_of(token)
        if role is None:
            why = "this is not the key of this cluster" if token else "it asks for its cluster's key"
            return Status("UNAUTHENTICATED", f"{why}: {ASK}")
        if role == "viewer" and not _looks(method):
            name = method.rpartition("/")[2].lower()
            return Status("PERMISSION_DENIED", f"a viewer's token may look, but not {name}")
        return role

    return judge


def _looks(method: str) -> bool:
    return method.startswith(REFLECTION) or method.rpartition("/")[2] in VIEWER
