"""The rows of a file: what they are, and how a file that has wrong ones is refused."""

import csv
import io
import json
import mmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import WorkloadError
from gluten.workload.feeds.chunks import CHUNK
from gluten.workload.feeds.rows import MOST_KEPT, kind_of, read_rows
from gluten.workload.json_text import Json, dumps
from tests.support.sessions import one_line_of

QUOTES = "behind a closing quote comes a separator or a line break, and a quote in quotes is doubled"


def rows(name: str, data: bytes, separator: str = ",", skip: int = 0) -> list[dict[str, Json]]:
    found = read_rows(name, data, separator, skip)
    return [found.row(number) for number in range(len(found))]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n1,2\n3,4\n", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
        (b"a,b\r\n1,2\r\n3,4", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
        (b"\xef\xbb\xbfa\n1\n", [{"a": "1"}]),
        (b"\n\na,b\n\n1,2\n\r\n\n3,4\n\n", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
        (b"a\n1\n\n2\n", [{"a": "1"}, {"a": "2"}]),
        (b'a,b\n"1,5","x ""y"""\n', [{"a": "1,5", "b": 'x "y"'}]),
        (b'a,b\n"1\n2\r\n",3\n4,5\n', [{"a": "1\n2\r\n", "b": "3"}, {"a": "4", "b": "5"}]),
        (b'"a\nb",c\n1,2\n', [{"a\nb": "1", "c": "2"}]),
        (b'a\n""\n', [{"a": ""}]),
        (b'a,b\n1,\n,\n', [{"a": "1", "b": ""}, {"a": "", "b": ""}]),
        (b'a,b\n5" pipe,2\n3,4\n', [{"a": '5" pipe', "b": "2"}, {"a": "3", "b": "4"}]),
        ("ä,b\nü, x \n".encode(), [{"ä": "ü", "b": " x "}]),
    ],
)  # fmt: skip
def test_a_csv_file_is_read_by_rfc_4180(data: bytes, expected: list[dict[str, str]]) -> None:
    assert rows("users.csv", data) == expected


@pytest.mark.parametrize("separator", [";", "\t", "|", "§"])
def test_a_csv_file_may_have_another_separator(separator: str) -> None:
    data = f'a{separator}b\n1,5{separator}2\n"x{separator}y"{separator}3\n'.encode()
    assert rows("u.csv", data, separator) == [{"a": "1,5", "b": "2"}, {"a": f"x{separator}y", "b": "3"}]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a":1}\n{"a":"x"}', ['{"a":1}', '{"a":"x"}']),
        (b'\xef\xbb\xbf {"a":1.50,"b":[true,null]} \r\n\n \n{"c":{}}\n', ['{"a":1.50,"b":[true,null]}', '{"c":{}}']),
        (b'{"big":' + b"1" * 5000 + b"}", ['{"big":' + "1" * 5000 + "}"]),
    ],
)
def test_a_jsonl_file_keeps_types_and_the_text_of_numbers(data: bytes, expected: list[str]) -> None:
    assert [dumps(row) for row in rows("p.jsonl", data)] == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"a\nb", ["a", "b"]), (b'\xef\xbb\xbfa\r\n\r\n\nb c,d"\n', ["a", 'b c,d"']), ("ü\n \n".encode(), ["ü", " "])],
)
def test_a_txt_file_has_one_column(data: bytes, expected: list[str]) -> None:
    assert rows("words.txt", data) == [{"line": text} for text in expected]


@pytest.mark.parametrize(
    ("name", "data", "columns"),
    [
        ("a.csv", b"x,y\n1,2\n", ("x", "y")),
        ("a.jsonl", b'{"x":1}\n{"y":2,"x":3}\n', ("x", "y")),
        ("A.TXT", b"x\n", ("line",)),
    ],
)
def test_the_columns_of_a_file(name: str, data: bytes, columns: tuple[str, ...]) -> None:
    assert read_rows(name, data).columns == columns


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"a,b\n1,2\n3\n", "line 3 has 1 columns, and the first line names 2"),
        ("a.csv", b'a,b\n"1\n2",3\n4,5,6\n', "line 4 has 3 columns, and the first line names 2"),
        ("a.csv", b"a,b\n1,2\n\xff,2\n", "line 3 is not UTF-8"),
        ("a.csv", b"a,a\n1,2\n", "line 1 names the column 'a' twice: each column has a name of its own"),
        ("a.csv", b"a,\n1,2\n", "line 1 names a column without a name: each column has a name of its own"),
        ("a.csv", b"a\n", "the file has no rows"),
        ("a.csv", b"", "the file has no rows"),
        ("a.csv", b'a\n1\n"2\n3\n', "line 3 is not CSV (RFC 4180): a quote is opened and not closed"),
        ("a.csv", b'a\n"1" 2\n', f"line 2 is not CSV (RFC 4180): {QUOTES}"),
        ("a.jsonl", b'{"a":1}\n[1]\n', 'line 2 is not a JSON object, such as {"id": 1}'),
        ("a.jsonl", b'{"a":1}\n\n{"a":1} x\n', 'line 3 is not a JSON object, such as {"id": 1}'),
        ("a.jsonl", b'{"a":NaN}\n', 'line 1 is not a JSON object, such as {"id": 1}'),
        ("a.jsonl", b'{"a":' + b"[" * 100_000, 'line 1 is not a JSON object, such as {"id": 1}'),
        ("a.jsonl", b'{"a":"\xff"}\n', "line 1 is not UTF-8"),
        ("a.jsonl", b"\n", "the file has no rows"),
        ("a.txt", b"a\nb\xc3\n", "line 2 is not UTF-8"),
        ("a.txt", b"x" * (3 * CHUNK), "a row at or behind line 1 has more than 1 MiB"),
        ("a.csv", b",".join(b"c%d" % at for at in range(1001)) + b"\n", "the file has more than 1,000 columns"),
        ("a.jsonl", b"".join(b'{"c%d":1}\n' % at for at in range(1001)), "the file has more than 1,000 columns"),
        ("a.xml", b"<a/>", "the name of a feed's file ends with .csv, .jsonl or .txt"),
    ],
    ids=range(20),
)  # fmt: skip
def test_what_is_no_row_is_refused_with_its_line(name: str, data: bytes, message: str) -> None:
    with pytest.raises(WorkloadError) as refused:
        read_rows(name, data)
    assert str(refused.value) == message


