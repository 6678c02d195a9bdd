"""What a node may load: by address, whatever the name says, and up to its ceilings."""

import re
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import ConfigError, Refused
from gluten.task.policy import NOT_ALLOWED, Policy, read_pattern, read_patterns
from gluten.task.task import Task
from tests.task.test_address import FORMS, OTHERS, PLAIN, WAYS


def policy(*patterns: str, **ceilings: Any) -> Policy:
    return Policy(read_patterns(patterns), **ceilings)


def a_task(url: str = "http://shop.test/", **fields: Any) -> Task:
    return Task(url, **fields)


def may(rules: Policy, address: str, url: str = "http://shop.test/", **fields: Any) -> bool:
    """May one connect to this address of the URL's host?"""
    return not rules.connecting(a_task(url, **fields), address)


@pytest.mark.parametrize("address", [*FORMS[:-3], *WAYS, *OTHERS])
def test_a_guarded_address_is_refused_whatever_names_it(address: str) -> None:
    for rules in (policy(), policy("shop.test"), policy("*"), policy("0.0.0.0/0", "::/0"), policy("169.0.0.0/8")):
        assert not may(rules, address)


@pytest.mark.parametrize("address", OTHERS)
def test_a_guarded_address_that_is_listed_may_be_loaded(address: str) -> None:
    assert may(policy(address.partition("%")[0]), address)


@pytest.mark.parametrize("address", WAYS)
def test_a_way_to_a_listed_guarded_address_is_open_when_it_is_listed_itself(address: str) -> None:
    assert may(policy(address), address)
    assert not may(policy(str(ip_network(f"{address}/120", strict=False))), address)


def test_a_guarded_network_lists_all_that_is_in_it() -> None:
    assert may(policy("169.254.0.0/16"), "169.254.169.254")
    assert may(policy("169.254.169.0/24:80"), "169.254.169.254")
    assert not may(policy("169.254.169.0/24:81"), "169.254.169.254")
    assert may(policy("169.254.0.0/16"), "::ffff:169.254.169.254")
    assert may(policy("169.254.0.0/16"), "64:ff9b::a9fe:a9fe")


@pytest.mark.parametrize("address", PLAIN)
def test_without_patterns_everything_else_may_be_loaded(address: str) -> None:
    assert may(policy(), address)


ROWS = [
    ("10.0.0.0/8", "10.1.2.3", True),
    ("10.0.0.0/8", "::ffff:10.1.2.3", True),
    ("10.0.0.0/8", "64:ff9b::10.1.2.3", True),  # an IPv6-only network's way to the same host
    ("10.0.0.0/8", "2002:a01:203::1", False),  # 6to4 leads to a host behind it
    ("10.0.0.0/8", "11.1.2.3", False),
    ("::ffff:10.0.0.0/104", "10.1.2.3", True),
    ("10.0.0.0/8:80", "10.1.2.3", True),
    ("10.0.0.0/8:81-90", "10.1.2.3", False),
    ("10.0.0.0/8:1-80", "10.1.2.3", True),
    ("10.1.2.3", "10.1.2.3", True),
    ("[fd00::]/8", "fd00::1", True),
    ("fd00::/8", "fd00::1", True),
    ("[fd00::]/8:80", "fd00::1", True),
    ("[fd00::]/8:81", "fd00::1", False),
    ("[fd00::1]:80", "fd00::1", True),
    ("127.0.0.0/8", "0.0.0.0", True),
    ("0.0.0.0", "127.0.0.1", True),
    ("::/0", "10.1.2.3", False),
    ("*:80", "10.1.2.3", True),
    ("*:81", "10.1.2.3", False),
    ("shop.test", "10.1.2.3", True),
    ("SHOP.test.", "10.1.2.3", True),
    ("shop.test:80", "10.1.2.3", True),
    ("shop.test:443", "10.1.2.3", False),
    ("*.test", "10.1.2.3", True),
    ("*.shop.test", "10.1.2.3", False),
    ("*.hop.test", "10.1.2.3", False),
    ("other.test", "10.1.2.3", False),
]


@pytest.mark.parametrize(("pattern", "address", "allowed"), ROWS)
def test_a_pattern_allows_what_it_says(pattern: str, address: str, allowed: bool) -> None:
    assert may(policy(pattern), address) is allowed


def test_a_name_says_nothing_of_an_address_that_the_task_brings_along() -> None:
    rule = ("shop.test:80:10.1.2.3",)
    assert not may(policy("shop.test"), "10.1.2.3", resolve=rule)
    assert may(policy("10.0.0.0/8"), "10.1.2.3", resolve=rule)
    assert may(policy("shop.test"), "10.1.2.3", resolve=("shop.test:81:10.1.2.3",))
    assert not may(policy("*.test"), "10.1.2.3", "http://10.1.2.3/")


