"""A master's gRPC service, and which of its clients have shown the key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gluten.cluster.master.master import Master
    from gluten.net.keys.keys import Keyring
    from gluten.net.rpc.readings import RpcReadings


class RpcPart:
    """It listens on a unix socket in `folder`, at `path`. The front door passes on what comes for it."""

    def __init__(self, folder: Path, keyring: Keyring, master: Master, readings: RpcReadings | None) -> None:
        from gluten.net.door.proven import ProvenPeers
        from gluten.net.rpc.auth import guard
        from gluten.net.rpc.hub_bridge import HubBridge
        from gluten.net.rpc.service import Service

        self.path = str(folder / "grpc")
        self.proven = ProvenPeers()
        self._service = Service(
            master, HubBridge(), self.path, guard(keyring), on_proven=self.proven.prove, readings=readings
        )

    def start(self) -> None:
        """Listen and serve. Raises ConfigError."""
        self._service.start()

    def stop(self) -> None:
        self._service.stop()
