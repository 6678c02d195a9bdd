"""TLS to a remote Postgres is verified unless the URL says otherwise: the decision, and a real server."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gluten.errors import StoreConfigError
from gluten.store.postgres_tls import settings
from gluten.store.store import Store
from tests.support import postgres
from tests.support.authority import Authority

VERIFIED = "verify-full"


@pytest.mark.parametrize(
    ("given", "environ", "mode"),
    [
        ({"host": "db.test"}, {}, VERIFIED),
        ({"host": "192.168.1.7"}, {}, VERIFIED),
        ({"host": "localhost,db.test"}, {}, VERIFIED),
        ({"host": "db.test", "hostaddr": "127.0.0.1"}, {}, VERIFIED),
        ({}, {"PGHOST": "db.test"}, VERIFIED),
        ({"host": "db.test", "sslmode": "disable"}, {}, None),
        ({"host": "db.test"}, {"PGSSLMODE": "prefer"}, None),
        ({}, {}, None),
        ({"host": "/run/postgresql"}, {}, None),
        ({"host": "localhost"}, {}, None),
        ({"host": "127.0.0.1"}, {}, None),
        ({"host": "::1"}, {}, None),
    ],
)
def test_a_remote_host_is_verified_if_nobody_says_otherwise(
    given: dict[str, str], environ: dict[str, str], mode: str | None
) -> None:
    assert settings(given, environ).get("sslmode") == mode


def test_the_system_s_authorities_vouch_if_nobody_names_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings({"host": "db.test"}, {})["sslrootcert"]
    assert "sslrootcert" not in settings({"host": "db.test", "sslrootcert": "ca.pem"}, {})
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").touch()
    assert "sslrootcert" not in settings({"host": "db.test"}, {})


class Site:
    """A real server whose certificate is for db.test. Clients come over TCP, and know it by any name."""

    def __init__(self, server: postgres.Postgres, folder: Path) -> None:
        self.server, self.host = server, f"127.{random.randrange(1, 255)}.{random.randrange(256)}.7"
        self.authority, self.other = Authority(folder), Authority(folder, "other")
        certificate = self.authority.issue("db", "DNS:db.test")
        self._files = [Path(shutil.copy(file, server.folder)) for file in (certificate.cert, certificate.key)]
        for file in self._files:
            server.hand_over(file)

    def serve(self, *settings: str) -> None:
        self.server.stop()
        cert, key = self._files
        self.server.start(f"listen_addresses={self.host}", f"ssl_cert_file={cert}", f"ssl_key_file={key}", *settings)

    def opened(self, name: str = "db.test", **more: str) -> None:
        """Open a store there. Raises StoreConfigError."""
        query = "&".join(f"{key}={value}" for key, value in {"hostaddr": self.host, **more}.items())
        Store.open(f"postgresql://gluten:hunter2@{name}/postgres?{query}").close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with postgres.running() as server:
        made = Site(server, tmp_path_factory.mktemp("tls"))
        made.serve("ssl=on")
        yield made


def test_a_database_that_proves_its_name_is_opened(site: Site) -> None:
    site.opened(sslrootcert=site.authority.cert)


def test_one_that_proves_another_name_or_is_vouched_for_by_others_is_refused_in_words(site: Site) -> None:
    for name, authority in (("other.test", site.authority.cert), ("db.test", site.other.cert), ("db.test", "")):
        with pytest.raises(
            StoreConfigError, match=r"\(TLS to a remote database is verified: .*sslrootcert=FILE"
        ) as caught:
            site.opened(name, **({"sslrootcert": authority} if authority else {}))
        assert "\n" not in str(caught.value)
        assert "hunter2" not in str(caught.value)


def test_the_url_may_say_otherwise(site: Site) -> None:
    site.opened("other.test", sslmode="require")
    site.opened("other.test", sslmode="disable")


def test_a_database_without_tls_is_refused_unless_the_url_says_so(site: Site) -> None:
    site.serve("ssl=off")
    with pytest.raises(StoreConfigError, match=r"does not support SSL.*sslmode=disable"):
        site.opened(sslrootcert=site.authority.cert)
    site.opened(sslmode="disable")
