"""What a node prints when it has started, and what it reports about itself."""

from __future__ import annotations

import platform
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from gluten.daemon.master_keys import MasterKeys
from gluten.daemon.node_options import MasterOptions
from gluten.net.door.addresses import advertised
from gluten.task.host_names import bracketed
from gluten.version import __version__

if TYPE_CHECKING:
    from gluten.cluster.node_info import NodeInfo


class Addresses(NamedTuple):
    """Where a master is: `web` for browsers, `rpc` for slaves, which need no certificate, `sending` for commands, with
    TLS where the master has it. `host` is this host."""

    host: str
    web: str
    rpc: str
    sending: str


def addresses_of(options: MasterOptions, web_port: int, rpc_port: int) -> Addresses:
    host, web = advertised(options.bind), options.web
    rpc = f"{bracketed(host)}:{rpc_port}"
    # Where TLS is, a certificate may be for a name.
    named = f"{web.scheme}://{web.hosts[0] if web.hosts else bracketed(host)}"
    return Addresses(host, f"{named}:{web_port}", rpc, f"{named}:{rpc_port}" if web.tls else rpc)


def banner(options: MasterOptions, at: Addresses, keys: MasterKeys) -> str:
    part = f"takes part in the load with {options.cores} cores" if options.load else "takes no part in the load"
    link, join = keys.link(at.web), f"{options.program} --slave-mode --master {at.rpc} --rpc-port"
    login = f"  log in     {link} (once, within 10 minutes)\n" if link else ""
    return (
        f"GLuTEN {__version__} master {options.name}: {part}\n"
        f"  web page   {at.web}/\n{login}"
        f"  rpc        {at.rpc}\n"
        f"  add slaves {join}\n"
        f"  send tasks {options.program} submit --master {at.sending} -t2 -c10 -d10s URL\n"
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
    return ",".join(f"{bracketed(host)}:{port}" for host, port in masters)


def slave_line(name: str, masters: Iterable[tuple[str, int]], scheme: str, host: str, port: int) -> str:
    """What a slave prints when it starts: whose it is, and where it tells its own state."""
    state = f"{scheme}://{bracketed(host)}:{port}/"
    return f"GLuTEN {__version__} slave {name}: master {joined(masters)}, own state at {state}"
