"""UUIDs of version 4, of which none comes twice."""

from uuid import RFC_4122, UUID

from gluten.workload.templates.uuids import Uuids


def test_they_are_of_version_4() -> None:
    source = Uuids(b"0123456789abcdef")
    for found in (UUID(source()) for _ in range(100)):
        assert (found.version, found.variant) == (4, RFC_4122)


def test_none_comes_twice() -> None:
    first, second = Uuids(b"a" * 16), Uuids(b"b" * 16)
    assert len({source() for source in (first, second) for _ in range(1000)}) == 2000
