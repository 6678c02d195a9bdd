"""What a node reports about itself when it registers. A value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """`node` is the id that each process makes for itself, `name` the name that people see. `load`: it takes part in
    load."""

    node: str
    name: str
    role: str
    cores: int
    version: str
    python: str
    host: str
    rpc_port: int | None
    load: bool
