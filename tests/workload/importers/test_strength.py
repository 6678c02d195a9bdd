"""Tokens and ids are strong; words, dates and prices are not."""

from __future__ import annotations

import pytest

from gluten.workload.importers.strength import STRONG, WEAK, is_called_id, is_identifier, strength


@pytest.mark.parametrize(
    "value",
    [
        "7f3e9a52-1b2c-4d5e-8f90-a1b2c3d4e5f6",
        "eyJhbGciOi.x1",
        "5f9c1a",
        "10234567",
        "dGhpc2lz1",
        "XK9-4421-ZZ7",
        "xKq9Zt",
    ],
)
def test_strong(value: str) -> None:
    assert strength(value) >= STRONG


@pytest.mark.parametrize(
    "value", ["electronics", "inProgress", "2026-05-01T10:00:00Z", "19.99", "a long sentence 12345678", "x" * 9000, ""]
)
def test_not_strong(value: str) -> None:
    assert strength(value) < STRONG


@pytest.mark.parametrize(("value", "weak"), [("4711", True), ("1000", True), ("77", False), ("red", False)])
def test_four_digits_are_enough_for_what_is_called_an_id(value: str, weak: bool) -> None:
    assert (WEAK <= strength(value) < STRONG) is weak


@pytest.mark.parametrize(
    ("segment", "is_id"),
    [("42", True), ("orders", False), ("v2", False), ("5f9c1a7be4b0", True), ("in-progress", False)],
)
def test_a_segment_of_a_path_is_an_id_or_a_word(segment: str, is_id: bool) -> None:
    assert is_identifier(segment) is is_id


@pytest.mark.parametrize(
    ("name", "is_id"),
    [("id", True), ("orderId", True), ("cart_token", True), ("idea", False), ("price", False), ("", False)],
)
def test_a_name_says_that_it_is_an_id(name: str, is_id: bool) -> None:
    assert is_called_id(name) is is_id
