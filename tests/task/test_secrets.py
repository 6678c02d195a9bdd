"""A name of a secret is recognised in any spelling. Other names stay readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.task.secrets import HIDDEN, blunt, hides, is_secret, redact_header, redact_url

SECRET = [
    "Authorization", "authorization", "Proxy-Authorization", "COOKIE", "Set-Cookie", "X-Api-Key", "x-api-key", "apikey",
    "ApiKey", "api_key", "API_KEY", "apiKey", "key", "X-Auth-Token", "X-Amz-Security-Token", "X-Amz-Signature", "sig",
    "X-Amz-Credential", "access_token", "accessToken", "id_token", "refresh-token", "client_secret", "secret",
    "password",
    "passwd", "pwd", "pass", "userPassword", "signature", "X-Hub-Signature-256", "X-Vault-Token", "X-CSRF-Token",
    "phpsession_id", "session", "jwt", "Ocp-Apim-Subscription-Key", "X-Goog-Api-Key", "private_key",
]  # fmt: skip
PLAIN = [
    "Accept", "Accept-Encoding", "Content-Type", "Host", "User-Agent", "Referer", "Origin", "Range", "X-Request-Id",
    "q",
    "author", "keyword", "monkey", "page", "Keep-Alive", "compass", "design", "passenger", "Cache-Control", "id",
    "user",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET)
def test_what_is_called_a_secret_is_one(name: str) -> None:
    assert is_secret(name)
    assert redact_header(name, "x") == HIDDEN
    assert redact_url(f"http://a/?b=c&{name}=x&d=e#f") == f"http://a/?b=c&{name}={HIDDEN}&d=e#f"


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_called_anything_else_stays_readable(name: str) -> None:
    assert not is_secret(name)
    assert redact_url(f"http://a/?{name}=x") == f"http://a/?{name}=x"


@pytest.mark.parametrize("value", ["Bearer abc", "basic dTpw", "eyJhbGci.eyJzdWIi.c2ln", "AWS4-HMAC-SHA256 a=x"])
def test_a_value_that_looks_like_a_credential_is_one_under_any_name(value: str) -> None:
    assert redact_header("X-Forwarded", value) == HIDDEN


URLS = [
    ("http://a/", "http://a/"),
    ("http://u:p@a:8/x?y#z", "http://***@a:8/x?y#z"),
    ("http://u@a/", "http://***@a/"),
    ("http://u:p@b@a/", "http://***@a/"),
    ("http://a/?mail=x@y", "http://a/?mail=x@y"),
    ("http://a/?", "http://a/?"),
    ("http://a/?token", "http://a/?token"),
    ("http://a/?token=", "http://a/?token="),
    ("http://a/?%74oken=x", "http://a/?%74oken=***"),
    ("http://a/?a=1;token=x;b=2", "http://a/?a=1;token=***;b=2"),
    ("http://a/p;token=x?b=2", "http://a/p;token=***"),
    ("http://a/#access_token=x", "http://a/#access_token=***"),
    ("https://[::1]:8443/?sig=a%3Db", "https://[::1]:8443/?sig=***"),
    ("u:p@a", "u:***@a"),
]


@pytest.mark.parametrize(("url", "shown"), URLS)
def test_urls_are_shown_without_secrets(url: str, shown: str) -> None:
    assert redact_url(url) == shown
    assert redact_url(shown) == shown


def test_a_redacted_url_is_known_for_one() -> None:
    assert [hides(shown) for _, shown in URLS[:5]] == [False, True, True, True, False]
    assert hides("http://a/?token=***")
    assert not hides("http://a/?token=x")


@given(st.text(max_size=200))
def test_any_text_can_be_redacted(text: str) -> None:
    assert redact_url(redact_url(text)) == redact_url(text)
    blunt(text)


def test_a_long_text_takes_no_long_time() -> None:
    for piece in ("/", "?", "@", "&a", "=", ";a=", "A", "a:"):
        redact_url(piece * 200_000)
        redact_header("a", piece * 200_000)
        blunt(piece * 200_000)
