"""What a node is started with, checked. Values, importable without any library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gluten.net.keys.keys import ClusterKey
from gluten.net.keys.keysource import KeySource
from gluten.task.policy import OPEN, Policy

LEASE, LEAST_LEASE = 15.0, 3.0
"""Seconds for which a slave may load without a word from its master. Nodes beat once a second."""
SPOOL = 256 << 20
"""Bytes of what the master has not acknowledged that a node keeps on disk in `data`; 0: none."""


@dataclass(frozen=True, slots=True)
class WebOptions:
    """How a node's ports serve browsers: with TLS where there is a certificate, by the `hosts` besides its own names
    and addresses; `open_metrics`: /metrics is for everybody."""

    tls_cert: str = ""
    tls_key: str = ""
    hosts: tuple[str, ...] = ()
    open_metrics: bool = False

    @property
    def tls(self) -> bool:
        return bool(self.tls_cert)

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"


@dataclass(frozen=True, slots=True)
class MasterOptions:
    """Ports may be 0: any free one. `lease` is in seconds. `db` is empty for SQLite in `data`. Without a `key` nobody
    is asked for one; in `key_file` it may be rotated."""

    name: str
    bind: str
    web_port: int
    rpc_port: int
    db: str
    data: Path
    load: bool
    cores: int
    log_format: str = "text"
    program: str = "gluten.pyz"
    spool: int = SPOOL
    lease: float = LEASE
    policy: Policy = OPEN
    debug: bool = False
    key: ClusterKey | None = None
    key_file: Path | None = None
    web: WebOptions = WebOptions()


@dataclass(frozen=True, slots=True)
class SlaveOptions:
    """`master` is (host, port), by the web port or the rpc port; an empty `name`: host and rpc port, which tells the
    nodes of one host apart. `key` says where the cluster's key is, None: the master asks for none."""

    name: str
    bind: str
    rpc_port: int
    master: tuple[str, int]
    data: Path
    cores: int
    log_format: str = "text"
    spool: int = SPOOL
    policy: Policy = OPEN
    debug: bool = False
    key: KeySource | None = None
    web: WebOptions = WebOptions()
