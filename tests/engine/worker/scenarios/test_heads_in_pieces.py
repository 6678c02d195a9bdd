"""Cookies and redirects are found in a head, in whatever pieces it comes."""

from __future__ import annotations

import pytest

from tests.support.engine.scenario_rig import ScenarioRig, answer

TEXT = """
url = "http://shop.test"
redirects = 1
[request.first]
get = "/first"
[request.second]
get = "/second"
[[scenario]]
name = "s"
do = ["first", "second"]
"""
COOKIE = answer(200, "hello", "X-Long: " + 9 * "a", "Set-Cookie: sid=1")
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + COOKIE
REDIRECT = answer(302, "hello", "Set-Cookie: sid=1", "Location: /there")


CASES = [(COOKIE, b"GET /second"), (INTERIM, b"GET /second"), (REDIRECT, b"GET /there")]


@pytest.mark.parametrize(("data", "line"), CASES, ids=["cookie", "interim", "redirect"])
def test_a_cut_anywhere_changes_nothing(data: bytes, line: bytes) -> None:
    for cut in range(1, len(data)):
        rig = ScenarioRig(TEXT)
        assert rig.asked().startswith(b"GET /first")
        for piece in (data[:cut], data[cut : cut + 3], data[cut + 3 :]):
            if piece:
                rig.answers(piece)
        asked = rig.asked()
        assert asked.startswith(line), cut
        assert b"\r\nCookie: sid=1\r\n" in asked, cut
        rig.client.greenlet.kill()


def test_a_long_body_is_not_kept_for_its_head() -> None:
    rig = ScenarioRig(TEXT)
    kept: list[bytes] = []
    rig.context.keep_bad = lambda sends, framing, pieces, outcome: kept.extend(pieces)
    whole = answer(500, 90_000 * "x", "Set-Cookie: sid=1")
    for cut in (slice(40), *(slice(at, at + 10_000) for at in range(40, len(whole), 10_000))):
        rig.answers(whole[cut])
    assert whole.startswith(b"".join(kept))
    assert 40 < len(b"".join(kept)) < 20_000
    rig.client.greenlet.kill()
