"""A curl command becomes a request that sends the same."""

from __future__ import annotations

import tomllib
from shlex import join
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.errors import UsageError
from gluten.workload.importers.curl.command import import_curl
from gluten.workload.importers.curl.options import SHORT, VALUED
from tests.support.imported import read_back


def imported(command: str) -> dict[str, Any]:
    """The file as TOML. It must be one that the reader takes."""
    text = import_curl(command)
    read_back(text)
    return tomllib.loads(text)


def request(command: str) -> dict[str, Any]:
    (found,) = imported(command)["request"].values()
    return dict(found)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("curl https://h/a", {"get": "/a"}),
        ("curl h:8080", {"get": "/"}),
        ("/usr/bin/curl -sS -o /dev/null https://h/a#x", {"get": "/a"}),
        ("curl -X PURGE https://h/a", {"method": "PURGE", "path": "/a"}),
        ("curl -I https://h/a", {"head": "/a"}),
        ("curl -XDELETE 'https://h/a?x={{y}}'", {"delete": "/a?x={{'{{'}}y}}"}),
        ("curl https://h/a -H 'X-A: 1' -H 'X-B;' -H 'Accept:'", {"get": "/a", "header": ["X-A: 1", "X-B: "]}),
        ("curl https://h/a -A me -e http://r/", {"get": "/a", "header": ["User-Agent: me", "Referer: http://r/"]}),
        ("curl https://h/a --compressed", {"get": "/a", "header": ["Accept-Encoding: gzip, deflate"]}),
        ("curl https://h/a -d a=b -d 'c=d e'", {"post": "/a", "form": {"a": "b", "c": "d e"}}),
        ("curl https://h/a --data-urlencode 'a=b&c'", {"post": "/a", "form": {"a": "b&c"}}),
        (
            "curl https://h/a -d 'just text'",
            {"post": "/a", "header": ["Content-Type: application/x-www-form-urlencoded"], "body": "just text"},
        ),
        ("curl https://h/a -H 'Content-Type: application/json' -d '{\"a\": [1]}'", {"post": "/a", "json": {"a": [1]}}),
        ("curl https://h/a --json '{\"a\":1}'",
         {"post": "/a", "header": ["Accept: application/json"], "json": {"a": 1}}),
        ("curl https://h/a -X PUT --data-raw @x -H 'Content-Type: text/plain'",
         {"put": "/a", "header": ["Content-Type: text/plain"], "body": "{{'@'}}x"}),
        ("curl https://h/a --data-binary @f.bin -H 'Content-Type: image/png'",
         {"post": "/a", "header": ["Content-Type: image/png"], "body": "@f.bin"}),
        ("curl -T f.bin https://h/a", {"put": "/a", "body": "@f.bin"}),
        ("curl -G https://h/a?x=1 -d y=2 --data-urlencode 'z=a b'", {"get": "/a?x=1&y=2&z=a%20b"}),
        ("curl https://h/a -m 2.5", {"get": "/a", "timeout": "2.5s"}),
        ("curl https://h/a -b 'lang=de; theme=dark'", {"get": "/a", "header": ["Cookie: lang=de; theme=dark"]}),
    ],
)  # fmt: skip
def test_what_is_sent(command: str, expected: dict[str, Any]) -> None:
    assert request(command) == expected


def test_a_form_in_parts() -> None:
    found = imported("curl https://h/up -F title=x -F 'photo=@/tmp/p.jpg;type=image/jpeg' -F n=2")
    assert found["request"]["post-up"]["multipart"] == {"title": "x", "photo": "@/tmp/p.jpg", "n": "2"}


@pytest.mark.parametrize(
    ("command", "variable", "secret"),
    [
        ("curl -u ann:s3cr3tpw https://h/", "PASSWORD", "s3cr3tpw"),
        ("curl https://ann:s3cr3tpw@h/", "PASSWORD", "s3cr3tpw"),
        ("curl -H 'Authorization: Bearer abc.def.1' https://h/", "BEARER_TOKEN", "abc.def.1"),
        ("curl --oauth2-bearer abc.def.1 https://h/", "BEARER_TOKEN", "abc.def.1"),
        ("curl -H 'X-Api-Key: k123' https://h/", "X_API_KEY", "k123"),
        ("curl 'https://h/?api_key=k123'", "API_KEY", "k123"),
        ("curl -b sid=5f9c1a7be4b0 https://h/", "SID", "5f9c1a7be4b0"),
        ("curl -H 'Cookie: who=5f9c1a7be4b0' https://h/", "COOKIE_WHO", "5f9c1a7be4b0"),
        ('curl https://h/ --json \'{"user": {"password": "pw"}}\'', "PASSWORD", '"pw"'),
        ("curl https://h/ -d 'password=pw12345&x=1'", "PASSWORD", "pw12345"),
        ("curl https://h/ -H 'Content-Type: text/xml' -d '<token>abc</token>'", "TOKEN", "abc"),
    ],
)
def test_secrets_are_variables(command: str, variable: str, secret: str) -> None:
    text = import_curl(command)
    assert secret not in text
    assert f"env {variable}}}}}" in text
    assert f"#     export {variable}=…" in text
    read_back(text)


def test_options_of_the_run() -> None:
    file = imported("curl -k -L --max-redirs 3 --resolve h:443:127.0.0.1 https://h/a")
    assert (file["url"], file["redirects"]) == ("https://h", 3)
    assert file["load"] == {"insecure": True, "resolve": "h:443:127.0.0.1"}
    for option in ("--http2", "--http2-prior-knowledge"):
        assert imported(f"curl {option} https://h/a")["load"] == {"http2": True}


def test_options_without_a_counterpart_are_named() -> None:
    text = import_curl("curl -s --http3 -x http://proxy:1 --retry 3 --cacert ca.pem --what https://h/")
    assert "no counterpart here: --http3, -x, --retry, --cacert, --what." in text


def test_several_commands_keep_their_order() -> None:
    file = imported("curl https://h/a --next -d x=1 https://h/b; curl https://other/c https://h/a | jq .")
    assert file["scenario"] == [{"name": "commands", "do": ["get-a", "post-b", "get-c", "get-a-2"]}]
    assert file["request"]["get-c"]["get"] == "https://other/c"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("wget https://h/", "must begin with curl"),
        ("", "must begin with curl"),
        ("curl -s", "names no URL"),
        ("curl -X", "-X: its value is missing"),
        ("curl ftp://h/a", "no http URL"),
        ("curl -m never https://h/", "--max-time"),
        ("curl -X 'a b' https://h/", "is not a method"),
        ("curl 'https://h/", "quote it"),
        ("curl " + " ".join(f"https://h/{n}" for n in range(65)), "up to 64 requests"),
    ],
)
def test_what_is_no_command_is_refused_in_one_line(command: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as told:
        import_curl(command)
    assert "\n" not in str(told.value)


WORDS = st.sampled_from(
    [*(f"-{letter}" for letter in SHORT), *(f"--{name}" for name in sorted(VALUED)), "--json"]
) | st.text(st.characters(exclude_characters="\0") | st.sampled_from("'\"\\{}$@=&;:\n"), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=8), st.sampled_from(["https://h/a", "h", "https://h/{{x}}?${y}"]))
def test_any_command_is_written_so_that_it_is_read_or_refused(words: list[str], url: str) -> None:
    try:
        text = import_curl(join(["curl", url, *words]))
    except UsageError:
        return
    read_back(text)
