"""What several sessions of pytest come to."""

from __future__ import annotations

from tests.support.tally import Session, missing, retried


def test_a_test_that_failed_and_passes_later_needed_a_retry() -> None:
    sessions = [Session(["a"], ["b", "c"]), Session(), Session(["b"], ["c"]), Session(["d"])]
    assert retried(sessions) == "tests that needed a retry: 1\n  b"
    assert retried(sessions[:1]) == "tests that needed a retry: none"


def test_missing_programs_are_summed_up_with_their_packages() -> None:
    sessions = [
        Session(missing={"groff": 1, "zsh": 2}, skipped=2),
        Session(missing={"groff": 3, "postgres": 1}, skipped=3),
    ]
    assert missing(sessions) == (
        "missing programs: 5 tests were skipped, which need groff (Debian: groff-base) 4, zsh 2, "
        "postgres (Debian: postgresql) 1"
    )
    assert missing([Session()]) == "missing programs: none"
    assert (
        missing([Session(missing={"root": 1}, skipped=1)]) == "missing programs: 1 test was skipped, which need root 1"
    )
