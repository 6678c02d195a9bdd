"""A session opens with a key, ends with its logout, its age or its key, and is not made by hand."""

from __future__ import annotations

import pytest

from gluten.webui.auth.sessions import Sessions
from tests.support.web.house import KEY, OTHER, TASK, House, token
from tests.support.web.wsgi import get, post


def test_a_session_ends_with_its_logout_and_a_copy_of_it_too_even_after_a_restart(house: House) -> None:
    cookie = house.cookie()
    left = post(house.app, "/logout", {}, Cookie=cookie, X_Gluten_Csrf=house.csrf(cookie))
    assert left.status == 200
    assert "Max-Age=0" in left.headers["Set-Cookie"]
    assert get(house.app, "/", Cookie=cookie).status == 401
    house.start()
    assert get(house.app, "/", Cookie=cookie).status == 401
    assert house.deeds[-1].action == "logout"


def test_a_session_goes_on_after_a_restart_and_ends_by_itself(house: House) -> None:
    cookie = house.cookie()
    house.start()
    assert get(house.app, "/", Cookie=cookie).status == 200
    house.at += 8 * 86400
    assert get(house.app, "/", Cookie=cookie).status == 401


def test_a_rotated_key_ends_sessions_and_tokens_at_once(house: House) -> None:
    cookie = house.cookie()
    house.keyring.replace(OTHER)
    assert get(house.app, "/", Cookie=cookie).status == 401
    assert get(house.app, "/", Authorization=token("admin")).status == 401
    assert get(house.app, "/", Cookie=house.cookie(OTHER.text)).status == 200


def test_a_cookie_is_not_made_by_hand(house: House) -> None:
    name, _, value = house.cookie(KEY.token("viewer")).partition("=")
    role, rest = value.split(".", 1)
    assert role == "viewer"
    for forged in (f"admin.{rest}", f"{value}x", value[:-1], "...", "a.b.c.d", "", "x" * 9000, value.upper()):
        assert get(house.app, "/", Cookie=f"{name}={forged}").status == 401
    elsewhere = Sessions(house.keyring, "slave 1").start("admin", house.at)
    assert get(house.app, "/", Cookie=f"{name}={elsewhere}").status == 401


@pytest.mark.parametrize("said", ["", "wrong", "\udcff", "x" * 1000])
def test_a_session_s_change_needs_what_its_own_page_says(house: House, said: str) -> None:
    cookie = house.cookie()
    assert post(house.app, "/api/v1/runs", TASK, Cookie=cookie, X_Gluten_Csrf=said).status == 403
    of_another = house.csrf(house.cookie())
    assert post(house.app, "/api/v1/runs", TASK, Cookie=cookie, X_Gluten_Csrf=of_another).status == 403
    assert len(house.master.all) == 16
    assert post(house.app, "/api/v1/runs", TASK, Cookie=cookie, X_Gluten_Csrf=house.csrf(cookie)).status == 201


def test_another_signature_of_a_session_is_not_accepted_as_its_cookie(house: House) -> None:
    cookie = house.cookie(KEY.token("viewer"))
    name, _, value = cookie.partition("=")
    session = value.split(".")[1]
    forged = f'{name}="csrf {session}.{house.csrf(cookie)}"'
    for path in ("/", "/no/such/page", "/healthz", "/login/state"):
        assert get(house.app, path, Cookie=forged).status == get(house.app, path).status


def test_the_stream_of_a_session_that_ends_ends(house: House) -> None:
    run = house.master.add_running()
    cookie = house.cookie()
    csrf = house.csrf(cookie)
    chunks = iter(get(house.app, f"/api/v1/runs/{run.id}/events", Cookie=cookie).chunks)
    assert b"update" in next(chunks) + next(chunks)
    post(house.app, "/logout", {}, Cookie=cookie, X_Gluten_Csrf=csrf)
    assert b"the session has ended" in b"".join(chunks)


@pytest.mark.parametrize("way", ["cookie", "token"])
def test_the_stream_that_a_rotated_key_opened_ends(house: House, way: str) -> None:
    run = house.master.add_running()
    said = {"Cookie": house.cookie()} if way == "cookie" else {"Authorization": token("admin")}
    chunks = iter(get(house.app, f"/api/v1/runs/{run.id}/events", **said).chunks)
    assert b"update" in next(chunks) + next(chunks)
    house.keyring.replace(OTHER)
    assert b"the session has ended" in b"".join(chunks)
