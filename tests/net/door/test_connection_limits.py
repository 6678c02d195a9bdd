import pytest

from gluten.net.door.connection_limits import ConnectionLimits, DoorLimits, EvictingLimits, TooManyConnections


def test_a_seat_is_free_again_once_it_is_left() -> None:
    crowd = ConnectionLimits("guests", 2, 1)
    with crowd.admit("a"), crowd.admit("b"):
        assert len(crowd) == 2
        with pytest.raises(TooManyConnections, match="2 guests"):
            crowd.admit("c").__enter__()
    with crowd.admit("c"):
        assert len(crowd) == 1


def test_one_address_does_not_take_all_seats() -> None:
    crowd = ConnectionLimits("guests", 10, 1)
    with crowd.admit("a"):
        with pytest.raises(TooManyConnections, match="1 guests at once from one address"):
            crowd.admit("a").__enter__()
        with crowd.admit("b"):
            pass
    with pytest.raises(ValueError, match="inside"), crowd.admit("a"):
        raise ValueError("inside")
    assert len(crowd) == 0


def test_one_address_has_a_limited_number_of_waiting_connections() -> None:
    ended: list[str] = []
    waiting: EvictingLimits[str] = EvictingLimits(10, 1, ended.append)
    with waiting.admit("b", "b1"), waiting.admit("a", "a1"):
        assert ended == []
        with waiting.admit("a", "a2"):
            assert ended == ["a1"]


def test_the_oldest_waiting_connection_is_closed_for_the_newest() -> None:
    ended: list[str] = []
    waiting: EvictingLimits[str] = EvictingLimits(3, 2, ended.append)
    seats = [waiting.admit(address, name) for address, name in (("a", "a1"), ("a", "a2"), ("b", "b1"))]
    for seat in seats:
        seat.__enter__()
    with waiting.admit("a", "a3"):  # of the same address
        assert ended == ["a1"]
        with waiting.admit("c", "c1"):  # of all
            assert ended == ["a1", "a2"]
    for seat in seats:
        seat.__exit__(None, None, None)
    assert len(waiting) == 0


def test_a_connection_that_is_kept_does_not_give_way() -> None:
    ended: list[str] = []
    waiting: EvictingLimits[str] = EvictingLimits(2, 2, ended.append)
    with waiting.admit("a", "friend") as keep, waiting.admit("a", "a1"):
        keep()
        assert len(waiting) == 1
        with waiting.admit("a", "a2"), waiting.admit("a", "a3"):
            assert ended == ["a1"]
        keep()
    assert len(waiting) == 0


@pytest.mark.parametrize("files", [0, 200, 384, 1000, 1920, 10_000, 25_999])
def test_the_limits_of_a_door_fit_into_its_open_files(files: int) -> None:
    limits = DoorLimits.fitting(files)
    assert limits.files <= max(files, 32)
    for name in ("pending", "http", "idle_http", "grpc", "bus"):
        most, each = getattr(limits, name), getattr(limits, f"{name}_each")
        assert 2 <= each <= most // 2
        assert most <= getattr(DoorLimits(), name)
    assert limits.connections == limits.pending + limits.http + limits.grpc + limits.bus


def test_with_open_files_enough_nothing_is_limited_further() -> None:
    assert DoorLimits.fitting(DoorLimits().files) == DoorLimits.fitting(1 << 20) == DoorLimits()
