"""The login takes a key, a token or a link that works once; it leads to no other site and is slowed after failures."""

from __future__ import annotations

import pytest

from tests.support.web.house import KEY, OTHER, House
from tests.support.web.wsgi import HOST, call, get


@pytest.mark.parametrize("key", [KEY.text, KEY.text.upper(), f" {KEY.text}\n", KEY.token("admin"), KEY.token("viewer")])
def test_a_key_or_a_token_opens_a_session(house: House, key: str) -> None:
    reply = house.log_in(key)
    assert reply.status == 200
    assert 'href="/nodes"' in reply.text
    cookie, *flags = reply.headers["Set-Cookie"].split("; ")
    assert {"Path=/", "HttpOnly", "SameSite=Strict"} < set(flags)
    assert "Secure" not in flags
    assert KEY.text not in cookie
    assert get(house.app, "/", Cookie=f"other=1; {cookie}").status == 200
    role = "viewer" if "viewer" in key else "admin"
    assert [(deed.action, deed.role, deed.way) for deed in house.deeds] == [("login", role, "web")]


def test_under_tls_the_cookie_is_for_tls_alone(house: House) -> None:
    reply = house.log_in(**{"wsgi.url_scheme": "https"})
    assert reply.headers["Set-Cookie"].startswith("__Host-gluten-")
    assert "; Secure" in reply.headers["Set-Cookie"]


@pytest.mark.parametrize("key", ["", "x", OTHER.text, OTHER.token("admin"), KEY.text[:-1], KEY.text + "a", "\u00fc"])
def test_a_wrong_key_opens_nothing_and_is_never_shown(house: House, key: str) -> None:
    reply = house.log_in(key)
    assert (reply.status, "Set-Cookie" in reply.headers) == (403, False)
    assert "not this cluster" in reply.text
    assert not key or len(key) < 5 or key not in reply.text
    assert [deed.action for deed in house.deeds] == ["failed login"]


def test_a_link_works_once_and_not_too_late(house: House) -> None:
    link = f"/login?token={house.links.create(house.at)}"
    assert "Set-Cookie" not in get(house.app, link, Sec_Purpose="prefetch").headers
    assert "Set-Cookie" not in call(house.app, "HEAD", link).headers
    first = get(house.app, link)
    assert get(house.app, "/", Cookie=first.headers["Set-Cookie"].partition(";")[0]).status == 200
    again = get(house.app, link)
    assert (again.status, "Set-Cookie" in again.headers) == (403, False)
    assert "used before" in again.text
    late = f"/login?token={house.links.create(house.at)}"
    house.at += 601
    assert get(house.app, late).status == 403


def test_a_link_leads_to_the_page_that_it_names(house: House) -> None:
    for wanted, led in (("/runs/af50", "/runs/af50"), ("//evil.test", "/")):
        reply = get(house.app, f"/login?token={house.links.create(house.at)}&next={wanted}")
        assert f'href="{led}" id="on"' in reply.text


@pytest.mark.parametrize(
    "wanted", ["//evil.test", "/\\evil.test", "https://evil.test", "/login", "javascript:x", "/\n"]
)
def test_the_login_leads_to_no_other_site(house: House, wanted: str) -> None:
    form = f"key={KEY.text}&next={wanted}".encode()
    reply = call(house.app, "POST", "/login", body=form, Content_Type="application/x-www-form-urlencoded")
    assert 'href="/" id="on"' in reply.text


@pytest.mark.parametrize(("wanted", "kept"), [("/runs/3", "/runs/3"), ("//evil.test", "/"), ("https://evil.test", "/")])
def test_the_form_keeps_its_page_after_a_wrong_key(house: House, wanted: str, kept: str) -> None:
    form = f"next={wanted}&key=wrong".encode()
    reply = call(house.app, "POST", "/login", body=form, Content_Type="application/x-www-form-urlencoded")
    assert reply.status == 403
    assert f'name="next" value="{kept}"' in reply.text


def test_logins_that_fail_are_slowed_by_address_and_a_friend_elsewhere_is_not(house: House) -> None:
    for _ in range(5):
        assert house.log_in("wrong").status == 403
    slowed = house.log_in(KEY.text)  # also with the right key, which is not looked at
    assert slowed.status == 429
    assert int(slowed.headers["Retry-After"]) >= 1
    assert get(house.app, f"/login?token={house.links.create(house.at)}").status == 429
    assert house.log_in(REMOTE_ADDR="10.0.0.8").status == 200
    house.at += 1.1
    assert house.log_in(KEY.text).status == 200
    assert [deed.action for deed in house.deeds] == [*["failed login"] * 5, "login", "login"]


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.test"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}]
)
def test_another_site_cannot_log_a_browser_in(house: House, headers: dict[str, str]) -> None:
    assert "Set-Cookie" not in house.log_in(**headers).headers
    assert house.log_in(Origin=f"http://{HOST}", Sec_Fetch_Site="same-origin").status == 200


@pytest.mark.parametrize("form", [b"a=1&" * 30, b"key=%ff%00\xff&next=%ff", b"&;=&&key"])
def test_an_invalid_login_form_is_answered_in_words(house: House, form: bytes) -> None:
    reply = call(house.app, "POST", "/login", body=form, Content_Type="application/x-www-form-urlencoded")
    assert reply.status in (400, 403)
    assert "error inside" not in reply.text


def test_a_stranger_s_form_of_more_than_four_kibibytes_is_not_read(house: House) -> None:
    form = b"key=" + b"x" * 4093
    reply = call(house.app, "POST", "/login", body=form, Content_Type="application/x-www-form-urlencoded")
    assert reply.status == 413
    assert house.deeds == []
