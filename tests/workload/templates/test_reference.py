"""A path that begins with a template is a reference: resolved against the base's host, and never leading away."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import TemplateFailure
from gluten.workload.templates.reference import reference_writer, resolve
from gluten.workload.templates.template import Template
from tests.support.sessions import session


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("/api/cart/7", "/api/cart/7"),
        ("cart/7", "/cart/7"),  # not against the base's path
        ("", "/"),
        ("/payment", "/payment"),
        ("?q=1", "/?q=1"),
        ("/a?q=/../x#part", "/a?q=/../x"),
        ("#part", "/"),
        ("/a/./b/../c", "/a/c"),
        ("../../a", "/a"),
        ("/a/..", "/"),
        ("/a/.", "/a/"),
        ("https://shop.test/a", "/a"),
        ("https://shop.test", "/"),
        ("HTTPS://SHOP.TEST:443/a", "/a"),
        ("//shop.test/a", "/a"),
        ("//shop.test:/a", "/a"),
        ("/a:b", "/a:b"),
        ("/a//b", "/a//b"),
        ("/a\\b", "/a\\b"),
    ],
)
def test_what_a_reference_asks_for(reference: str, expected: str) -> None:
    assert resolve(reference, "https", "shop.test") == expected


@pytest.mark.parametrize(
    "reference",
    [
        "https://evil.test/a",
        "http://shop.test/a",
        "//evil.test",
        "//evil.test/a",
        "///a",
        "https:///a",
        "https://ann@shop.test/a",
        "https://shop.test:8443/a",
        "https://shop.test.evil.test/",
        "https:a",
        "mailto:a@b",
        "javascript:alert(1)",
    ],
)
def test_what_leads_away_fails_the_request(reference: str) -> None:
    with pytest.raises(
        TemplateFailure, match=r"leads away from https://shop\.test, and a template never changes the host"
    ):
        resolve(reference, "https", "shop.test")


def test_a_port_belongs_to_the_host() -> None:
    assert resolve("http://h.test:8080/a", "http", "h.test:8080") == "/a"
    assert resolve("http://[::1]:80/a", "http", "[::1]") == "/a"
    with pytest.raises(TemplateFailure):
        resolve("http://h.test/a", "http", "h.test:8080")


def test_a_path_that_begins_with_a_taken_value_is_resolved() -> None:
    write = reference_writer(Template.parse("{{cart}}/pay?n={{seq}}"), "https", "shop.test")
    assert write(session(3, taken={"cart": "https://shop.test/carts/ü 7"})) == b"/carts/%C3%BC%207/pay?n=3"
    assert write(session(3)) == b"/pay?n=3"  # what was not taken is empty
    with pytest.raises(TemplateFailure):
        write(session(3, taken={"cart": "//evil.test"}))
    with pytest.raises(TemplateFailure):
        write(session(3, taken={"cart": "/a\r\nHost: evil.test"}))


@given(st.text())
def test_any_reference_is_a_path_or_a_failure(reference: str) -> None:
    with suppress(TemplateFailure):
        assert resolve(reference, "https", "shop.test").startswith("/")
