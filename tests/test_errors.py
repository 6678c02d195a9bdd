"""Each error ends a command with the contract's code."""

import inspect

import pytest

from gluten import errors

CODES = {
    "GlutenError": 1,
    "RunFailed": 1,
    "WrongState": 1,
    "StoreError": 1,
    "WireError": 1,
    "TemplateFailure": 1,
    "RowsUsed": 1,
    "UsageError": 2,
    "ConfigError": 2,
    "TaskError": 2,
    "TooLarge": 2,
    "WorkloadError": 2,
    "NotFound": 2,
    "StoreConfigError": 2,
    "Unreachable": 3,
    "StandsBy": 3,
    "Superseded": 1,
    "Refused": 4,
    "Busy": 4,
    "InvalidRun": 5,
    "ThresholdMissed": 99,
    "Interrupted": 130,
}


def every_error() -> dict[str, type[errors.GlutenError]]:
    found: list[tuple[str, type]] = inspect.getmembers(errors, inspect.isclass)
    return {name: kind for name, kind in found if issubclass(kind, errors.GlutenError)}


def test_there_is_one_tree() -> None:
    found: list[tuple[str, type]] = inspect.getmembers(errors, inspect.isclass)
    assert all(issubclass(kind, errors.GlutenError) for _, kind in found)


def test_each_error_is_in_the_table_of_exit_codes() -> None:
    assert {name: kind.exit_code for name, kind in every_error().items()} == CODES


def test_the_exit_codes_are_the_contract_s() -> None:
    assert set(CODES.values()) == {1, 2, 3, 4, 5, 99, 130}


def test_a_task_error_names_its_field() -> None:
    error = errors.TaskError("rate", "rate: -5 is not allowed")
    assert (error.field, str(error)) == ("rate", "rate: -5 is not allowed")


def test_a_wire_error_has_a_code_for_counters() -> None:
    error = errors.WireError("too-large", "a message of 9 MB")
    assert (error.code, str(error)) == ("too-large", "a message of 9 MB")


@pytest.mark.parametrize("kind", ["TaskError", "ConfigError"])
def test_wrong_words_are_wrong_usage(kind: str) -> None:
    assert issubclass(every_error()[kind], errors.UsageError)


def test_an_error_in_a_workload_is_one_of_the_task() -> None:
    error = errors.WorkloadError("{{int 6 1}}: int A B takes the lower number first: {{int 1 6}}")
    assert (error.field, str(error)) == (
        "workload",
        "{{int 6 1}}: int A B takes the lower number first: {{int 1 6}}",
    )
