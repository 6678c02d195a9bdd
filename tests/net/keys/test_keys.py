"""A cluster's key: its text, the secrets that are derived from it, and its tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import ConfigError
from gluten.net.keys.keys import PREFIX, ClusterKey, Keyring, bearer

KEY = ClusterKey(bytes(range(32)))
secrets = st.binary(min_size=32, max_size=32)


@given(secrets)
def test_a_key_s_text_reads_back(secret: bytes) -> None:
    assert ClusterKey.parse(ClusterKey(secret).text) == ClusterKey(secret)


def test_a_key_s_text_has_no_characters_that_look_alike() -> None:
    word = ClusterKey.make().text.removeprefix(PREFIX)
    assert len(word) == 56
    assert set(word) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_two_keys_differ() -> None:
    assert ClusterKey.make() != ClusterKey.make()


@pytest.mark.parametrize("spoil", [str.upper, lambda text: f" {text}\n", lambda text: text.removeprefix(PREFIX)])
def test_case_blanks_and_the_prefix_do_not_matter(spoil: object) -> None:
    assert callable(spoil)
    assert ClusterKey.parse(spoil(KEY.text)) == KEY


@given(st.integers(0, 55), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_one_wrong_character_is_told(at: int, letter: str) -> None:
    word = KEY.text.removeprefix(PREFIX)
    wrong = word[:at] + letter + word[at + 1 :]
    if wrong != word:
        with pytest.raises(ConfigError, match="a character of this key is wrong"):
            ClusterKey.parse(wrong)


@pytest.mark.parametrize("text", ["", "x", "secret", KEY.text[:-1], KEY.text + "a", "ä" * 56, "\x00" * 56, "a" * 10**6])
def test_an_invalid_key_is_refused_in_one_line_that_names_its_place_and_does_not_show_it(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^--key-file f: this is not a cluster's key") as caught:
        ClusterKey.parse(text, "--key-file f")
    assert "\n" not in str(caught.value)
    assert not text or len(text) < 6 or text not in str(caught.value)


def test_a_token_is_not_accepted_as_a_key() -> None:
    with pytest.raises(ConfigError, match="this is a token, not a cluster's key"):
        ClusterKey.parse(KEY.token("viewer"))


def test_derived_secrets_are_hkdf_of_the_key() -> None:
    """The values are OpenSSL's: openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:000102…1f
    -kdfopt salt:gluten/1 -kdfopt info:cookie HKDF"""
    assert KEY.derive("cookie").hex() == "13a14d7ba75fcf0dc7ed7ca1f16dc5e7a86f6ab637b27adee4c2e4f333245489"
    assert KEY.curve_secret("server").hex() == "e5a946b33ce0747ae7ad39f69ab6114ad620ed119f65cdc56aa3798c476d7bcf"


def test_each_purpose_and_each_key_has_a_secret_of_its_own() -> None:
    made = [
        secret
        for key in (KEY, ClusterKey(bytes(32)))
        for secret in (
            key.secret,
            key.cookie_secret(),
            key.curve_secret("server"),
            key.curve_secret("client"),
            key.derive("token admin"),
            key.derive("token viewer"),
        )
    ]
    assert len(set(made)) == len(made)


def test_a_token_contains_its_role() -> None:
    assert [KEY.role_of(KEY.token("admin")), KEY.role_of(KEY.token("viewer"))] == ["admin", "viewer"]


@pytest.mark.parametrize(
    "token",
    ["", KEY.text, KEY.token("admin")[:-1], KEY.token("admin") + " ", ClusterKey(bytes(32)).token("admin"), "\udcff"],
)
def test_an_invalid_token_has_no_role(token: str) -> None:
    assert KEY.role_of(token) is None


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", ""), ("abc", ""), ("", ""), ("Bearer", "")],
)
def test_a_bearer_header_carries_a_token(header: str, token: str) -> None:
    assert bearer(header) == token


def test_a_key_does_not_show_itself() -> None:
    assert repr(KEY) == "ClusterKey()"


def test_a_rotated_keyring_knows_only_the_new_key() -> None:
    ring = Keyring(KEY)
    old = KEY.token("admin")
    assert (ring.role_of(old), ring.version, ring.open) == ("admin", 0, False)
    ring.replace(KEY)
    assert ring.version == 0
    new = ClusterKey.make()
    ring.replace(new)
    assert (ring.role_of(old), ring.role_of(new.token("viewer")), ring.version) == (None, "viewer", 1)


def test_without_a_key_everybody_is_an_admin() -> None:
    assert (Keyring(None).open, Keyring(None).role_of("")) == (True, "admin")
