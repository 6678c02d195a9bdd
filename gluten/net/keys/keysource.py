"""The place from which a command or a slave gets its cluster's key. The key is read again each time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gluten.net.keys import keyfile, localkey
from gluten.net.keys.keys import ClusterKey
from gluten.net.keys.slavekey import AnyKey


@dataclass(frozen=True, slots=True)
class KeySource:
    """A key that a person gave comes first: `given`, else `file`. `option` names where it was given. It may be a
    slave's.

    If the master is on this host, two more places follow: the key that the master at `master` left for local commands,
    and the key in the data directory `data`, which a master of this user made.
    """

    given: AnyKey | None = None
    file: Path | None = None
    option: str = "--key-file"
    master: tuple[str, int] | None = None
    data: Path | None = None

    def find(self) -> AnyKey | None:
        """The key, or None if there is none. Raises `ConfigError` for a file that cannot be used."""
        if self.given is not None:
            return self.given
        if self.file is not None:
            return keyfile.read_any(self.file, self.option)
        if not self.local:
            return None
        return self._from_master() or self._from_data()

    @property
    def is_given(self) -> bool:
        """Whether a person named the key. Otherwise it is found on this host."""
        return self.given is not None or self.file is not None

    @property
    def local(self) -> bool:
        """Whether the master is on this host."""
        return self.master is None or bool(localkey.here(self.master[0]))

    def _from_master(self) -> ClusterKey | None:
        path = localkey.find(*self.master) if self.master is not None else None
        return keyfile.find(path, "the key of the master on this host,") if path is not None else None

    def _from_data(self) -> ClusterKey | None:
        return keyfile.find(self.data / keyfile.NAME) if self.data is not None else None
