"""Names are letters, digits and `-_./`; ids are not in them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.workload.importers import names
from gluten.workload.keys import MAX_NAME


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/", "get-home"),
        ("POST", "/api/login?next=%2F", "post-api-login"),
        ("GET", "/orders/4711/items", "get-orders-id-items"),
        ("GET", "/u/7f3e9a52-1b2c-4d5e-8f90-a1b2c3d4e5f6", "get-u-id"),
        ("GET", "/p/5f9c1a7be4b0", "get-p-id"),
        ("GET", "/caf%C3%A9/index.html", "get-caf-index.html"),
        ("DELETE", "/v1/a_b", "delete-v1-a_b"),
    ],
)
def test_a_request_is_called_after_method_and_path(method: str, path: str, name: str) -> None:
    assert names.request_name(method, path) == name


def test_graphql_is_called_after_its_operation_too() -> None:
    assert names.request_name("POST", "/graphql", "GetCart") == "post-graphql-GetCart"


@given(st.text(max_size=100), st.text(max_size=100), st.text(max_size=40))
def test_any_name_can_be_said_in_an_slo_without_quotes(method: str, path: str, operation: str) -> None:
    name = names.request_name(method, path, operation)
    assert re.fullmatch(r"[A-Za-z0-9_./-]+", name)
    assert len(names.free(name, [name])) <= MAX_NAME


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["token"], "token"),
        (["items", "id"], "item_id"),
        (["user", "id"], "user_id"),
        (["categories", "uuid"], "category_uuid"),
        (["data", "csrfToken"], "csrf_token"),
        (["id"], "id"),
        (["now"], "now_value"),
        (["1st"], "1_st_value"),
        ([""], "value"),
    ],
)
def test_a_taken_value_is_called_after_its_place(words: list[str], name: str) -> None:
    assert names.value_name(words) == name


@given(st.lists(st.text(max_size=20), max_size=3))
def test_any_taken_value_has_a_name_that_templates_can_have(words: list[str]) -> None:
    assert re.fullmatch("[a-z0-9_]{1,64}", names.value_name(words))


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert [names.free("a", []), names.free("a", ["a"]), names.free("a", ["a", "a-2"])] == ["a", "a-2", "a-3"]
