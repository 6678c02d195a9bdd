"""The checked options of a node. They are values and need no library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gluten.net.keys.keys import ClusterKey
from gluten.net.keys.keysource import KeySource
from gluten.push.address import Destination
from gluten.task.policy import OPEN, Policy

LEASE, LEAST_LEASE = 15.0, 3.0
"""Seconds that a slave may make load without an answer from its master. Nodes send a heartbeat each second."""
QUEUE_TIMEOUT = 600.0
"""Seconds that queued runs wait for a node."""
SPOOL = 256 << 20
"""Bytes on disk in `data` for what the master has not acknowledged. 0: nothing is kept on disk."""


@dataclass(frozen=True, slots=True)
class WebOptions:
    """How a node's ports serve browsers. With a certificate they use TLS.

    `hosts` are more host names, besides the node's own names and addresses. `open_metrics`: /metrics needs no login.
    """

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
    """A port of 0 means any free port. `lease` is in seconds. An empty `db` means SQLite in `data`.

    `keep` is the age at which runs are deleted, in seconds (None: never). Queued runs fail after `queue_timeout` s
    without a node (None: they wait). Without a `key`, nobody needs one. The key may be rotated in `key_file`.
    Figures of runs are pushed to `push`.
    """

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
    queue_timeout: float | None = QUEUE_TIMEOUT
    keep: float | None = None
    policy: Policy = OPEN
    debug: bool = False
    key: ClusterKey | None = None
    key_file: Path | None = None
    web: WebOptions = WebOptions()
    push: tuple[Destination, ...] = ()


@dataclass(frozen=True, slots=True)
class SlaveOptions:
    """`masters` are (host, port) each; the port is the web port or the rpc port. One of them is active.

    An empty `name` becomes host and rpc port, so the slaves of one host have different names. `key` says where the
    cluster's key is. None: the master needs no key.
    """

    name: str
    bind: str
    rpc_port: int
    masters: tuple[tuple[str, int], ...]
    data: Path
    cores: int
    log_format: str = "text"
    spool: int = SPOOL
    policy: Policy = OPEN
    debug: bool = False
    key: KeySource | None = None
    web: WebOptions = WebOptions()
