"""Files for greenlets: threads do what takes long, and what was given up is never written any more."""

from __future__ import annotations

import hashlib
import inspect
from pathlib import Path
from typing import Any

import gevent
import pytest

from gluten.cluster.no_files import NoFiles
from gluten.errors import Refused, StoreError, UsageError
from gluten.store.files.async_files import UPLOADS, AsyncFiles
from tests.support.plain_files import PlainFiles

DATA = bytes(range(256)) * 4096
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def files(tmp_path: Path) -> AsyncFiles:
    return AsyncFiles(tmp_path)


def methods(kind: type) -> dict[str, list[str]]:
    found = {name: value for name, value in vars(kind).items() if inspect.isfunction(value) and name[0] != "_"}
    return {name: list(inspect.signature(value).parameters) for name, value in found.items()}


@pytest.mark.parametrize("twin", [PlainFiles, NoFiles])
def test_the_twins_have_its_methods(twin: type) -> None:
    own = set(methods(AsyncFiles)) - {"close", "sweep"}
    assert {name: methods(twin)[name] for name in own} == {name: methods(AsyncFiles)[name] for name in own}


def wait_for(condition: Any) -> None:
    with gevent.Timeout(10):
        while not condition():
            gevent.sleep(0.005)


def test_an_upload_is_there_once_it_is_finished(files: AsyncFiles, tmp_path: Path) -> None:
    upload = files.upload(SHA, len(DATA))
    upload.write(DATA[:1000])
    upload.write(DATA[1000:])
    assert not files.has(SHA)
    upload.finish()
    upload.drop()
    assert Path(files.path(SHA)).read_bytes() == DATA
    assert files.read(SHA, 256, 3) == DATA[:3]


def test_an_upload_of_other_bytes_fails_and_leaves_nothing(files: AsyncFiles, tmp_path: Path) -> None:
    upload = files.upload(SHA)
    upload.write(b"other")
    with pytest.raises(UsageError):
        upload.finish()
    upload.drop()
    assert list(tmp_path.iterdir()) == []


def test_few_uploads_go_at_once(files: AsyncFiles) -> None:
    uploads = [files.upload(SHA) for _ in range(UPLOADS)]
    with pytest.raises(Refused, match="try again later"):
        files.upload(SHA)
    uploads[0].drop()
    files.upload(SHA).drop()


def test_an_upload_whose_client_leaves_is_dropped_after_the_write(files: AsyncFiles, tmp_path: Path) -> None:
    upload = files.upload(SHA)
    writer = gevent.spawn(upload.write, DATA)
    gevent.sleep(0)
    writer.kill()
    upload.drop()
    wait_for(lambda: list(tmp_path.iterdir()) == [])


def test_a_download_makes_nobody_wait_and_says_when_it_is_done(files: AsyncFiles) -> None:
    steps: list[bool] = []
    download = files.download(SHA, len(DATA), True, lambda: steps.append(download.done))
    download.write(DATA[:70_000])
    download.write(DATA[70_000:])
    assert download.waiting == 2
    download.finish()
    wait_for(lambda: download.done and len(steps) == 3)
    assert files.path(SHA).endswith(".secret")


def test_a_download_that_is_wrong_has_a_problem(files: AsyncFiles, tmp_path: Path) -> None:
    download = files.download(SHA, 5, False, lambda: None)
    download.write(b"other")
    download.finish()
    wait_for(lambda: download.problem)
    assert not download.done
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreError):
        files.path(SHA)


def test_work_apart_raises_its_own_error(files: AsyncFiles) -> None:
    assert files.apart(lambda: 7) == 7
    with pytest.raises(UsageError, match="no"):
        files.apart(lambda: (_ for _ in ()).throw(UsageError("no")))
