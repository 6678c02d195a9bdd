"""The connections of each address are counted exactly, independently of other addresses."""

from __future__ import annotations

import threading
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gluten.net.rpc.address_limits import AddressLimits

ADDRESS = st.sampled_from(["", "10.0.0.1", "10.0.0.2", "::1"])


@given(st.integers(1, 3), st.lists(st.tuples(st.booleans(), ADDRESS), max_size=60))
def test_an_address_holds_its_share_and_no_more(each: int, steps: list[tuple[bool, str]]) -> None:
    address_limits, held = AddressLimits(each), Counter[str]()
    for takes, address in steps:
        if takes:
            fits = not address or held[address] < each
            assert address_limits.acquire(address) == fits
            held[address] += fits
        elif held[address]:
            address_limits.release(address)
            held[address] -= 1
    assert len(address_limits) == sum(count > 0 for count in held.values())


def test_many_threads_take_no_more_than_there_is() -> None:
    address_limits, begin = AddressLimits(10), threading.Barrier(8)
    taken: list[bool] = []

    def take() -> None:
        begin.wait()
        taken.extend(address_limits.acquire("10.0.0.1") for _ in range(50))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 10
