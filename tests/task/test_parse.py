"""Texts become a task, or one refusal that names the option, the value and what is allowed."""

from typing import Any

import pytest

from gluten.errors import TaskError
from gluten.task.parse import ask, parse_header, parse_stages
from gluten.task.task import Task

URL = "http://127.0.0.1:8080/"


def test_without_options_it_is_the_default_task() -> None:
    assert ask(URL, {}) == Task(URL, threads=None, connections=None, duration=10.0, timeout=2.0, method="GET")


@pytest.mark.parametrize(
    ("options", "field", "value"),
    [
        ({"threads": "8"}, "threads", 8),
        ({"connections": "1.5k"}, "connections", 1500),
        ({"duration": "1m30s"}, "duration", 90.0),
        ({"rate": "2k"}, "rate", 2000.0),
        ({"rate": "0.5"}, "rate", 0.5),
        ({"requests": "1M"}, "requests", 10**6),
        ({"timeout": "500ms"}, "timeout", 0.5),
        ({"max-body": "64k"}, "max_body", 65_536),
        ({"stages": "0s:0,30s:1k"}, "stages", ((0.0, 0.0), (30.0, 1000.0))),
        ({"header": ["A: b", "A: c"]}, "headers", (("A", "b"), ("A", "c"))),  # equal names are all kept
        ({"no-keepalive": True}, "keepalive", False),
        ({"insecure": True}, "insecure", True),
        ({"on-loss": "fail"}, "on_loss", "fail"),
        ({"split": "even"}, "split", "even"),
        ({"resolve": ["a:80:127.0.0.1"]}, "resolve", ("a:80:127.0.0.1",)),
        ({"method": "POST"}, "method", "POST"),
    ],
)
def test_an_option_becomes_its_field(options: dict[str, Any], field: str, value: Any) -> None:
    assert getattr(ask(URL, options), field) == value


@pytest.mark.parametrize(
    ("options", "duration"),
    [
        ({}, 10.0),
        ({"requests": "100"}, None),  # without -d there is no time limit
        ({"requests": "100", "duration": "5s"}, 5.0),  # whichever comes first
        ({"stages": "0s:1,2m:5"}, 120.0),  # the last stage ends it
        ({"stages": "0s:1,2m:5", "duration": "3m"}, 180.0),
        ({"stages": "0s:5"}, 10.0),
    ],
)
def test_how_long_it_lasts(options: dict[str, Any], duration: float | None) -> None:
    assert ask(URL, options).duration == duration


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"threads": "two"}, "threads"), ({"threads": "0"}, "threads"), ({"threads": "1.5"}, "threads"),
        ({"connections": "1", "threads": "2"}, "connections"), ({"rate": "-5"}, "rate"), ({"rate": "0"}, "rate"),
        ({"duration": "0s"}, "duration"), ({"duration": "10 parsecs"}, "duration"), ({"timeout": "-1s"}, "timeout"),
        ({"max-body": "0"}, "max_body"), ({"max-body": "x"}, "max_body"), ({"stages": "fast"}, "stages"),
        ({"stages": "0s:1", "rate": "5"}, "stages"), ({"header": ["nonsense"]}, "header"),
        ({"resolve": ["x"]}, "resolve"), ({"split": "fair"}, "split"), ({"on-loss": "cry"}, "on_loss"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_option_and_the_value(options: dict[str, Any], field: str) -> None:
    with pytest.raises(TaskError) as caught:
        ask(URL, options)
    assert caught.value.field == field
    assert field.replace("_", "-") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_stages_are_read_from_text() -> None:
    assert parse_stages("0s:0,30s:1k,2m:1.5k") == ((0, 0), (30, 1000), (120, 1500))


@pytest.mark.parametrize("text", ["", "30s", "30s:", ":5", "0s:0,,1s:1", "0s:0;1s:1", "a:b"])
def test_nonsense_stages_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_stages(text)


@pytest.mark.parametrize(
    ("text", "pair"),
    [("A: b", ("A", "b")), ("A:b:c", ("A", "b:c")), ("A:", ("A", "")), ("Host: x:80", ("Host", "x:80"))],
)
def test_headers_are_read_from_text(text: str, pair: tuple[str, str]) -> None:
    assert parse_header(text) == pair


@pytest.mark.parametrize("text", ["", "A", ": b", "A b: c", "Ä: b"])
def test_nonsense_headers_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_header(text)


def test_a_header_that_lacks_its_colon_is_not_repeated_whole() -> None:
    with pytest.raises(ValueError, match="'Authorization'") as caught:
        parse_header("Authorization Bearer CANARY")
    assert "CANARY" not in str(caught.value)
