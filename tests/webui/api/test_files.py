"""Files of workloads by HTTP: streamed, checked against their name, for admins alone."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any

import pytest

from gluten.errors import StoreError
from gluten.net.keys.keys import ClusterKey
from gluten.task.limits import MAX_FEED
from gluten.webui.app import Wsgi, make_app
from tests.support.web.fake_master import FakeMaster
from tests.support.web.gates import keyed_gate
from tests.support.web.wsgi import Reply, call

DATA = b"name\nann\n" * 100_000
SHA = hashlib.sha256(DATA).hexdigest()
PATH = f"/api/v1/files/{SHA}"


def put(app: Wsgi, path: str = PATH, data: bytes = DATA, **headers: Any) -> Reply:
    return call(app, "PUT", path, None, data, **headers)


def test_a_new_file_is_201_and_a_known_one_200(app: Wsgi, master: FakeMaster) -> None:
    assert call(app, "HEAD", PATH).status == 404
    first = put(app)
    assert (first.status, first.json()) == (201, {"sha256": SHA})
    assert master.files.read(SHA, 0, len(DATA)) == DATA
    assert (put(app).status, call(app, "HEAD", PATH).status) == (200, 200)


def test_other_bytes_than_the_name_says_are_400_and_leave_nothing(app: Wsgi, master: FakeMaster) -> None:
    reply = put(app, data=DATA + b"x")
    assert reply.status == 400
    assert SHA in reply.json()["error"]["message"]
    assert master.files.names == []


@pytest.mark.parametrize("name", ["x", SHA.upper(), SHA[:-1], f"{SHA}0"])
@pytest.mark.parametrize("method", ["PUT", "HEAD"])
def test_a_name_that_is_no_sha_256_is_400(app: Wsgi, name: str, method: str) -> None:
    assert call(app, method, f"/api/v1/files/{name}", None, DATA).status == 400


def test_more_than_1_gib_is_413_before_it_is_read(app: Wsgi) -> None:
    reply = put(app, Content_Length=str(MAX_FEED + 1))
    assert (reply.status, "at most 1073741824" in reply.json()["error"]["message"]) == (413, True)


class Pieces(io.RawIOBase):
    """A body that is read in pieces; then it breaks off."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error, self.largest = error, 0
        self._pieces: Iterator[bytes] = iter([DATA[:1000]])

    def read(self, size: int = -1) -> bytes:
        self.largest = max(self.largest, size)
        for piece in self._pieces:
            return piece
        raise self._error


@pytest.mark.parametrize(("error", "status"), [(OSError("cut"), 413), (TimeoutError("too slow"), 408)])
def test_a_body_that_breaks_off_leaves_nothing(app: Wsgi, master: FakeMaster, error: OSError, status: int) -> None:
    body = Pieces(error)
    sent: dict[str, Any] = {"wsgi.input": body}
    assert put(app, **sent).status == status
    assert master.files.names == []
    assert 0 < body.largest <= 1 << 20


def test_a_full_disk_is_503_in_words(app: Wsgi, master: FakeMaster, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("DATA/files: its disk is full")

    monkeypatch.setattr(master, "upload", full)
    reply = put(app)
    assert (reply.status, "disk is full" in reply.json()["error"]["message"]) == (503, True)


@pytest.mark.parametrize(("role", "put_", "head"), [("admin", 201, 404), ("viewer", 403, 404), (None, 401, 401)])
def test_admins_put_viewers_ask_and_strangers_do_nothing(role: Any, put_: int, head: int) -> None:
    key = ClusterKey.make()
    master = FakeMaster()
    app = make_app(master, keyed_gate(key, note=master.note))
    token: dict[str, Any] = {"Authorization": f"Bearer {key.token(role)}"} if role else {}
    assert call(app, "HEAD", PATH, **token).status == head
    assert put(app, **token).status == put_
    assert bool(master.files.names) == (put_ == 201)
    assert [entry.action for entry in master.noted] == ["upload"] * (put_ == 201)


def test_a_page_of_another_site_puts_nothing(app: Wsgi, master: FakeMaster) -> None:
    assert put(app, Origin="http://evil.test").status == 403
    assert put(app, Sec_Fetch_Site="cross-site").status == 403
    assert master.files.names == []
