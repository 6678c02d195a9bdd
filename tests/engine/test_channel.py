"""Messages arrive complete and in order, however the stream is cut."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.channel import Decoder, encode, pair

plain = st.dictionaries(
    st.text(max_size=5), st.integers(-(2**40), 2**40) | st.binary(max_size=40) | st.lists(st.integers(0, 9)), max_size=4
)


@given(st.lists(plain, max_size=6), st.lists(st.integers(0, 1000), max_size=10))
def test_cuts_make_no_difference(messages: list[dict[str, object]], cuts: list[int]) -> None:
    stream = b"".join(map(encode, messages))
    edges = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    decoder = Decoder()
    found = [m for a, b in pairwise(edges) for m in decoder.feed(stream[a:b])]
    assert found == messages


def test_the_ends_of_a_pair_are_connected() -> None:
    ours, theirs = pair()
    with ours, theirs:
        ours.sendall(encode({"a": 1}))
        assert list(Decoder().feed(theirs.recv(100))) == [{"a": 1}]
