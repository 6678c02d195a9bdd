"""All errors of GLuTEN, as one tree. Each message is one line for a person: what, where, what to do.

`exit_code` is the exit code of a command that ends with this error.
"""

from __future__ import annotations


class GlutenError(Exception):
    """The base class of every error that GLuTEN raises on purpose."""

    exit_code = 1


class RunFailed(GlutenError):
    """The run itself failed."""


class UsageError(GlutenError):
    """A wrong flag, value or combination of them."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting, file or directory of this node cannot be used."""


class TooLarge(UsageError):
    """More bytes than are accepted."""


class TaskError(UsageError):
    """A task that cannot be run as asked. `field` names the wrong field, so that a form can mark it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class WorkloadError(TaskError):
    """A text of a workload file that does not fit. Whoever reads the file puts the file and the key in front."""

    def __init__(self, message: str) -> None:
        super().__init__("workload", message)


class TemplateFailure(GlutenError):
    """A value that cannot be sent where its template stands. The request fails with the kind `template`."""


class RowsUsed(GlutenError):
    """All rows of a unique feed are used. `fails`: whether the run fails then. Otherwise its plan ends in order."""

    def __init__(self, feed: str, rows: int, fails: bool) -> None:
        super().__init__(f"feed {feed}: all {rows} rows are used")
        self.fails = fails


class Unreachable(GlutenError):
    """The master cannot be reached; or the target, before any request was sent."""

    exit_code = 3


class StandsBy(Unreachable):
    """This master stands by. `active` is the address (HOST:PORT) of the active one, empty if none is known."""

    def __init__(self, message: str, active: str = "") -> None:
        super().__init__(message)
        self.active = active


class Refused(GlutenError):
    """The other side refused: wrong key, target not allowed, wrong version, or name taken."""

    exit_code = 4


class Busy(Refused):
    """Too many questions of one asker wait for an answer. It is asked again after `retry` seconds."""

    def __init__(self, message: str, retry: int = 1) -> None:
        super().__init__(message)
        self.retry = retry


class NotFound(GlutenError):
    """There is no such run, node or file."""

    exit_code = 2


class WrongState(GlutenError):
    """The thing exists, but its state does not allow this. A finished run cannot be adjusted, for example."""

    exit_code = 1


class StoreError(GlutenError):
    """The database cannot be reached, or it fails."""

    exit_code = 1


class Superseded(StoreError):
    """Another master has become active on the database. This one must end."""


class StoreConfigError(ConfigError):
    """The database URL is wrong, or its database cannot be used at all."""


class WireError(GlutenError):
    """Bytes from another node that are not a valid message. `code` is short and stable, for counters."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class InvalidRun(GlutenError):
    """The run ended with the verdict `invalid`. Its numbers must not be used."""

    exit_code = 5


class ThresholdMissed(GlutenError):
    """The run ended, and missed a threshold that was set for it."""

    exit_code = 99


class Interrupted(GlutenError):
    """A signal from a person or a supervisor ended the command."""

    exit_code = 130
