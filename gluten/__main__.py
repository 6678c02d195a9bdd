"""The program's entry: `python -m gluten`, the zipapp, and the console scripts `gluten` and `gluten-server`."""

from __future__ import annotations

import os
import sys


def main(argv: list[str] | None = None) -> int:
    """Run one command; the contract's exit code."""
    if argv is None:
        from gluten import interrupts

        interrupts.take(interrupts.end)
    words = sys.argv[1:] if argv is None else argv
    if None in (sys.stdin, sys.stdout, sys.stderr):
        from gluten.cli.streams import stand_in

        stand_in()
    if words in (["--version"], ["-V"]):
        return _version(words)
    # gRPC's fork handlers would hang the engine host's forks; they are read when grpc is imported.
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    # Its C core would write lines of its own to stderr, beside our one.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from gluten.cli.main import command_line
    from gluten.cli.streams import soften

    soften()
    if argv is not None:
        return command_line(words)
    from gluten.cli.hide_argv import hide

    hide(words)
    code = command_line(words, interrupts.ignore)
    _leave(code)
    return code


def _version(words: list[str]) -> int:
    """The commonest question of scripts is answered before anything is imported."""
    from gluten.version import __version__

    try:
        print(f"gluten {__version__}", flush=True)
    except OSError as error:
        from gluten.cli.main import failed

        return failed(error, words)
    return 0


def _leave(code: int) -> None:
    """End this process at once. To take the interpreter apart costs 15 ms, and a load generator's end is part of what
    its requests cost; meanwhile a signal would be told of in Python's words. Nothing is left to be done at exit."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        # Where output cannot be written any more, Python has its own way of saying so.
        return
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
