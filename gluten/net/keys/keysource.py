"""Where a command or a slave has its cluster's key from, looked at again whenever it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gluten.net.keys import keyfile, localkey
from gluten.net.keys.keys import ClusterKey


@dataclass(frozen=True, slots=True)
class KeySource:
    """What was said comes first (`said`, else `file`), then what a master on this host at `master` left, then the key
    in the data directory `data`, which a master of this user made here and which is for this host alone."""

    said: ClusterKey | None = None
    file: Path | None = None
    said_by: str = "--key-file"
    master: tuple[str, int] | None = None
    data: Path | None = None

    def find(self) -> ClusterKey | None:
        """None where there is none. Raises `ConfigError` for a file that cannot be used."""
        if self.said is not None:
            return self.said
        if self.file is not None:
            return keyfile.read(self.file, self.said_by)
        if not self.local:
            return None
        return self._left() or self._kept()

    @property
    def told(self) -> bool:
        """A person said which key: it does not follow from the place."""
        return self.said is not None or self.file is not None

    @property
    def local(self) -> bool:
        """The master is on this host."""
        return self.master is None or bool(localkey.here(self.master[0]))

    def _left(self) -> ClusterKey | None:
        path = localkey.find(*self.master) if self.master is not None else None
        return keyfile.find(path, "the key of the master on this host,") if path is not None else None

    def _kept(self) -> ClusterKey | None:
        return keyfile.find(self.data / keyfile.NAME) if self.data is not None else None
