"""What may have been taken before each request: through branches, repeats, chance, groups, once and setup."""

from __future__ import annotations

import pytest

from gluten.errors import WorkloadError
from tests.workload.test_reader_refusals import HEAD, workload_of

FILE = f"""{HEAD}
[request.take]
get = "/"
take = {{x = "body"}}
[request.use]
get = "/{{{{x}}}}"
[request.other]
get = "/"
"""


def read(do: str, more: str = "", top: str = "", file: str = FILE) -> None:
    workload_of(f"{top}{file}[[scenario]]\nname = 's'\ndo = ['other', {do}]\n{more}")


@pytest.mark.parametrize(
    "do",
    [
        "'take', 'use'",
        "{chance = 0.1, do = ['take']}, 'use'",
        "{one_of = [{do = ['other']}, {do = ['take']}]}, 'use'",
        "{repeat = '0..1', do = ['take']}, 'use'",
        "{repeat = 2, do = ['use', 'take']}",
        "{repeat = 2, do = [{chance = 0.1, do = ['use']}, {group = 'g', do = ['take']}]}",
        "{group = 'g', do = ['take']}, {group = 'g', do = ['use']}",
        "'take', {if = '{{x}} == 1', do = ['use']}",
        "{repeat = 1, until = 'body == {{x}}', do = ['take', 'use']}",
        "{one_of = [{do = ['take', 'use']}, {do = []}]}",
    ],
)
def test_a_name_that_a_request_before_can_take_is_known(do: str) -> None:
    read(do)


@pytest.mark.parametrize(
    "do",
    [
        "'use', 'take'",
        "{repeat = 1, do = ['use', 'take']}",
        "{one_of = [{do = ['take']}, {do = ['use']}]}",
        "{group = 'g', do = ['use', 'take']}",
        "{if = '{{x}} == 1', do = ['take', 'use']}",
        "{chance = 0.5, do = ['use']}, {chance = 0.5, do = ['take']}",
    ],
)
def test_a_name_that_no_request_before_can_take_is_refused(do: str) -> None:
    with pytest.raises(WorkloadError, match="x is no var, and no request before it in scenario s takes it; take does"):
        read(do)


def test_once_and_setup_are_before() -> None:
    read("'use'", "once = ['take']\n")
    read("'use'", top="setup = ['take']\n")
    read("'use'", "once = ['use']\n", top="setup = ['take']\n")


def test_one_scenario_takes_nothing_for_another() -> None:
    with pytest.raises(WorkloadError, match="in scenario t takes it"):
        read("'take', 'use'", "[[scenario]]\nname = 't'\ndo = ['use']\n")


def test_sessions_take_nothing_for_setup_and_teardown() -> None:
    with pytest.raises(WorkloadError, match="in setup takes it; take does"):
        read("'take'", top="setup = ['use']\n")
    with pytest.raises(WorkloadError, match="in teardown takes it; take does"):
        read("'take'", top="teardown = ['use']\n")
    read("'other'", top="setup = ['take']\nteardown = ['use']\n")


def test_a_var_is_known_before_it_is_taken() -> None:
    read("'use', 'take'", file=FILE.replace("[request.take]", "[vars]\nx = 'first'\n[request.take]"))


def test_a_var_that_names_what_is_taken_waits_for_it() -> None:
    file = FILE.replace("[request.take]", "[vars]\ny = 'v-{{x}}'\n[request.take]").replace("/{{x}}", "/{{y}}")
    read("'take', 'use'", file=file)
    with pytest.raises(WorkloadError, match="x is no var"):
        read("'use', 'take'", file=file)


def test_a_request_takes_nothing_for_itself() -> None:
    file = FILE.replace('{x = "body"}', "{x = 'header A else {{x}}'}")
    with pytest.raises(WorkloadError, match=r"request\.take: x is no var"):
        read("'take', 'use'", file=file)
    read("{repeat = 2, do = ['take']}, 'use'", file=file)
