"""Values of all kinds that go over the wire, drawn by hypothesis."""

from typing import Any

from hypothesis import strategies as st

from gluten.task.task import Task

URL = "http://127.0.0.1:8080/"
COUNT = st.integers(0, 2**62)
NUMBER = st.floats(0, 1e12)
VALUE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40)
TEXT = st.text(max_size=30)
NAME = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=30)
MAYBE_TEXT = st.none() | TEXT
MAYBE_NUMBER = st.none() | NUMBER
# HTTP/2 forbids a few names, of which such a short one may be drawn.
TOKEN = st.from_regex(r"[A-Za-z-]{1,10}", fullmatch=True).filter(lambda name: name.lower() != "te")
PEMS = st.just("") | NAME.map(lambda text: f"-----BEGIN {text}")


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    threads = draw(st.none() | st.integers(1, 1000))
    requests = draw(st.none() | st.integers(1, 10**12))
    streams = draw(st.integers(1, 500))
    times = sorted(draw(st.sets(st.floats(0, 1000), max_size=4)))
    stages = tuple((when, draw(st.floats(0.5, 1e6))) for when in times)
    return Task(
        url=URL + draw(st.from_regex(r"[a-z?=&%2F]{0,20}", fullmatch=True)),
        threads=threads,
        connections=draw(st.none() | st.integers(0, 1000).map(lambda more: (threads or 1) + more)),
        duration=draw(st.floats(0.001, 86400) if requests is None else st.none() | st.floats(0.001, 86400)),
        requests=requests,
        rate=None if stages else draw(st.none() | st.floats(0.1, 1e6)),
        stages=stages,
        headers=tuple(draw(st.lists(st.tuples(TOKEN, VALUE), max_size=4))),
        timeout=draw(st.floats(0.001, 100)),
        keepalive=draw(st.booleans()) or streams > 1,
        http2=streams > 1,
        streams=streams,
        insecure=draw(st.booleans()),
        cacert=draw(PEMS),
        key=draw(PEMS),
        resolve=tuple(draw(st.lists(st.just("example.com:443:127.0.0.1"), max_size=2))),
        max_body=draw(st.integers(1, 1 << 40)),
        name=draw(NAME),
        on_loss=draw(st.sampled_from(("rebalance", "continue", "fail"))),
        split=draw(st.sampled_from(("cores", "even"))),
        secret=draw(st.booleans()),
        seed=draw(st.integers(0, 10**15)),
        slo=tuple(draw(st.lists(st.just("p99 < 1s"), max_size=2))),
        slo_sure=draw(st.booleans()),
        trace=draw(st.booleans()),
        drain=draw(st.none() | st.floats(0.001, 86400)),
        redirects=draw(st.none() | st.integers(0, 50)),
        method=draw(TOKEN),
        body=draw(st.binary(max_size=100)),
    )


def wired(message: Any) -> Any:
    """The message after a trip over the wire."""
    return type(message).FromString(message.SerializeToString())
