"""The one tree of errors. Each message is a single line for a person: what, where, what to do.

`exit_code` is what a command ends with when the error reaches its top (contract: "Exit codes").
"""

from __future__ import annotations


class GlutenError(Exception):
    """Base of everything that GLuTEN raises on purpose."""

    exit_code = 1


class RunFailed(GlutenError):
    """The run itself failed."""


class UsageError(GlutenError):
    """A wrong flag, value or combination of them."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting, file or directory of this node cannot be used."""


class TaskError(UsageError):
    """A task that cannot be run as asked. `field` names what is wrong, for clients that point at it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Unreachable(GlutenError):
    """The master, or the target before anything was sent, cannot be reached."""

    exit_code = 3


class Refused(GlutenError):
    """The other side understood and said no: key, target not allowed, version, name taken."""

    exit_code = 4


class NotFound(GlutenError):
    """There is no such run, node or file."""

    exit_code = 2


class WrongState(GlutenError):
    """The thing exists, but cannot do this now (a finished run cannot be adjusted)."""

    exit_code = 1


class StoreError(GlutenError):
    """The database is away or refuses to work."""

    exit_code = 1


class StoreConfigError(ConfigError):
    """The database URL or its database cannot be used at all."""


class WireError(GlutenError):
    """Bytes from another node that do not mean anything. `code` is short and stable, for counters."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class InvalidRun(GlutenError):
    """The run ended, but its verdict is `invalid`: its numbers must not be used."""

    exit_code = 5


class ThresholdMissed(GlutenError):
    """The run ended and missed a threshold that was set for it."""

    exit_code = 99


class Interrupted(GlutenError):
    """A person or a supervisor ended the command."""

    exit_code = 130
