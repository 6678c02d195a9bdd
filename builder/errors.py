"""The one error of the builder: a line for a person."""


class BuildError(Exception):
    """What is wrong, where, and what to do; one line."""
