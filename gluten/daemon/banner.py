"""What a node prints when it has started, and what it reports about itself."""

from __future__ import annotations

import platform
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gluten.daemon.master_keys import MasterKeys
from gluten.daemon.node_options import MasterOptions
from gluten.version import __version__

if TYPE_CHECKING:
    from gluten.cluster.node_info import NodeInfo


def banner(options: MasterOptions, web: str, rpc: str, sending: str, keys: MasterKeys) -> str:
    """`rpc` is the address for slaves, which need no certificate. `sending` is the one for commands, with TLS where
    the master has it."""
    part = f"takes part in the load with {options.cores} cores" if options.load else "takes no part in the load"
    link, join = keys.link(web), f"{options.program} --slave-mode --master {rpc} --rpc-port"
    login = f"  log in     {link} (once, within 10 minutes)\n" if link else ""
    return (
        f"GLuTEN {__version__} master {options.name}: {part}\n"
        f"  web page   {web}/\n{login}"
        f"  rpc        {rpc}\n"
        f"  add slaves {join}\n"
        f"  send tasks {options.program} submit --master {sending} -t2 -c10 -d10s URL\n"
        f"  key        {keys.join_hint(join, options.program)}"
    )


def introduce(name: str, role: str, cores: int, host: str, rpc_port: int) -> NodeInfo:
    """What this process reports about itself. Its id is new."""
    from gluten.cluster.node_info import NodeInfo

    return NodeInfo(
        uuid.uuid4().hex, name, role, cores, __version__, platform.python_version(), host, rpc_port, load=True
    )


def joined(masters: Iterable[tuple[str, int]]) -> str:
    """The masters' addresses as `--master` takes them."""
    return ",".join(f"{bracket(host)}:{port}" for host, port in masters)


def bracket(host: str) -> str:
    """The host as it stands in an address before a port."""
    return f"[{host}]" if ":" in host else host
