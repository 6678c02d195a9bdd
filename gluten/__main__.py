"""The program's entry: `python -m gluten`, the zipapp, and the console scripts `gluten` and `gluten-server`."""

from __future__ import annotations

import os
import sys


def main(argv: list[str] | None = None) -> int:
    """Run one command; the contract's exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words in (["--version"], ["-V"]):
        # The commonest question of scripts is answered before anything is imported.
        from gluten.version import __version__

        print(f"gluten {__version__}")
        return 0
    # gRPC's fork handlers would hang the engine host's forks; they are read when grpc is imported.
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    # Its C core would write lines of its own to stderr, beside our one.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from gluten.cli.main import command_line

    if argv is None:
        from gluten.cli.mask import hide

        hide(words)
    return command_line(words)


if __name__ == "__main__":
    sys.exit(main())