@pytest.mark.parametrize("separator", ["", ";;", '"', "\n"])
def test_a_separator_is_one_character(separator: str) -> None:
    with pytest.raises(WorkloadError, match="separator is one character, such as ;"):
        read_rows("a.csv", b"a\n1\n", separator)


def test_skip_leaves_out_the_first_rows() -> None:
    assert rows("a.txt", b"1\n2\n3\n", skip=2) == [{"line": "3"}]
    with pytest.raises(WorkloadError, match="skip = 3 leaves none of its 3 rows"):
        read_rows("a.txt", b"1\n2\n3\n", skip=3)


def test_rows_reach_over_the_pieces_in_which_a_file_is_read() -> None:
    """3 MiB, in which lines with and without quotes, line breaks in quotes and empty lines stand at every place."""
    expected = [{"n": str(n), "text": f'{"x" * 50}\n"{n}",' if n % 3 == 0 else "y" * 60} for n in range(40_000)]
    out = io.StringIO()
    writer = csv.DictWriter(out, ["n", "text"], lineterminator="\n\n")
    writer.writeheader()
    writer.writerows(expected)
    assert len(out.getvalue()) > 2.5 * CHUNK
    assert rows("a.csv", out.getvalue().encode()) == expected


def test_a_late_fault_is_refused_with_its_line() -> None:
    data = b"a,b\n" + b"1,2\n" * 300_000 + b'"x\ny",2\n' * 3
    with pytest.raises(WorkloadError, match=r"^line 300008 has 3 columns"):
        read_rows("a.csv", data + b"1,2,3\n")
    with pytest.raises(WorkloadError, match=r"^line 300009 is not UTF-8"):
        read_rows("a.csv", data + b"1,2\n\xff,2\n")
    with pytest.raises(WorkloadError, match=r"^line 300008 is not CSV .*: a quote is opened and not closed"):
        read_rows("a.csv", data + b'"1,2\n' + b"x\n" * 1000)
    with pytest.raises(
        WorkloadError, match=r"^line 300008 is not CSV .*: a field has more than 128 KiB, perhaps because"
    ):
        read_rows("a.csv", data + b'"1,2\n' + b"x\n" * 200_000)


def test_a_mapped_file_is_read_as_bytes_are() -> None:
    with mmap.mmap(-1, 12) as mapped:
        mapped.write(b"a,b\n1,2\n3,4\n")
        found = read_rows("a.csv", mapped)
        assert [found.row(number) for number in (1, 0)] == [{"a": "3", "b": "4"}, {"a": "1", "b": "2"}]


@pytest.mark.parametrize(("name", "kind"), [("users.csv", ".csv"), ("dir/U.JSONL", ".jsonl"), ("a.csv.txt", ".txt")])
def test_the_kind_of_a_file(name: str, kind: str) -> None:
    assert kind_of(name) == kind


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=5)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)))
def test_what_the_csv_module_writes_is_read(cells: list[list[str]]) -> None:
    width = len(cells[0])
    out = io.StringIO()
    csv.writer(out).writerows([[f"c{at}" for at in range(width)], *cells])
    assert rows("a.csv", out.getvalue().encode()) == [{f"c{at}": cell for at, cell in enumerate(row)} for row in cells]


@given(st.lists(st.dictionaries(st.text(max_size=3), st.none() | st.booleans() | st.text(max_size=3)), min_size=1))
def test_what_the_json_module_writes_is_read(objects: list[dict[str, Json]]) -> None:
    data = "\n".join(json.dumps(item) for item in objects).encode()
    assert rows("a.jsonl", data) == objects


PARTS = st.sampled_from([b'"', b",", b"\n", b"\r\n", b"\r", b"a", b"{", b"}", b'{"a":1}', b"\xff", b"\xc3\xbc", b"\0"])


@given(
    st.sampled_from(["a.csv", "a.jsonl", "a.txt"]),
    st.lists(PARTS).map(b"".join) | st.binary(),
)
def test_any_file_has_rows_or_is_refused_in_one_line(name: str, data: bytes) -> None:
    assert one_line_of(lambda: rows(name, data)).isprintable()


@pytest.mark.parametrize("count", [MOST_KEPT, MOST_KEPT + 1])
def test_rows_of_a_small_file_are_read_once_and_are_the_same(count: int) -> None:
    found = read_rows("a.txt", b"".join(b"r%d\n" % number for number in range(count)))
    again = [[found.row(number) for number in range(count)] for _ in range(2)]
    assert again[0] == again[1] == [{"line": f"r{number}"} for number in range(count)]
    assert all((one is two) is (count <= MOST_KEPT) for one, two in zip(*again, strict=True))
