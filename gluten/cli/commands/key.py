"""`gluten key show`, `gluten key rotate` and `gluten key new`: the cluster's key."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gluten.cli.arguments import Arguments
from gluten.cli.clusterkey import source
from gluten.cli.data_directory import data_directory
from gluten.config import addresses
from gluten.errors import NotFound, Refused, UsageError
from gluten.net.keys import keyfile
from gluten.net.keys.keys import ROLES, ClusterKey
from gluten.net.keys.slavekey import AnyKey, SlaveKey


def key(arguments: Arguments) -> int:
    """Run the action that is named. Raises UsageError, ConfigError, NotFound, Refused."""
    actions = {"show": show, "rotate": rotate, "new": new}
    action = actions.get(arguments.words[0])
    if action is None:
        raise UsageError(f"key {arguments.words[0]!r}: is not show, rotate or new")
    return action(arguments)


def show(arguments: Arguments) -> int:
    """Print the key, the slaves' key, or the token of a role. Raises UsageError, ConfigError, NotFound, Refused."""
    roles = [role for role in ROLES if arguments.flag(role)]
    asked = [f"--{name}" for name in (*roles, *(["slave"] if arguments.flag("slave") else []))]
    if len(asked) > 1:
        raise UsageError(f"key show: {' and '.join(asked)} exclude each other")
    master = arguments.setting("master")
    found = (source(arguments, addresses(master)).find() if master else None) or source(arguments).find()
    if found is None:
        raise NotFound("key show: there is no key here; a master creates it at its first start; give its --data DIR")
    if arguments.flag("slave"):
        found = slave_key(found)
    print(found.token(roles[0]) if roles else found.text)
    return 0


def slave_key(key: AnyKey) -> SlaveKey:
    """The slaves' key. It takes ZeroMQ, which no other command loads."""
    from gluten.net.bus import curve

    return curve.slave_key(key)


def rotate(arguments: Arguments) -> int:
    """Write a new key to the master's data directory. A running master uses it within a second.

    Raises UsageError, ConfigError, NotFound, Refused.
    """
    where = source(arguments)
    if where.given is not None:
        raise Refused(f"key rotate: {where.option} contains the key: change it there, and restart the master")
    path = where.file or data_directory(arguments.setting("data"), os.environ) / keyfile.NAME
    if keyfile.find(path) is None:
        raise NotFound(f"key rotate: {path} does not exist: name the master's data directory with --data")
    keyfile.write(Path(path), ClusterKey.make())
    sys.stderr.write(
        f"{path} has a new key. Within a second a running master uses it, ends all sessions and says how slaves join\n"
    )
    return 0


def new(arguments: Arguments) -> int:
    """Print a new random key and store it nowhere. It is for a secret store, before the first master starts."""
    print(ClusterKey.make().text)
    return 0
