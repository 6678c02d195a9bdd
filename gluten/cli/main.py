"""Runs the command that the arguments ask for, and returns its exit code. Only that command's module is imported."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from importlib import import_module

from gluten.cli.arguments import Arguments, command_of, parse
from gluten.cli.program import with_program_name
from gluten.cli.streams import discard_stdout, is_stdout_unwritable, one_line, print_notice
from gluten.cli.usage import GENERAL, TEXTS
from gluten.errors import ConfigError, GlutenError, Interrupted, UsageError

_COMMANDS = {
    "run": "gluten.cli.commands.run_alone:run",
    "submit": "gluten.cli.commands.submit:submit",
    "check": "gluten.cli.commands.check:check",
    "new": "gluten.cli.commands.texts.workload_texts:new",
    "schema": "gluten.cli.commands.texts.workload_texts:schema",
    "import": "gluten.cli.commands.import_workload:import_workload",
    "watch": "gluten.cli.commands.watch:watch",
    "stop": "gluten.cli.commands.control:stop",
    "adjust": "gluten.cli.commands.control:adjust",
    "delete": "gluten.cli.commands.control:delete",
    "runs": "gluten.cli.commands.show:runs",
    "nodes": "gluten.cli.commands.show:nodes",
    "report": "gluten.cli.commands.show:report",
    "compare": "gluten.cli.commands.compare:compare",
    "baseline": "gluten.cli.commands.baseline:baseline",
    "key": "gluten.cli.commands.key:key",
    "target": "gluten.cli.commands.target:target",
    "doctor": "gluten.cli.commands.doctor:doctor",
    "licences": "gluten.cli.commands.texts.notices:licences",
    "sbom": "gluten.cli.commands.texts.notices:sbom",
    "completion": "gluten.cli.commands.texts.completion:completion",
    "man": "gluten.cli.commands.texts.manpage:man",
    "master": "gluten.cli.commands.start_node:master",
    "slave": "gluten.cli.commands.start_node:slave",
}


def command_line(argv: list[str], on_outcome: Callable[[], None] = lambda: None) -> int:
    """Run one command. An error becomes one line on stderr; `--debug` adds its traceback.

    `on_outcome` is called when the outcome is known, before an error is printed.
    """
    try:
        code = _dispatch(argv)
        sys.stdout.flush()
        on_outcome()
        return code
    except KeyboardInterrupt:
        print_notice("gluten: interrupted")
        return Interrupted.exit_code
    except Exception as error:
        on_outcome()
        return failed(error, argv)


def failed(error: Exception, argv: list[str]) -> int:
    """Print the error that ended a command. Returns the exit code."""
    if isinstance(error, GlutenError):
        return _print_error(error, error.exit_code, argv)
    if not is_stdout_unwritable(error):
        return _print_error(error, 1, argv)
    discard_stdout()
    if isinstance(error, BrokenPipeError):  # the reader has left, as `| head` does: that is not an error
        return 0
    full = ConfigError(f"standard output cannot be written: {error.strerror}: make room, or send it elsewhere")
    return _print_error(full, full.exit_code, argv)


def _dispatch(argv: list[str]) -> int:
    if not argv:
        print_notice(with_program_name(GENERAL).rstrip())
        return UsageError.exit_code
    text = _help(argv)
    if text is not None:
        print(with_program_name(text))
        return 0
    arguments = parse(argv, os.environ)
    try:
        _ = arguments.log_format  # a command that logs nothing refuses a wrong one, too
        return _command(arguments.command)(arguments)
    except UsageError as error:
        text = arguments.name_source(str(error))
        if text == str(error):
            raise
        raise UsageError(text) from error


def _help(argv: list[str]) -> str | None:
    """The help text, if the arguments ask for one. Raises UsageError."""
    if argv in (["--help"], ["-h"], ["help"]):
        return GENERAL
    if argv[0] == "help":
        if argv[1] not in TEXTS:
            from gluten.cli.usage_errors import not_a_command  # here, because most words are commands

            raise not_a_command(argv[1])
        return TEXTS[argv[1]]
    asked = "--help" in argv or "-h" in argv
    return TEXTS[command_of(argv)] if asked else None


def _command(name: str) -> Callable[[Arguments], int]:
    module, _, function = _COMMANDS[name].partition(":")
    command: Callable[[Arguments], int] = getattr(import_module(module), function)
    _enable_collector()
    return command


def _enable_collector() -> None:
    """Let the garbage collector run again, if `__main__` has disabled it. It never looks at what is imported by now."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _print_error(error: Exception, code: int, argv: list[str]) -> int:
    if "--debug" in argv:
        import traceback

        traceback.print_exc()
    known = isinstance(error, GlutenError)
    text = str(error) if known else f"internal error: {type(error).__name__}: {error} (--debug shows more)"
    print_notice(f"gluten: {one_line(with_program_name(text))}")
    return code
