"""The error of the builder."""


class BuildError(Exception):
    """The file cannot be built. The message is one line for a person: what is wrong, where, and what to do."""