@pytest.mark.parametrize("form", FORMS[:12])
def test_a_host_that_is_a_guarded_address_is_refused_at_once(form: str) -> None:
    with pytest.raises(Refused, match="link-local"):
        policy().check(a_task(f"http://{form}/"))


@pytest.mark.parametrize("form", [*WAYS, *(other for other in OTHERS if "%" not in other)])
def test_a_rule_that_names_a_guarded_address_is_refused_at_once(form: str) -> None:
    with pytest.raises(Refused, match="--allow-target"):
        policy().check(a_task(resolve=(f"shop.test:80:{form}",)))


def test_of_several_addresses_one_that_is_allowed_is_enough() -> None:
    rules = ("shop.test:80:169.254.169.254", "shop.test:80:127.0.0.1")
    policy().check(a_task(resolve=rules))


def test_a_name_that_may_have_an_allowed_address_waits_for_its_resolver() -> None:
    policy("10.0.0.0/8").check(a_task())
    policy("*.test").check(a_task())
    for pattern in ("10.0.0.0/8:443", "other.test", "shop.test:443"):
        with pytest.raises(Refused, match=re.escape(f"this master's --allow-target patterns ({pattern})")):
            policy(pattern).check(a_task())


SEARCH: dict[str, Any] = {"find_capacity": True, "slo": ("p99 < 1s",)}
CEILINGS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"max_rate": 100.0}, {"rate": 100.0}, ""),
    ({"max_rate": 100.0}, {"rate": 100.5}, "--max-rate"),
    ({"max_rate": 100.0}, {}, "closed loop"),
    ({"max_rate": 100.0}, {"stages": ((0.0, 1.0), (5.0, 101.0), (9.0, 1.0))}, "101/s is above the 100/s"),
    ({"max_rate": 100.0}, SEARCH | {"search_to": 100.0, "at_least": 90.0}, ""),
    ({"max_rate": 100.0}, SEARCH | {"search_to": 101.0}, "101/s is above the 100/s"),
    ({"max_rate": 100.0}, SEARCH | {"at_least": 500.0}, "500/s is above the 100/s"),
    ({"max_connections": 10}, {"connections": 10}, ""),
    ({"max_connections": 10}, {"connections": 11}, "--max-connections"),
    ({"max_duration": 60.0}, {"duration": 60.0}, ""),
    ({"max_duration": 60.0}, {"duration": 61.0}, "--max-duration"),
    ({"max_duration": 60.0}, {"duration": None, "requests": 5}, "no limit"),
]


def test_a_search_goes_no_higher_than_the_ceiling_and_more_than_that_is_no_search() -> None:
    assert policy(max_rate=100.0).bounded(a_task(**SEARCH)).search_to == 100.0
    assert policy(max_rate=100.0).bounded(a_task(**SEARCH, at_least=500.0)).search_to is None


@pytest.mark.parametrize(("ceilings", "fields", "words"), CEILINGS)
def test_a_task_over_a_ceiling_is_refused_in_one_line_that_names_it(
    ceilings: dict[str, Any], fields: dict[str, Any], words: str
) -> None:
    if not words:
        policy(**ceilings).check(a_task(**fields))
        return
    with pytest.raises(Refused) as caught:
        policy(**ceilings).check(a_task(**fields))
    assert words in str(caught.value)
    assert "this master" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", ":80", "a b", "shop.test:", "shop.test:0", "shop.test:80-79", "shop.test:70000", "10.0.0.0/33", "10.0.0.1/8",
     "[fd00::1", "fd00::1]:80", "http://shop.test/", "*.*.test", "a*b", "10.0.0", "0x7f000001", "::g", "1.2.3.4:x"],
)  # fmt: skip
def test_an_invalid_pattern_is_refused_in_words(text: str) -> None:
    with pytest.raises(ConfigError, match="--allow-target"):
        read_pattern(text)


@given(st.text(max_size=60))
def test_any_text_is_a_pattern_or_refused(text: str) -> None:
    try:
        pattern = read_pattern(text)
    except ConfigError:
        return
    assert pattern.name or pattern.networks


@given(st.text(max_size=60))
def test_a_text_that_is_no_address_is_never_connected_to(text: str) -> None:
    why = policy().connecting(a_task(), text)
    assert not why or why.startswith(NOT_ALLOWED)
