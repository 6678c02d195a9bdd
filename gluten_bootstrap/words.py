"""Describes hosts in words, for error messages. Old Pythons read this module too: no syntax newer than 3.6."""

TYPE_CHECKING = False  # type checkers take this name as true, as they do with typing.TYPE_CHECKING
if TYPE_CHECKING:
    from collections.abc import Iterable


def described(key: str) -> str:
    """A host key in words: `CPython 3.11 on linux-x86_64`."""
    platform, _, tag = key.rpartition("-")
    return f"{_python(tag)} on {platform}"


def served(keys: "Iterable[str]") -> str:
    """Many host keys in words: `CPython 3.11 to 3.14 on linux-x86_64, linux-aarch64`."""
    tags: "dict[str, list[str]]" = {}
    for key in sorted(keys):
        platform, _, tag = key.rpartition("-")
        tags.setdefault(platform, []).append(tag)
    platforms: "dict[str, list[str]]" = {}
    for platform, present in tags.items():
        platforms.setdefault(_pythons(present), []).append(platform)
    return "; ".join(f"{pythons} on {', '.join(names)}" for pythons, names in platforms.items())


def _pythons(tags: "list[str]") -> str:
    """The range of these tags, which are of consecutive minor versions."""
    if len(tags) == 1:
        return _python(tags[0])
    return f"{_python(tags[0])} to {_python(tags[-1]).rpartition(' ')[2]}"


def _python(tag: str) -> str:
    return f"CPython 3.{tag[3:]}" if tag.startswith("cp3") else tag
