"""The program's entry: `python -m gluten`, the zipapp, and the console scripts `gluten` and `gluten-server`."""

from __future__ import annotations

import gc
import os
import sys


def main(argv: list[str] | None = None) -> int:
    """Run one command. Returns its exit code."""
    words = sys.argv[1:] if argv is None else argv
    if None in (sys.stdin, sys.stdout, sys.stderr):
        from gluten.cli.streams import open_missing_streams

        open_missing_streams()
    if words in (["--version"], ["-V"]):
        code = _version(words)
        if argv is None:
            _exit_at_once(code)
        return code
    if argv is None:
        # `cli.main` enables it again. Imports leave no garbage, and a search for it would take 5 ms.
        gc.disable()
        from gluten import interrupts

        interrupts.install(interrupts.exit_now)
    # gRPC's fork handlers would block the forks of the engine's host. grpc reads this when it is imported.
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    # Without this, gRPC's C core writes lines to stderr beside our one line.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from gluten.cli.main import command_line
    from gluten.cli.streams import escape_unencodable

    escape_unencodable()
    if argv is not None:
        return command_line(words)
    from gluten.cli.hide_argv import hide

    hide(words)
    code = command_line(words, interrupts.ignore)
    _exit_at_once(code)
    return code


def _version(words: list[str]) -> int:
    """Print the version before anything large is imported: scripts ask for it most often."""
    from gluten.version import __version__

    try:
        print(f"gluten {__version__}", flush=True)
    except OSError as error:
        from gluten.cli.main import failed

        return failed(error, words)
    return 0


def _exit_at_once(code: int) -> None:
    """End this process without the interpreter's own clean-up. Nothing is left to do at exit.

    The clean-up costs 2 to 15 ms, which would count as a cost of the run's requests. A signal that comes during it
    would also print a traceback.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return  # Python reports by itself that the output cannot be written.
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
