"""The exit code of the bounds says what is missed and what cannot be measured."""

from __future__ import annotations

import pytest

from bench.bounds import CASES, exit_code, line, main
from bench.bounds_cases import Figure

FIT, SLOW = Figure("a frame", 7.96, 8.0, "ms"), Figure("a frame", 8.1, 8.0, "ms")


def test_a_figure_is_told_with_its_bound() -> None:
    assert line(FIT) == "ok     a frame: 7.96 ms, at most 8"
    assert line(SLOW) == "MISSED a frame: 8.1 ms, at most 8"


@pytest.mark.parametrize(
    ("figures", "lacks", "code"), [([FIT], False, 0), ([FIT], True, 3), ([FIT, SLOW], False, 1), ([SLOW], True, 1)]
)
def test_a_missed_bound_outranks_what_is_not_here(figures: list[Figure], lacks: bool, code: int) -> None:
    assert exit_code(figures, lacks) == code


def test_an_unknown_case_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--only", "start,nonsense"])
    assert ended.value.code == 2
    assert "'nonsense' is not one of start, target" in capsys.readouterr().err


def test_a_case_that_lacks_a_program_is_not_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GLUTEN_TEST_HIDE", "chromium")
    assert "chromium" in CASES["pages"].needs
    assert main(["--only", "pages"]) == 3
    assert capsys.readouterr().out == "pages: needs chromium, which this machine lacks\n"
