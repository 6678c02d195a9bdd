"""A master's web application with its gate, for tests of who may enter."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from gluten.audit import AuditEntry
from gluten.net.keys.keys import ClusterKey, Keyring
from gluten.net.keys.onetime import OneTimeTokens
from gluten.webui.app import Wsgi, make_app
from gluten.webui.auth.sessions import EndedSessions, Sessions
from tests.support.web.fake_master import FakeMaster, formats, seed
from tests.support.web.gates import keyed_gate
from tests.support.web.wsgi import Reply, call, get

KEY, OTHER = ClusterKey(bytes(range(32))), ClusterKey(bytes(range(1, 33)))  # the same in each test process


TASK = {"url": "http://t.test/"}


@dataclass
class House:
    """A master's application with a gate, and clocks that the test moves."""

    keyring: Keyring = field(default_factory=lambda: Keyring(KEY))
    links: OneTimeTokens = field(default_factory=OneTimeTokens)
    deeds: list[AuditEntry] = field(default_factory=list)
    kept: list[tuple[str, float]] = field(default_factory=list)
    at: float = 1_800_000_000.0
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.master = FakeMaster()
        seed(self.master)
        self.start()

    def start(self) -> None:
        """Also a second time, as after a restart."""
        ended = EndedSessions(list(self.kept), lambda name, until: self.kept.append((name, until)))
        gate = keyed_gate(
            None,
            keyring=self.keyring,
            sessions=Sessions(self.keyring, "master", ended),
            links=self.links,
            wall=lambda: self.at,
            now=lambda: self.at,
            note=self.deeds.append,
            **self.options,
        )
        self.app: Wsgi = make_app(self.master, gate, formats(), heartbeat=0.05)

    def log_in(self, key: str = KEY.text, **headers: str) -> Reply:
        form = f"key={key}&next=/nodes".encode()
        kind = {"Content_Type": "application/x-www-form-urlencoded"}
        return call(self.app, "POST", "/login", body=form, **(kind | headers))

    def cookie(self, key: str = KEY.text, **headers: str) -> str:
        reply = self.log_in(key, **headers)
        assert reply.status == 200, reply.text
        return reply.headers["Set-Cookie"].partition(";")[0]

    def csrf(self, cookie: str) -> str:
        found = re.search(r'name="gluten-csrf" content="([^"]+)"', get(self.app, "/", Cookie=cookie).text)
        assert found
        return found[1]


def token(role: Any, key: ClusterKey = KEY) -> str:
    return f"Bearer {key.token(role)}"
