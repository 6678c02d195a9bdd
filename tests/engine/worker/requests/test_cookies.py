"""Cookies: which are kept, and where they go (RFC 6265)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.worker.requests.cookies import MOST, CookieJar, Place, with_cookies

SHOP = Place("shop.test", "/api/login", False)


def sent(place: Place, *lines: str, gave: Place = SHOP, now: float = 1000.0) -> str:
    jar = CookieJar(lambda: now)
    jar.store(lines, gave)
    return jar.header(place)


@pytest.mark.parametrize(
    ("line", "place", "goes"),
    [
        ("sid=1; Path=/", Place("shop.test", "/", False), True),
        ("sid=1; Path=/", Place("www.shop.test", "/", False), False),
        ("sid=1; Path=/; Domain=shop.test", Place("www.shop.test", "/", False), True),
        ("sid=1; Path=/; Domain=.SHOP.test", Place("shop.test", "/", False), True),
        ("sid=1; Path=/; Domain=other.test", Place("other.test", "/", False), False),
        ("sid=1; Path=/; Domain=hop.test", Place("shop.test", "/", False), False),
        ("sid=1", Place("shop.test", "/api/cart", False), True),
        ("sid=1", Place("shop.test", "/apis", False), False),
        ("sid=1; Path=/a", Place("shop.test", "/a/b", False), True),
        ("sid=1; Path=/a", Place("shop.test", "/ab", False), False),
        ("sid=1; Path=/; Secure", Place("shop.test", "/", False), False),
        ("sid=1; Path=/; Secure", Place("shop.test", "/", True), True),
    ],
)
def test_a_cookie_goes_to_its_host_and_below_its_path(line: str, place: Place, goes: bool) -> None:
    assert sent(place, line) == ("sid=1" if goes else "")


@pytest.mark.parametrize(
    ("end", "goes"),
    [
        ("Max-Age=10", True),
        ("Max-Age=0", False),
        ("Max-Age=-1", False),
        ("Expires=Thu, 01 Jan 1970 00:00:10 GMT", False),
        ("Expires=Fri, 01 Jan 2100 00:00:00 GMT", True),
        ("Expires=Thu, 01 Jan 1970 00:00:10 GMT; Max-Age=5", True),
        ("Expires=nonsense", True),
    ],
)
def test_a_cookie_ends_with_its_time(end: str, goes: bool) -> None:
    assert (sent(SHOP, f"sid=1; Path=/; {end}") == "sid=1") is goes


def test_the_last_cookie_of_a_name_counts_and_one_that_ended_is_gone() -> None:
    assert sent(SHOP, "a=1; Path=/", "b=2; Path=/", "a=3; Path=/") == "a=3; b=2"
    assert sent(SHOP, "a=1; Path=/", "a=; Path=/; Max-Age=0") == ""


def test_a_longer_path_comes_first() -> None:
    assert sent(SHOP, "a=1; Path=/", "b=2; Path=/api") == "b=2; a=1"


def test_a_jar_does_not_grow_without_end() -> None:
    assert len(sent(SHOP, *(f"c{n}=1; Path=/" for n in range(MOST + 9))).split("; ")) == MOST


def test_an_address_gives_no_cookies_to_what_only_looks_like_its_part() -> None:
    place = Place("127.0.0.1", "/", False)
    assert sent(place, "a=1; Domain=0.0.1", gave=place) == ""
    assert sent(place, "a=1; Domain=127.0.0.1", gave=place) == "a=1"


def test_the_place_of_a_request_has_no_port_and_no_query() -> None:
    assert Place.of("https://Shop.test:8443", "/a?b=/c") == Place("shop.test", "/a", True)


def test_cookies_stand_in_a_header_behind_the_host() -> None:
    assert with_cookies(b"GET / HTTP/1.1\r\nHost: h\r\n\r\na\r\n\r\nb", "a=1") == (
        b"GET / HTTP/1.1\r\nHost: h\r\nCookie: a=1\r\n\r\na\r\n\r\nb"
    )
    assert with_cookies(b"GET / HTTP/1.1\r\n\r\n", "") == b"GET / HTTP/1.1\r\n\r\n"


@given(st.lists(st.text(max_size=40), max_size=5))
def test_whatever_a_target_says_a_header_stays_one_line(lines: list[str]) -> None:
    header = sent(SHOP, *lines)
    assert header.isprintable()
