from gluten.store.records import Known


def test_known_tells_the_highest_and_the_gaps() -> None:
    known = Known(((1, 3), (5, 5), (9, 12)))
    assert known.highest == 12
    assert known.gaps == ((4, 4), (6, 8))
    assert [n for n in range(14) if n in known] == [1, 2, 3, 5, 9, 10, 11, 12]


def test_nothing_known_has_no_highest_and_no_gaps() -> None:
    assert (Known().highest, Known().gaps, 1 in Known()) == (None, (), False)
