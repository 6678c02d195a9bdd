"""What each field of a bus message may hold, said once more, apart from the code: a table of all fields.

A field takes the values of its rule and no others: the ends of its range, what lies just beyond them, every other type,
and whatever hypothesis thinks of.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import WireError
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from tests.net.bus.test_messages import DOWN, UP, plain
from tests.support.deltas import packed

RUN = "0123456789abcdef" * 2
LARGEST = (1 << 31) - 1
BODY = packed(3)
OTHERS = [None, True, False, 0, 1, -1, 0.5, 1 << 63, "", "x", b"", b"x", [], [1], {}, {"a": 1}, math.nan, math.inf]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats()
    | st.text(max_size=40)
    | st.binary(max_size=8)
    | st.sampled_from([RUN, "master", "name", "failed", "worker_lost", LARGEST, LARGEST + 1]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@dataclass
class Rule:
    """`fits` says whether a value is taken; `good` are at the edge of that, `bad` just beyond it."""

    fits: Callable[[Any], bool]
    good: list[Any]
    bad: list[Any]


def whole(low: int, high: int) -> Rule:
    fits = lambda value: type(value) is int and low <= value <= high  # noqa: E731
    return Rule(fits, [low, high], [low - 1, high + 1, float(low), str(low)])


def number(low: float, high: float) -> Rule:
    fits = lambda value: type(value) in (int, float) and low <= value <= high  # noqa: E731
    outer = [math.nextafter(low, -math.inf), math.nextafter(high, math.inf), math.nan, math.inf, -math.inf]
    return Rule(fits, [low, high], [*outer, str(low)])


def text(most: int, least: int = 0, letters: str = "") -> Rule:
    def fits(value: Any) -> bool:
        return (
            type(value) is str
            and least <= len(value) <= most
            and value.isprintable()
            and (not letters or set(value) <= set(letters))
        )

    unprintable = [(char + "a" * most)[:most] for char in ("\n", "\x00", "\x1b", "\u202e", "\x85", "\ud800", "\x7f")]
    strange = [char * most for char in ("g", "A", "é", " ", "\uff10")] if letters else []
    short = ["a" * (least - 1)] if least else []
    return Rule(fits, ["a" * least, "a" * most], ["a" * (most + 1), *short, *unprintable, *strange])


def words(*known: str) -> Rule:
    bad = (
        [word + end for word in known for end in ("s", " ", "\x00")] + [word.upper() for word in known] + [list(known)]
    )
    return Rule(lambda value: type(value) is str and value in known, list(known), bad)


def flag() -> Rule:
    return Rule(lambda value: type(value) is bool, [True, False], ["true", 0, 1])


def maybe(rule: Rule) -> Rule:
    return Rule(lambda value: value is None or rule.fits(value), [None, *rule.good], rule.bad)


def pair(first: Rule, second: Rule) -> Rule:
    def fits(value: Any) -> bool:
        return type(value) is list and len(value) == 2 and first.fits(value[0]) and second.fits(value[1])

    one, two = first.good[0], second.good[0]
    others = [[one], [one, two, two], [], {str(one): two}, {"0": one, "1": two}, b"ab"]
    bad = [*others, *([b, two] for b in first.bad), *([one, b] for b in second.bad)]
    return Rule(fits, [[one, two], [first.good[-1], second.good[-1]]], bad)


def listed(rule: Rule, most: int) -> Rule:
    def fits(value: Any) -> bool:
        return type(value) is list and len(value) <= most and all(map(rule.fits, value))

    item = rule.good[0]
    hidden = [[item, bad] for bad in rule.bad]
    return Rule(fits, [[], rule.good, [item] * most], [[item] * (most + 1), {"a": item}, *hidden])


def texts(most: int, size: int) -> Rule:
    """Names of letters, digits and `_`, with texts."""
    letters = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")

    def is_text(value: Any) -> bool:
        return type(value) is str and value == value.encode("utf-8", "replace").decode()

    def fits(value: Any) -> bool:
        return (
            type(value) is dict
            and len(value) <= most
            and all(1 <= len(name) <= 64 and set(name) <= letters for name in value)
            and all(map(is_text, value.values()))
            and sum(len(name) + len(text.encode()) for name, text in value.items()) <= size
        )

    many = {f"n{place}": "" for place in range(most)}
    good = [{}, {"a" * 64: "\n\x00 é\u202e"}, {"a": "x" * (size - 1)}, many]
    long = [{"a": "x" * size}, {"a": "é" * (size // 2)}, {"a" * 65: ""}, many | {"more": ""}]
    bad = [*long, {"": ""}, {"a b": ""}, {"é": ""}, {"a": b"x"}, {"a": ["x"]}, {"a": "\ud800"}, [["a", "b"]]]
    return Rule(fits, good, bad)


ID, EPOCH, CLOCK, SPAN = text(32, 32, "0123456789abcdef"), whole(1, LARGEST), number(-1e12, 1e12), number(0.0, 1e9)
PART = {"run": ID, "epoch": EPOCH}
SHA = text(64, 64, "0123456789abcdef")
OFFSET = whole(0, 1 << 30)
TAKEN = texts(64, 64 << 10)
FILE_BYTES = Rule(
    lambda value: type(value) is bytes and len(value) <= 256 << 10,
    [b"", b"x", bytes(256 << 10)],
    [bytes((256 << 10) + 1), "x", None, [1]],
)
BODIES = Rule(
    lambda value: type(value) is bytes and 1 <= len(value) <= wire.MAX,
    [BODY, b"x"],
    [b"", BODY.hex(), list(BODY), {"more": BODY}],
)
RULES: dict[str, dict[str, Rule]] = {
    "hello": {
        "proto": whole(5, 5), "version": text(64), "node": ID, "name": text(64, 1), "cores": whole(1, 65536),
        "python": text(64), "host": text(255), "rpc_port": maybe(whole(1, 65535)), "load": flag(),
        "role": words("master", "slave"),
    },
    "heartbeat": {
        "t0": CLOCK, "cpu": number(0.0, 1.0), "jobs": listed(pair(ID, EPOCH), 1000), "offset": maybe(CLOCK),
        "rtt": maybe(SPAN), "unanswered": SPAN,
    },
    "delta": PART | {"number": whole(1, LARGEST), "body": BODIES},
    "ended": PART | {
        "last": whole(0, LARGEST), "state": words("finished", "stopped", "failed"), "reason": text(1000), "ended": SPAN,
        "kind": text(64),
    },
    "armed": PART | {"late": SPAN},
    "refused": PART | {"text": text(1000)},
    "notice": PART | {
        "kind": words("worker_lost", "adjust_taken"), "gap": whole(0, LARGEST), "text": text(1000),
        "second": maybe(whole(0, LARGEST)),
    },
    "prepared": {"run": ID, "text": text(1000)},
    "chore_done": {
        "run": ID, "kind": words("setup", "teardown"), "reason": text(1000), "fault": text(64), "taken": TAKEN,
        "seconds": SPAN,
    },
    "file_wanted": {"sha": SHA, "offset": OFFSET},
    "bye": {},
    "welcome": {
        "proto": whole(5, 5), "version": text(64), "lease": number(0.1, 1e6), "heartbeat": number(0.01, 1e6),
    },
    "refuse": {"code": words("version", "name"), "text": text(1000)},
    "challenge": {},
    "beat": {"t0": CLOCK, "t1": CLOCK},
    "task": PART | {
        "start": CLOCK, "start_at": CLOCK, "adjustments": listed(pair(number(0.0, 1e9), number(0.0, 1e9)), 10_000),
        "taken": TAKEN,
    },
    "chore": {"run": ID, "kind": words("setup", "teardown"), "taken": TAKEN},
    "adjust": PART | {"rate": number(0.0, 1e9), "second": SPAN},
    "stop": PART | {"abort": flag()},
    "prepare": {"run": ID, "files": listed(pair(SHA, flag()), 100)},
    "file_part": {"sha": SHA, "offset": OFFSET, "total": maybe(OFFSET), "data": FILE_BYTES},
    "ack": PART | {"numbers": listed(whole(1, LARGEST), 100_000)},
    "closed": PART,
}  # fmt: skip
ELSEWHERE = {("task", "node_task"), ("chore", "task")}
"""A task has rules of its own: tests/load/test_plan and test_task."""
EXAMPLES = {message.type: message for message in (*UP, *DOWN)}
FIELDS = [(kind, name) for kind, fields in RULES.items() for name in fields]


def taken(kind: str, name: str, value: Any) -> bool:
    """Whether a message that is sound but for this field is; a refusal is always the same one, and says no more."""
    frame = msgpack.packb(plain(EXAMPLES[kind]) | {name: value}, unicode_errors="surrogatepass")
    decode = frames.decode_up if kind in wire.UP else frames.decode_down
    said: WireError | None = None
    try:
        decode(frame)
    except WireError as error:
        said = error
    if said is not None:
        assert said.code == ("version" if name == "proto" and type(value) is int else "value")
        assert len(str(said)) < 300
        assert str(said).isprintable()
    return said is None


def test_every_field_of_every_message_has_its_rule_here() -> None:
    known = {(kind, name) for kind, message in EXAMPLES.items() for name in plain(message) if name != "type"}
    assert set(FIELDS) | ELSEWHERE == known
    assert set(RULES) == {*wire.UP, *wire.DOWN}


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_a_field_takes_what_is_at_the_edge_of_its_rule(kind: str, name: str) -> None:
    for value in RULES[kind][name].good:
        assert taken(kind, name, value), str(value)[:100]


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_a_field_takes_nothing_beyond_its_rule(kind: str, name: str) -> None:
    rule = RULES[kind][name]
    for value in rule.bad:
        assert not taken(kind, name, value), str(value)[:100]
    for value in OTHERS:
        assert taken(kind, name, value) == rule.fits(value), value


@given(st.sampled_from(FIELDS), st.data())
def test_a_field_takes_what_its_rule_says_and_no_other_value(field: tuple[str, str], data: st.DataObject) -> None:
    kind, name = field
    value = data.draw(ANYTHING)
    assert taken(kind, name, value) == RULES[kind][name].fits(value)


@pytest.mark.parametrize("kind", RULES)
def test_a_message_has_all_of_its_fields_and_no_others(kind: str) -> None:
    decode = frames.decode_up if kind in wire.UP else frames.decode_down
    whole_one = plain(EXAMPLES[kind])
    odd = [{key: value for key, value in whole_one.items() if key != name} for name in whole_one if name != "type"]
    for fields in [*odd, whole_one | {"more": 1}, whole_one | {"": None}]:
        with pytest.raises(WireError) as caught:
            decode(msgpack.packb(fields))
        assert caught.value.code == "fields"


@pytest.mark.parametrize(
    ("most", "container"),
    [(1 << 17, lambda size: [0] * size), (1 << 12, lambda size: {str(key): 0 for key in range(size)})],
    ids=["list", "map"],
)
def test_a_list_or_map_that_is_too_long_is_not_even_unpacked(most: int, container: Callable[[int], Any]) -> None:
    for size, code in ((most, "fields"), (most + 1, "msgpack")):
        with pytest.raises(WireError) as caught:
            frames.decode_up(msgpack.packb({"type": "bye", "more": container(size)}))
        assert caught.value.code == code


def test_a_frame_has_at_most_four_mebibytes() -> None:
    head = len(msgpack.packb({"type": "bye", "more": b"x" * (1 << 20)})) - (1 << 20)
    for size, code in ((4 << 20, "fields"), ((4 << 20) + 1, "size")):
        with pytest.raises(WireError) as caught:
            frames.decode_up(msgpack.packb({"type": "bye", "more": b"x" * (size - head)}))
        assert caught.value.code == code


@given(st.text(max_size=1200), st.text(max_size=1200))
def test_words_of_ours_are_made_to_fit_before_they_are_sent(reason: str, kind: str) -> None:
    said = frames.decode_up(frames.encode(wire.Ended(RUN, 1, 7, "failed", reason, 1.5, kind)))
    assert isinstance(said, wire.Ended)
    assert (len(said.reason), len(said.kind)) == (min(1000, len(reason)), min(64, len(kind)))
