"""Messages one behind the other come out as they went in."""

from __future__ import annotations

import pytest

from gluten.net.rpc.lengths import cut, joined


@pytest.mark.parametrize("size", [1, 3, 4, 5, 100, 10_000])
@pytest.mark.parametrize("messages", [[], [b""], [b"a"], [b"ab", b"", b"c" * 500]])
def test_messages_are_cut_apart_again(messages: list[bytes], size: int) -> None:
    whole = b"".join(joined(messages))
    assert list(cut(whole[at : at + size] for at in range(0, len(whole), size))) == messages


def test_part_of_a_message_is_not_given_out() -> None:
    whole = b"".join(joined([b"abc", b"defg"]))
    assert list(cut([whole[:-1]])) == [b"abc"]
