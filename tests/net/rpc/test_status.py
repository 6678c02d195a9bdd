"""Each error has its status code and is the same error after the wire. Each text is one line."""

import pytest

from gluten import errors
from gluten.net.rpc.status import MAX_TEXT, Status, from_error, to_error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.TaskError("rate", "rate: no"), "INVALID_ARGUMENT"),
        (errors.UsageError("wrong"), "INVALID_ARGUMENT"),
        (errors.NotFound("none"), "NOT_FOUND"),
        (errors.WrongState("ended"), "FAILED_PRECONDITION"),
        (errors.Refused("no"), "PERMISSION_DENIED"),
        (errors.Busy("ask again"), "RESOURCE_EXHAUSTED"),
        (errors.StoreError("away"), "UNAVAILABLE"),
    ],
)
def test_an_error_goes_out_and_comes_back(error: errors.GlutenError, code: str) -> None:
    status = from_error(error)
    back = to_error(status, "h:1")
    assert status.code == code
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)


@pytest.mark.parametrize(
    ("code", "text", "kind", "says"),
    [
        (
            "UNAVAILABLE",
            "failed to connect to all addresses",
            errors.Unreachable,
            "cannot reach the master at h:1",
        ),
        ("UNAVAILABLE", "Trying to connect an http1.x server", errors.Unreachable, "not a GLuTEN master"),
        ("DEADLINE_EXCEEDED", "Deadline Exceeded", errors.Unreachable, "does not answer"),
        (
            "UNIMPLEMENTED",
            "Received http2 header with status: 404",
            errors.Unreachable,
            "not a GLuTEN master",
        ),
        ("INTERNAL", "Received RST_STREAM with error code 2", errors.Unreachable, "not a GLuTEN master"),
        ("UNAUTHENTICATED", "the key is wrong", errors.Refused, "the key is wrong"),
        ("RESOURCE_EXHAUSTED", "32 watchers", errors.Refused, "32 watchers"),
        ("INTERNAL", "its log says why", errors.GlutenError, "h:1: its log says why"),
    ],
)
def test_a_bare_code_has_its_error(code: str, text: str, kind: type[Exception], says: str) -> None:
    error = to_error(Status(code, text), "h:1")
    assert type(error) is kind
    assert says in str(error)


def test_texts_are_bounded_and_one_line() -> None:
    assert len(from_error(errors.NotFound("x" * 99_999)).text) == MAX_TEXT
    assert str(to_error(Status("NOT_FOUND", "a\n  b"), "h:1")) == "a b"
