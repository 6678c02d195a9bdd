"""What a task's files say: rows are counted, wrong ones are refused with their line, secrets are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from gluten.errors import TaskError, UsageError, WorkloadError
from gluten.store.files.feed_files import inspect, read_text
from gluten.task.task import Task

TEXT = """
[[feed]]
name = "user"
file = "users.csv"
secret = true
[[feed]]
name = "word"
file = "words.txt"
skip = 1
[request.a]
post = "http://127.0.0.1/{{user.name}}"
json = "@body.json"
[request.b]
get = "/{{word.line}}"
"""
SHAS = {"users.csv": "a" * 64, "words.txt": "b" * 64, "body.json": "c" * 64}
GOOD = {"users.csv": "name\nann\nbob\n", "words.txt": "x\ny\nz\nz\n", "body.json": '{"n": "{{word.line}}"}'}


def task(text: str = TEXT, files: dict[str, str] = SHAS) -> Task:
    return Task("http://h.test/", workload=text, files=tuple(sorted(files.items())))


def written(folder: Path, **changes: str) -> Path:
    for name, text in {**GOOD, **{name.replace("_", "."): text for name, text in changes.items()}}.items():
        (folder / name).write_text(text)
    return folder


def test_rows_hosts_and_secrets_are_found(tmp_path: Path) -> None:
    found = inspect(task(), written(tmp_path).joinpath)
    assert found.rows == (("user", 2), ("word", 3))
    assert found.files == {"a" * 64: True, "b" * 64: False, "c" * 64: False}
    assert [one.url for one in found.hosts] == ["http://127.0.0.1/", "http://h.test/"]


def test_the_text_alone_says_hosts_and_secrets() -> None:
    found = read_text(task())
    assert (found.files["a" * 64], found.files["b" * 64], len(found.hosts)) == (True, False, 2)


def test_a_task_of_a_url_has_nothing_to_look_at() -> None:
    plain = Task("http://h/")
    assert inspect(plain, Path).hosts == read_text(plain).hosts == (plain,)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"users_csv": "name\nann\nbob,1\n"}, "shop: feed user: users.csv: line 3 has 2 columns"),
        ({"users_csv": "nome\nann\n"}, "user.name: the feed has no such column: it has nome|did you mean"),
        ({"users_csv": ""}, "shop: feed user: users.csv: the file has no rows"),
        ({"words_txt": "x\n"}, "skip = 1 leaves none of its 1 rows"),
        ({"body_json": "{"}, "body.json"),
        ({"body_json": '"{{nobody.x}}"'}, "nobody"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, str], why: str) -> None:
    with pytest.raises(WorkloadError, match=why):
        inspect(task(), written(tmp_path, **changes).joinpath, "shop")


def test_a_file_without_a_sum_is_refused() -> None:
    with pytest.raises(TaskError, match=r"SHA-256 of 'users\.csv' is missing"):
        read_text(task(files={"words.txt": "b" * 64}))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"users\.csv: cannot be read"):
        inspect(task(), tmp_path.joinpath)


def test_a_long_body_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gluten.store.files.feed_files.MAX_FILE_BODY", 4)
    with pytest.raises(UsageError, match="a body is shorter"):
        inspect(task(), written(tmp_path).joinpath)
