"""A master's reading: the process for what takes long, and the desk that asks it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gluten.daemon.node_options import MasterOptions
from gluten.reading import process

if TYPE_CHECKING:
    from gluten.cluster.master.master import Master
    from gluten.net.rpc.readings import RpcReadings
    from gluten.webui.api.answers import Renderer
    from gluten.webui.api.readings import Readings


def spawn(options: MasterOptions) -> socket.socket:
    """Fork what forks the process. Call before anything else is imported."""
    return process.spawn(process.Place(options.db, options.data))


class ReadingPart:
    """`readings` are for the pages, `rpc` for the service."""

    def __init__(
        self, control: socket.socket, options: MasterOptions, master: Master, formats: Mapping[str, Renderer]
    ) -> None:
        from gluten.cluster.master.yield_point import YieldPoint
        from gluten.engine.host.handle import Keeper
        from gluten.reading.desk import ReadingDesk
        from gluten.reading.rpc_desk import RpcDesk
        from gluten.store.database_url import IN_MEMORY
        from gluten.webui.api.readings import ReadHere

        self._keeper = Keeper(control)
        self._desk = desk = ReadingDesk(
            self._keeper.engine, master.queries, formats, options.data, lambda: master.base, YieldPoint()
        )
        is_in_memory = options.db == IN_MEMORY
        self.readings: Readings = ReadHere(master, formats) if is_in_memory else desk
        self.rpc: RpcReadings | None = None if is_in_memory else RpcDesk(desk)

    def close(self) -> None:
        """End the processes."""
        self._desk.close()
        self._keeper.close()
