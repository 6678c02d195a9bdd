"""Gates for tests: open to everybody, or with a key."""

from __future__ import annotations

import time
from typing import Any

from gluten.net.keys.keys import ClusterKey, Keyring
from gluten.webui.auth.gate import Gate
from gluten.webui.auth.hosts import Hosts
from gluten.webui.auth.sessions import Sessions

HOSTS = Hosts(["master.test"])


def open_gate() -> Gate:
    """As with `--no-auth`."""
    return keyed_gate(None, open=True)


def keyed_gate(key: ClusterKey | None, **changes: Any) -> Gate:
    keyring = changes.pop("keyring", None) or Keyring(key)
    sessions = changes.pop("sessions", None) or Sessions(keyring, "master")
    given: dict[str, Any] = {"wall": time.time, "now": time.monotonic, "hosts": HOSTS} | changes
    return Gate(keyring, sessions, **given)
