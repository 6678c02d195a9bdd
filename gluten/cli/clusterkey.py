"""Finds the cluster's key for a command, a slave or a master: flag, environment, file, else the key on this host."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from gluten.cli.arguments import Arguments
from gluten.cli.data_directory import data_path
from gluten.config import is_inside, variable
from gluten.errors import ConfigError, UsageError
from gluten.net.keys import keyfile, localkey, slavekey
from gluten.net.keys.keys import ROLES, ClusterKey
from gluten.net.keys.keysource import KeySource
from gluten.net.keys.slavekey import SlaveKey


def source(arguments: Arguments, masters: Sequence[tuple[str, int]] = ()) -> KeySource:
    """Where to look for the key of the masters, which is one. Raises UsageError, ConfigError."""
    text, file, where = _configured(arguments)
    data = data_path(arguments.setting("data"), os.environ)
    key = slavekey.parse(text, where) if text else None
    return KeySource(key, Path(file) if file else None, where, _decisive(masters), data)


def _decisive(masters: Sequence[tuple[str, int]]) -> tuple[str, int] | None:
    """One on another host, if there is any: it must not get a key that was only found here. Else one with a key."""
    if len(masters) == 1:
        return masters[0]
    other = [master for master in masters if not localkey.here(master[0])]
    with_key = [master for master in masters if localkey.find(*master)]
    return next(iter((*other, *with_key, *masters)), None)


def token(arguments: Arguments, masters: Sequence[tuple[str, int]]) -> str:
    """The bearer token for the masters, or an empty text if no key is known. A token may be given in place of the key.

    Raises UsageError, ConfigError; Refused for a slave's key.
    """
    text, _, _ = _configured(arguments)
    if _is_token(text):
        return text
    key = source(arguments, masters).find()
    return key.token("admin") if key is not None else ""


def has_slave_key(arguments: Arguments, masters: Sequence[tuple[str, int]]) -> bool:
    """Whether the key for the masters is a slave's. Raises UsageError, ConfigError."""
    return not _is_token(_configured(arguments)[0]) and isinstance(source(arguments, masters).find(), SlaveKey)


def _is_token(text: str) -> bool:
    return text.startswith(tuple(f"gluten-{role}-" for role in ROLES))


def master_key(arguments: Arguments, data: Path) -> tuple[ClusterKey, Path | None]:
    """The key of a master, and the file in which it may be rotated. The first start creates the key.

    Raises UsageError, ConfigError.
    """
    text, file, where = _configured(arguments)
    if text:
        return ClusterKey.parse(text, where), None
    if file:
        return keyfile.read(Path(file), where), Path(file)
    path = data / keyfile.NAME
    return keyfile.make(path), path


def _configured(arguments: Arguments) -> tuple[str, str, str]:
    """(the key, the key's file, the name of the place that gave it). The first place that has one of both counts."""
    settings = arguments.settings
    places: tuple[tuple[Callable[[str], str | None], Callable[[str], str]], ...] = (
        (lambda name: arguments.options.get("cluster-key" if name == "key" else name), lambda name: f"--{name}"),
        (settings.from_environment, variable),
        (settings.from_file, lambda name: f"gluten.toml: {name}"),
    )
    for get, called in places:
        key, file = get("key"), get("key-file")
        if key and file:
            raise UsageError(f"{called('key')} and {called('key-file')} exclude each other: give one of them")
        if key or file:
            found = key or "", file or "", called("key" if key else "key-file")
            _refuse_found_file(arguments, *found)
            return found
    return "", "", ""


def _refuse_found_file(arguments: Arguments, text: str, file: str, where: str) -> None:
    """Raises ConfigError if a `gluten.toml` that nobody named decides what is done with a key from elsewhere.

    It may have come with a directory of somebody else's. So it could have the key sent to a master of theirs.
    """
    settings = arguments.settings
    if settings.named or (where.startswith(f"{settings.file}:") and (text or is_inside(file))):
        return
    for name in ("master", "body"):
        place, value = arguments.places.get(name), str(arguments.get(name))
        if place == f"{settings.file}: {name}" and (name == "master" or value.startswith("@")):
            raise ConfigError(
                f"{place}: is not used, because nobody named this file and the key is from elsewhere ({where}): "
                f"to trust the file, name it: --config {settings.file}"
            )
