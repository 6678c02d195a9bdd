"""A body is bounded before anything is made of it, and one that cannot be read is refused in words."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from gluten.net.door.http1 import BadBody, TooLarge, TooSlow
from gluten.webui.http.failure import Failure
from gluten.webui.http.web_request import MAX_ITEMS, Request


class Broken:
    def __init__(self, error: OSError) -> None:
        self._error = error

    def read(self, size: int) -> bytes:
        raise self._error


def request_with(body: Any) -> Request:
    return Request.of({"REQUEST_METHOD": "POST", "PATH_INFO": "/", "wsgi.input": body})


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadBody("a chunk has no size"), 400),
        (OSError("cut off"), 413),
        (TooLarge("large"), 413),
        (TooSlow("slow"), 408),
    ],
)
def test_a_body_that_cannot_be_read_has_a_status_of_its_own(error: OSError, status: int) -> None:
    with pytest.raises(Failure) as caught:
        request_with(Broken(error)).json()
    assert caught.value.status == status
    with pytest.raises(Failure) as caught:
        list(request_with(Broken(error)).parts(10))
    assert caught.value.status == status


@pytest.mark.parametrize(
    "value",
    [
        {f"f{number}": 1 for number in range(200_000)},
        {"header": {f"f{number}": "1" for number in range(200_000)}},
        {"header": [{"a": 1}] * (MAX_ITEMS + 1)},
    ],
    ids=["fields", "nested", "objects"],
)
def test_the_fields_of_a_body_are_bounded(value: Any) -> None:
    with pytest.raises(Failure, match=f"at most {MAX_ITEMS} fields are accepted") as caught:
        request_with(io.BytesIO(json.dumps(value).encode())).json()
    assert caught.value.status == 400


def test_as_many_fields_as_are_allowed_are_read() -> None:
    value = {f"f{number}": number for number in range(MAX_ITEMS)}
    assert request_with(io.BytesIO(json.dumps(value).encode())).json() == value
