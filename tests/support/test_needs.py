"""A program that is missing costs its tests, which are skipped and counted; nothing fails for it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import needs

TESTS = Path(__file__).resolve().parents[1]
BROWSER_TESTS, SHELL_TESTS = "tests/webui/browser/test_element.py", "tests/cli/commands/texts/test_completion.py"
FEW_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p xdist.plugin -p pytest_timeout"}
"""Those that the settings name: to load the others takes seconds."""
LOOKS = re.compile(r"shutil\.which\(|pytest\.skip\(")
MAY_LOOK = {"needs.py", "pythons.py"}


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    """Exit code and output of a session of its own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    kept = os.environ | FEW_PLUGINS | {"GLUTEN_TEST_TALLY": ""} | environment
    done = subprocess.run(command, capture_output=True, text=True, cwd=TESTS.parent, env=kept, timeout=100, check=False)
    return done.returncode, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("crowd", [("-n0",), ("-n2",)])
def test_a_hidden_program_skips_its_tests_and_is_counted(crowd: tuple[str, ...]) -> None:
    code, said = run(*crowd, BROWSER_TESTS, GLUTEN_TEST_HIDE="chromium,chromedriver")
    assert code == 0
    assert "missing programs: 2 tests were skipped, which need chromium 2" in said
    assert "chromedriver (Debian: chromium-driver) 2" in said
    assert "2 skipped in" in said


@pytest.mark.slow
def test_what_is_not_on_the_path_is_missing(tmp_path: Path) -> None:
    chosen = f"{SHELL_TESTS}::test_the_shell_can_read_its_script"
    code, said = run(chosen, "tests/cli/commands/texts/test_manpage.py", "-k", "read or groff", PATH=str(tmp_path))
    assert code == 0
    assert re.search(r"missing programs: 4 tests were skipped, .*groff \(Debian: groff-base\) 1", said), said
    assert {"bash 1", "fish 1", "zsh 1"} <= set(re.split(r", | need ", said.replace("\n", ", ")))


def test_rights_are_hidden_like_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLUTEN_TEST_HIDE", "root,IPv6,nginx")
    assert needs.missing("root", "IPv6", "nginx") == ["root", "IPv6", "nginx"]
    with pytest.raises(pytest.skip.Exception) as skipped:
        needs.require("root", "IPv6")
    assert needs.lacked(f"Skipped: {skipped.value}") == ["root", "IPv6"]
    assert needs.lacked("Skipped: for another reason") == []


def test_a_program_of_a_python_package_is_beside_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(needs.FROM_PYPI, "some-agent", "gluten_some_agent")
    assert needs.missing("some-agent") == ["some-agent"]
    package, program = tmp_path / "gluten_some_agent" / "__init__.py", tmp_path / "gluten_some_agent" / "some-agent"
    package.parent.mkdir()
    package.touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert needs.missing("some-agent") == ["some-agent"]
    program.touch(0o755)
    assert needs.find_program("some-agent") == str(program)


def test_an_undeclared_program_is_an_error() -> None:
    with pytest.raises(AssertionError, match=r"no-such-program is not in tests/support/programs\.txt"):
        needs.missing("no-such-program")


def test_tests_look_for_programs_in_one_way() -> None:
    """Else a program that is missing is a failure, or is not counted."""
    others = [path for path in TESTS.rglob("*.py") if path.name not in MAY_LOOK]
    assert [str(path) for path in others if LOOKS.search(path.read_text())] == []
