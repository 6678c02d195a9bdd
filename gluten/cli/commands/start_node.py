"""`--master-mode` and `--slave-mode`: turn the options into a node, and run it until it is told to stop."""

from __future__ import annotations

import os
import re

from gluten.cli.arguments import Arguments
from gluten.cli.clusterkey import master_key, source
from gluten.cli.data_directory import data_directory
from gluten.cli.policy_options import policy_of, push_to
from gluten.cli.program import program
from gluten.config import DEFAULT_MASTER, addresses, host_name, is_loopback, port
from gluten.daemon.machine import cores
from gluten.daemon.node_options import LEASE, LEAST_LEASE, QUEUE_TIMEOUT, SPOOL, MasterOptions, SlaveOptions, WebOptions
from gluten.errors import Refused, UsageError
from gluten.net.keys.keysource import KeySource
from gluten.net.keys.slavekey import ADVICE
from gluten.task.host_names import bracketed
from gluten.units import UnitError, parse_age, parse_duration, parse_size


def master(arguments: Arguments) -> int:
    """Run a master until SIGTERM or Ctrl-C. Raises ConfigError, StoreConfigError."""
    options = _master_options(arguments)
    from gluten.node import run_master

    return run_master(options)


def _master_options(arguments: Arguments) -> MasterOptions:
    get = arguments.get
    bind = _open_to(arguments, get("bind", "0.0.0.0"))
    data = data_directory(get("data"), os.environ)
    key, key_file = (None, None) if arguments.flag("no-auth") else master_key(arguments, data)
    return MasterOptions(
        name=_name(arguments),
        bind=bind,
        web_port=port(get("web-port", "8888"), "--web-port"),
        rpc_port=port(get("rpc-port", "9090"), "--rpc-port"),
        db=get("db", ""),
        data=data,
        load=not arguments.flag("no-load"),
        cores=cores(),
        log_format=arguments.log_format,
        spool=_spool(arguments),
        lease=_lease(arguments),
        queue_timeout=arguments.read("queue-timeout", parse_duration, QUEUE_TIMEOUT) or None,
        keep=arguments.read("keep", parse_age, None),
        policy=policy_of(arguments),
        debug=arguments.flag("debug"),
        key=key,
        key_file=key_file,
        web=_web(arguments),
        program=program(),
        push=tuple(push_to(arguments)),
    )


def slave(arguments: Arguments) -> int:
    """Run a slave until SIGTERM or Ctrl-C. Raises ConfigError."""
    get = arguments.get
    where = addresses(get("master", DEFAULT_MASTER))
    options = SlaveOptions(
        name=_name(arguments) if get("name") else "",
        bind=get("bind", "0.0.0.0"),
        rpc_port=port(get("rpc-port", "0"), "--rpc-port"),
        masters=tuple(where),
        data=data_directory(get("data"), os.environ),
        cores=cores(),
        log_format=arguments.log_format,
        spool=_spool(arguments),
        policy=policy_of(arguments),
        debug=arguments.flag("debug"),
        key=_slave_key(arguments, where),
        web=_web(arguments),
    )
    from gluten.node import run_slave

    return run_slave(options)


def _web(arguments: Arguments) -> WebOptions:
    cert, key = arguments.get("tls-cert", ""), arguments.get("tls-key", "")
    if bool(cert) != bool(key):
        given, missing = ("--tls-cert", "--tls-key") if cert else ("--tls-key", "--tls-cert")
        raise UsageError(f"{given}: {missing} is missing: TLS needs a certificate and its key")
    hosts = tuple(arguments.get("web-host", ()))
    for host in hosts:
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,253}", host):
            raise UsageError(f"--web-host: {host!r} is not a host's name, such as load.example.org (without a port)")
    return WebOptions(cert, key, hosts, arguments.flag("open-metrics"))


def _open_to(arguments: Arguments, bind: str) -> str:
    """The address to listen on. Raises UsageError for an address without authentication that is not loopback."""
    if arguments.flag("no-auth") and not is_loopback(bind):
        raise UsageError(f"--no-auth: others can reach {bind}: add --bind 127.0.0.1, or leave --no-auth out")
    return bind


def _slave_key(arguments: Arguments, masters: list[tuple[str, int]]) -> KeySource | None:
    """Where to look for the key; None with `--no-auth`. Raises UsageError, ConfigError; Refused if a key is missing."""
    if arguments.flag("no-auth"):
        for host, _ in masters:
            if not is_loopback(host):
                raise UsageError(f"--no-auth: {host} may be another host; its master asks for the key: {ADVICE}")
        return None
    found = source(arguments, masters)
    if found.find() is None and found.master is not None and not found.local:
        host, number = found.master
        where = f"{bracketed(host)}:{number}"
        raise Refused(f"the master at {where} is on another host and asks for the cluster's key: {ADVICE}")
    return found


def _name(arguments: Arguments) -> str:
    name: str = arguments.get("name", host_name())
    if not 0 < len(name) <= 64 or not name.isprintable():
        raise UsageError(f"--name: {name!r} is not a name; a name has 1 to 64 printable characters")
    return name


def _spool(arguments: Arguments) -> int:
    text: str = arguments.get("spool", "")
    try:
        return parse_size(text) if text else SPOOL
    except UnitError as error:
        raise UsageError(f"--spool: {error}") from None


def _lease(arguments: Arguments) -> float:
    text: str = arguments.get("lease", "")
    try:
        lease = parse_duration(text) if text else LEASE
    except UnitError as error:
        raise UsageError(f"--lease: {error}") from None
    if lease < LEAST_LEASE:
        raise UsageError(
            f"--lease: {text!r} is too short: at least {LEAST_LEASE:g}s, because nodes send a heartbeat once a second"
        )
    return lease
