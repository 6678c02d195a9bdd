"""A master's bus: the ROUTER that nodes send to, and the dealers of the master's own slave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gluten.daemon.life import End
    from gluten.net.keys.keys import Keyring


class BusPart:
    """It listens on a unix socket in `folder`, at `path`. The front door passes on what comes for it."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        from gluten.net.bus import bus
        from gluten.net.bus.flow_control import FlowControls

        self.path = str(folder / "bus")
        endpoint = f"ipc://{self.path}"
        self.flow_controls = FlowControls()
        self._context = bus.make_context()
        self.router = bus.Router(self._context, [endpoint], keyring, self.flow_controls.delivered)
        self.dealers = bus.DealerFactory(self._context, endpoint, keyring)

    def end_if_broken(self, end: End) -> None:
        """Call `end` when the bus cannot go on."""
        self.router.on_broken = self.dealers.on_broken = end

    def rekey(self) -> None:
        """Use the new key of the keyring for all connections."""
        self.router.rekey()
        self.dealers.rekey()

    def close(self) -> None:
        from gluten.net.bus import bus

        self.router.close()
        bus.end_context(self._context)
