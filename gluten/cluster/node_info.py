"""What a node says about itself when it registers. A value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """What a node says about itself."""

    node: str
    name: str
    role: str
    cores: int
    version: str
    python: str
    host: str
    rpc_port: int | None
    load: bool
