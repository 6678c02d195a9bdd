"""Requests that fit the OpenAPI document, and many that do not, get a readable answer: no 500, no traceback.

The application is the real one, over a real master and store, with one run that is over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluten.net.keys.keys import ClusterKey
from gluten.report.formats.export import FORMATS
from gluten.webui.api.openapi import document
from gluten.webui.app import make_app
from tests.support.web.gates import keyed_gate
from tests.support.world import World, a_task

pytestmark = pytest.mark.slow

KEY = ClusterKey.make()
STREAM = r"/events$"
"""Ends with its run alone; of a run that is over it is tested elsewhere."""


@cache
def application() -> Any:
    world = World()
    world.cluster("one", "two")
    world.master.submit(a_task(duration=2.0, name="done"))
    world.finish()
    return make_app(world.master, keyed_gate(KEY, note=world.master.note), FORMATS)


def headers(role: Any) -> dict[str, str]:
    """The client cannot read compressed answers."""
    token = f"Bearer {KEY.token(role)}"
    return {"Authorization": token, "Host": "127.0.0.1:8888", "Accept-Encoding": "identity"}


@cache
def operations() -> dict[str, Any]:
    """The operations of the document, by name."""
    schemathesis = pytest.importorskip("schemathesis")
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application(), headers=headers("viewer"))
    found = [result.ok() for result in described.exclude(path_regex=STREAM).get_all_operations()]
    return {operation.label: operation for operation in found}


METHODS = ("get", "head", "post", "put", "patch", "delete")
NAMES = sorted(
    f"{method.upper()} {path}"
    for path, known in document(list(FORMATS))["paths"].items()
    for method in METHODS
    if method in known and not re.search(STREAM, path)
)
"""They are read without schemathesis, which takes a second to import: a run of other tests does not wait for it."""


def test_every_operation_is_tried() -> None:
    assert sorted(operations()) == NAMES


@cache
def others() -> list[Any]:
    """What the document does not promise: how a method, a header or a body beyond it is refused."""
    checks: Any = pytest.importorskip("schemathesis.specs.openapi.checks")
    return [
        checks.unsupported_method,
        checks.missing_required_header,
        checks.ignored_auth,
        checks.negative_data_rejection,
        checks.positive_data_acceptance,
        checks.ensure_resource_availability,
    ]


def fuzz(name: str, most: int, judge: Callable[[Any], None]) -> None:
    """Judge what is answered to `most` calls of an operation, half of them about a run that is there."""
    modes = pytest.importorskip("schemathesis").GenerationMode
    strategy = st.one_of(*(operations()[name].as_strategy(generation_mode=mode) for mode in modes))

    @settings(max_examples=most, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(strategy, st.sampled_from(["", "1", "last"]))
    def one(case: Any, run: str) -> None:
        if run and case.path_parameters:
            case.path_parameters["run"] = run
        judge(case)

    one()


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_sent_is_answered_in_words_and_as_described(name: str) -> None:
    def judge(case: Any) -> None:
        answer = case.call(headers=headers("admin"))
        assert answer.status_code < 500
        assert "Traceback" not in answer.text
        assert 'File "' not in answer.text
        case.validate_response(answer, excluded_checks=others())

    fuzz(name, 20, judge)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_stranger_sends_is_refused(name: str) -> None:
    def judge(case: Any) -> None:
        answer = case.call(headers={"Host": "127.0.0.1:8888", "Authorization": "Bearer nonsense"})
        assert answer.status_code == (200 if case.path in ("/healthz", "/readyz") else 401)

    fuzz(name, 8, judge)
