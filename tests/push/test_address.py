from __future__ import annotations

from pathlib import Path

import pytest

from gluten.cli.arguments import parse
from gluten.cli.policy_options import push_to
from gluten.errors import ConfigError, UsageError
from gluten.push.address import OTLP, destination, destinations


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://collector:4318", (False, "collector", 4318, "", "")),
        ("http://collector", (False, "collector", 80, "", "")),
        ("https://c.example/otlp/", (True, "c.example", 443, "/otlp", "")),
        ("http://prom:9090/api/v1/otlp?x=1", (False, "prom", 9090, "/api/v1/otlp", "x=1")),
        ("http://[::1]:4318", (False, "::1", 4318, "", "")),
    ],
)
def test_a_url_says_where_the_server_is(url: str, expected: tuple[object, ...]) -> None:
    assert destination(OTLP, url)[1:6] == expected


@pytest.mark.parametrize("url", ["collector:4318", "ftp://c", "http://", "http://c:x", "http://c/#a", "http://c/ö", ""])
def test_other_texts_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"--otlp: .* is not a URL such as http://collector:4318"):
        destination(OTLP, url)


def test_headers_are_sent_as_they_are_written() -> None:
    found = destination(OTLP, "http://c", ["Authorization: Bearer abc", "X-Scope-OrgID:7"])
    assert found.headers == (("Authorization", "Bearer abc"), ("X-Scope-OrgID", "7"))


def test_user_and_password_become_a_header() -> None:
    assert destination(OTLP, "http://me:s%40y@c").headers == (("Authorization", "Basic bWU6c0B5"),)


@pytest.mark.parametrize("line", ["", "no colon", "bad name: x", "Host: x", "content-length: 3", "a: b\r\nc: d"])
def test_a_wrong_header_is_refused(line: str) -> None:
    with pytest.raises(ConfigError, match="--otlp-header"):
        destination(OTLP, "http://c", [line])


@pytest.mark.parametrize("url", ["http://me:secret@c", "ftp://me:secret@c?token=secret"])
def test_messages_have_no_secrets(url: str) -> None:
    try:
        shown = destination(OTLP, url, ["X-Key: secret"]).shown
    except ConfigError as error:
        shown = str(error)
    assert "secret" not in shown


def test_a_header_without_a_server_is_refused() -> None:
    with pytest.raises(UsageError, match="--otlp is missing"):
        destinations({"otlp-header": ["a: b"]}.get)


def test_without_options_nothing_is_pushed() -> None:
    assert destinations(dict[str, object]().get) == ()


def test_a_file_that_nobody_named_does_not_say_where_a_token_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have come with a directory of somebody else's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gluten.toml").write_text('otlp = "http://elsewhere"')
    words, token = ["run", "http://127.0.0.1/"], {"GLUTEN_OTLP_HEADER": "Authorization: Bearer abc"}
    with pytest.raises(ConfigError, match=r"gluten.toml: otlp: is not used, .* name it: --config gluten.toml"):
        push_to(parse(words, token))
    assert len(push_to(parse([*words, "--config", "gluten.toml"], token))) == 1
    assert len(push_to(parse(words, {}))) == 1
