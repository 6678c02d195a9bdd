"""Logins that work once."""

from gluten.net.keys.onetime import LIFE, MAX_TOKENS, OneTimeTokens


def test_a_token_works_once() -> None:
    logins = OneTimeTokens()
    token = logins.create(100.0)
    assert [logins.take(token, 101.0), logins.take(token, 101.0)] == [True, False]


def test_the_token_itself_is_not_kept() -> None:
    logins = OneTimeTokens()
    token = logins.create(0.0)
    assert token not in repr(vars(logins))


def test_a_token_ends_with_its_life() -> None:
    logins = OneTimeTokens()
    early, late = logins.create(0.0), logins.create(0.0)
    assert [logins.take(early, LIFE), logins.take(late, LIFE + 0.1)] == [True, False]


def test_what_was_never_minted_is_not_good() -> None:
    logins = OneTimeTokens()
    logins.create(0.0)
    assert not any(logins.take(word, 0.0) for word in ("", "x", "\udcff"))


def test_the_oldest_gives_way() -> None:
    logins = OneTimeTokens()
    tokens = [logins.create(float(at)) for at in range(MAX_TOKENS + 1)]
    assert [logins.take(token, 20.0) for token in tokens] == [False] + [True] * MAX_TOKENS


def test_cleared_tokens_are_not_good() -> None:
    logins = OneTimeTokens()
    token = logins.create(0.0)
    logins.clear()
    assert not logins.take(token, 0.0)
