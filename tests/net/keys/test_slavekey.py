"""A slave's key: its text, what it opens, and that nothing else can be made of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import ConfigError, Refused
from gluten.net.bus.curve import slave_key
from gluten.net.keys.keys import SLAVE_PREFIX, ClusterKey
from gluten.net.keys.slavekey import SlaveKey, parse

CLUSTER = ClusterKey(bytes(range(32)))
KEY = slave_key(CLUSTER)
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


@given(st.binary(min_size=64, max_size=64))
def test_its_text_reads_back(parts: bytes) -> None:
    key = SlaveKey(parts[:32], parts[32:])
    assert parse(key.text, "--key") == key


def test_its_text_has_no_characters_that_look_alike() -> None:
    assert set(KEY.text.removeprefix(SLAVE_PREFIX)) <= set(LETTERS)


@pytest.mark.parametrize("spoil", [str.upper, lambda text: f" {text}\n"])
def test_case_and_blanks_do_not_matter(spoil: object) -> None:
    assert callable(spoil)
    assert parse(spoil(KEY.text), "--key") == KEY


@given(st.integers(0, len(KEY.text) - len(SLAVE_PREFIX) - 2), st.sampled_from(LETTERS))
def test_one_wrong_character_is_told_and_the_key_is_not_shown(at: int, letter: str) -> None:
    word = KEY.text.removeprefix(SLAVE_PREFIX)
    wrong = word[:at] + letter + word[at + 1 :]
    if wrong != word:
        with pytest.raises(ConfigError, match=r"^--key: a character of this slave's key is wrong") as caught:
            parse(SLAVE_PREFIX + wrong, "--key")
        assert wrong not in str(caught.value)


@pytest.mark.parametrize("text", [SLAVE_PREFIX, f"{SLAVE_PREFIX}x", KEY.text[:-9], KEY.text + "aaaaaaaa"])
def test_what_is_cut_or_longer_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="this slave's key is wrong or missing"):
        parse(text, "--key")


def test_the_cluster_s_key_is_read_by_the_same_door() -> None:
    assert parse(CLUSTER.text, "--key") == CLUSTER


def test_it_follows_from_the_cluster_s_key_alone() -> None:
    assert slave_key(CLUSTER) == KEY == slave_key(KEY)
    assert slave_key(ClusterKey.make()) != KEY


def test_it_holds_no_secret_of_the_master_s_end_and_no_token() -> None:
    known = {KEY.server_public, KEY.client_secret}
    secrets = {CLUSTER.secret, CLUSTER.curve_secret("server"), CLUSTER.cookie_secret()}
    assert known.isdisjoint(secrets | {CLUSTER.derive("token admin"), CLUSTER.derive("token viewer")})
    for ask in (lambda: KEY.curve_secret("server"), lambda: KEY.token("admin"), lambda: KEY.token("viewer")):
        with pytest.raises(Refused, match="this is a slave's key"):
            ask()


def test_it_is_no_cluster_key() -> None:
    with pytest.raises(ConfigError, match=r"^--key: this is a slave's key, not the cluster's"):
        ClusterKey.parse(KEY.text)


def test_no_master_lets_it_in_as_a_token() -> None:
    assert CLUSTER.role_of(KEY.text) is None


def test_it_lets_people_look_at_its_slave_s_own_page_and_no_other() -> None:
    assert KEY.role_of(KEY.text) == "viewer"
    for other in ("", CLUSTER.token("admin"), slave_key(ClusterKey.make()).text):
        assert KEY.role_of(other) is None


def test_it_is_not_shown_in_a_traceback() -> None:
    assert KEY.client_secret.hex() not in repr(KEY)
    assert repr(KEY.client_secret) not in repr(KEY)
