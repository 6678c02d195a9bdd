"""The target's options are read from text, or refused in one line that names the option and the value."""

import itertools
from typing import Any

import pytest

from gluten.errors import UsageError
from gluten.target.delays import Exponential, drawn_delays
from gluten.target.target_options import TargetOptions, parse_options, parse_resets


def test_nothing_given_is_the_default() -> None:
    assert parse_options() == TargetOptions()


def test_everything_is_read() -> None:
    options = parse_options(
        port="0",
        delay="900x10ms,90x50ms,9x200ms,1x1s",
        status="99x200,1x503",
        size="1x10k,1x11",
        reset="1/100",
        headers=["X-A: b", "Via:c"],
    )
    assert options.delays.parts == ((900, 0.01), (90, 0.05), (9, 0.2), (1, 1.0))
    assert options.statuses.parts == ((99, 200), (1, 503))
    assert options.sizes.parts == ((1, 10240), (1, 11))
    assert sum(options.resets.order("seed")) == 1
    assert options.resets.block == 100
    assert options.headers == (("X-A", "b"), ("Via", "c"))


def test_delays_may_be_exponential() -> None:
    options = parse_options(delay="99xexp:8ms,1x1s", servers="8")
    assert options.delays.parts == ((99, Exponential(0.008)), (1, 1.0))
    assert options.servers == 8


def test_exponential_delays_have_their_mean_and_their_tail() -> None:
    """Of 10,000 delays of 8 ms on average, one in a hundred is above 36.8 ms (8 ms x ln 100)."""
    drawn = list(itertools.islice(drawn_delays(parse_options(delay="exp:8ms").delays), 10_000))
    assert sum(drawn) / len(drawn) == pytest.approx(0.008, rel=0.03)
    assert sum(delay > 0.03684 for delay in drawn) == pytest.approx(100, abs=30)


def test_resets_may_be_none_some_or_all() -> None:
    assert parse_resets("0").order("") == [False]
    assert parse_resets("1/1").order("") == [True]
    assert sorted(parse_resets("2/6").order("")) == [False, False, True]


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("--port", {"port": "65536"}),
        ("--port", {"port": "-1"}),
        ("--port", {"port": "http"}),
        ("--delay", {"delay": "10parsecs"}),
        ("--delay", {"delay": "1x10ms,20ms"}),
        ("--delay", {"delay": "-5ms"}),
        ("--delay", {"delay": "exp:0"}),
        ("--delay", {"delay": "exp:"}),
        ("--delay", {"delay": "exp:soon"}),
        ("--servers", {"servers": "0"}),
        ("--servers", {"servers": "100001"}),
        ("--servers", {"servers": "some"}),
        ("--status", {"status": "99"}),
        ("--status", {"status": "1x100,1x200"}),
        ("--status", {"status": "abc"}),
        ("--size", {"size": "257M"}),
        ("--size", {"size": "ten"}),
        ("--size", {"size": "1k", "body": "x"}),
        ("--reset", {"reset": "2/1"}),
        ("--reset", {"reset": "1/0"}),
        ("--reset", {"reset": "often"}),
        ("--header", {"headers": ["no colon"]}),
        ("--header", {"headers": ["A: b\r\nC: d"]}),
        ("--header", {"headers": ["Content-Length: 3"]}),
        ("--key", {"key": "k.pem"}),
    ],
)
def test_a_wrong_option_is_named(option: str, given: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        parse_options(**given)
    assert str(caught.value).startswith(option)
    assert len(str(caught.value).splitlines()) == 1
