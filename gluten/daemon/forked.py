"""The processes of a master that are forked before it has a hub, zmq or grpc."""

from __future__ import annotations

import socket
from typing import NamedTuple

from gluten.daemon import engines, reading_part
from gluten.daemon.engines import Engines
from gluten.daemon.node_options import MasterOptions
from gluten.daemon.push_part import Spawned, spawn_all
from gluten.engine.trial import chore, desk


class Forked(NamedTuple):
    """Our ends of their channels."""

    engines: Engines
    trials: socket.socket
    pushes: Spawned
    reading: socket.socket

    def close(self) -> None:
        """End the processes."""
        self.engines.close()
        for channel in (self.trials, self.reading, *(channel for _, channel in self.pushes)):
            channel.close()


def fork_all(options: MasterOptions) -> Forked:
    """Call before anything else is imported."""
    return Forked(
        engines.spawn(options.cores, options.policy, chore.do),
        desk.spawn(options.policy),
        spawn_all(options.push),
        reading_part.spawn(options),
    )
