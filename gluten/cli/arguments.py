"""Argument lists to options: docopt reads the usage texts, settings fill what was not said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

import docopt

from gluten.cli.hints import hint
from gluten.cli.usage import TEXTS
from gluten.cli.usage_errors import usage_error
from gluten.config import Settings
from gluten.errors import ConfigError, UsageError
from gluten.task.fields import FIELDS, Kind
from gluten.task.validate import is_utf8
from gluten.units import UnitError

T = TypeVar("T")
D = TypeVar("D")

_PROGRAM = "gluten.pyz"
_GIVEN_ALONE = frozenset({"help", "config", "master-mode", "slave-mode", "out"})
"""Options that only the command line sets."""
_NOT_SETTINGS = _GIVEN_ALONE | {"key", "key-file"}
"""For the cluster's key the places are looked at together (`cli/clusterkey`)."""
_LISTS = {"allow-target": r"[,\s]+", "web-host": r"[,\s]+"} | {
    field.option: r"[\r\n]+" if field.kind is Kind.HEADERS else r"[,\s]+" for field in FIELDS if field.repeated
}
"""Options that may be given again, and what stands between several in the environment."""
_FIELDS = {field.label: f"--{field.option}" for field in FIELDS if field.long} | {"url": "URL"}
"""What a task's fields are called on a command line, where not by the option of the same name."""


@dataclass(frozen=True)
class Arguments:
    """`command` is a key of `usage.TEXTS`; `options` has long names without dashes; None: not given anywhere."""

    command: str
    options: Mapping[str, Any]
    words: Sequence[str]
    settings: Settings = field(default_factory=lambda: Settings({}))
    places: Mapping[str, str] = field(default_factory=dict)
    """Of the options that were set, not given: where, such as `GLUTEN_RATE` or `gluten.toml: rate`."""

    def placed(self, complaint: str) -> str:
        """The complaint about an option as the command line calls it, or by the place where it was set."""
        field, colon, rest = complaint.partition(":")
        name = _FIELDS.get(field, f"--{field.replace('_', '-')}")
        if colon and not field.startswith("-") and (field in _FIELDS or _name(name) in self.options):
            complaint = f"{name}:{rest}"
        for option, place in self.places.items():
            complaint = re.sub(rf"(?<![\w-])--{option}(?![\w-])", place.replace("\\", r"\\"), complaint)
        return complaint

    def setting(self, name: str) -> str | None:
        """An option that this command need not have: given, else set."""
        value = self.options.get(name)
        return value if value is not None else self.settings.get(name)

    def get(self, name: str, default: Any = None) -> Any:
        value = self.options.get(name)
        return default if value is None else value

    def read(self, name: str, reader: Callable[[str], T], default: D) -> T | D:
        """The option's value as `reader` understands it. Raises UsageError in place of its UnitError."""
        text = self.get(name)
        if text is None:
            return default
        try:
            return reader(text)
        except UnitError as error:
            raise UsageError(f"--{name}: {error}") from None

    def flag(self, name: str) -> bool:
        """A switch: given, or set to a true word by a setting. Raises UsageError."""
        value = self.options.get(name)
        if isinstance(value, str):
            return truth(name, value)
        return bool(value)


def truth(name: str, text: str) -> bool:
    """`1 true yes on` or `0 false no off`. Raises UsageError."""
    word = text.strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("", "0", "false", "no", "off"):
        return False
    raise UsageError(f"--{name}: {text!r} is not yes or no")


def command_of(argv: Sequence[str]) -> str:
    """Which usage text these arguments are for. Raises UsageError."""
    if "--master-mode" in argv and "--slave-mode" in argv:
        raise UsageError("--master-mode and --slave-mode exclude each other: start two nodes")
    for flag, command in (("--master-mode", "master"), ("--slave-mode", "slave")):
        if flag in argv:
            return command
    first = argv[0] if argv else ""
    if first in TEXTS and first not in ("master", "slave"):
        return first
    if first.startswith("-") or "://" in first:
        _refuse_late_command(argv)
        return "submit"
    where = f"; a URL begins with http:// or https://: {_PROGRAM} run http://…" if re.search(r"[.:/]", first) else ""
    raise UsageError(f"{first!r} is no command: see `{_PROGRAM} --help`{where}")


def _refuse_late_command(argv: Sequence[str]) -> None:
    """`--master HOST:PORT runs` reads as a task for a URL that is called so. Raises UsageError."""
    loose = (word for before, word in pairwise(argv) if not before.startswith("-"))  # no option's value
    late = next((word for word in loose if word in TEXTS), None)
    if late and not any("://" in word for word in argv):
        raise UsageError(f"{late!r}: a command comes first: {_PROGRAM} {late} [options]")


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> Arguments:
    """The arguments with the settings of the environment and of the file. Raises UsageError, ConfigError."""
    command = command_of(argv)
    rest = _prepared(command, argv)
    given = _docopt(command, rest)
    options = {_name(key): value for key, value in given.items() if key.startswith("-")}
    words = _words(given)
    settings = Settings.load(options.get("config"), environ)
    _refuse_strange(settings)
    places = _fill(command, options, settings)
    _refuse_nul(options, places)
    _part_keys(command, options)
    return Arguments(command, options, words, settings, places)


def _fill(command: str, options: dict[str, Any], settings: Settings) -> dict[str, str]:
    """Take from the settings what was not given; where each was found. Raises ConfigError."""
    places = {}
    for name, value in options.items():
        if value not in (None, False, []) or not _is_setting(command, name):
            continue
        found = settings.get_list(name, _LISTS[name]) if name in _LISTS else settings.get(name)
        if found is not None and found != []:
            options[name], places[name] = found, settings.place(name)
    return places


def _refuse_nul(options: Mapping[str, Any], places: Mapping[str, str]) -> None:
    """Only a file of settings can say one, and the system takes none. Raises UsageError."""
    for name, value in options.items():
        if name != "body" and any("\0" in str(text) for text in (value if isinstance(value, list) else [value])):
            raise UsageError(f"{places.get(name, f'--{name}')}: has a NUL, which no value can have")


def _refuse_strange(settings: Settings) -> None:
    """Raises ConfigError for a key of the file that no command knows: it would be overlooked, whatever it was to do."""
    if not settings.values:
        return
    known = set(re.findall(r"--([a-z][a-z_-]*)", "".join(TEXTS.values())))
    for name in settings.values:
        if name in _GIVEN_ALONE:
            raise ConfigError(f"{settings.file}: {name}: only the command line says this: --{name}")
        if name not in {option.replace("_", "-") for option in known}:
            raise ConfigError(f"{settings.file}: {name}: there is no such setting: see `{_PROGRAM} help COMMAND`")


def _is_setting(command: str, name: str) -> bool:
    """GLUTEN_NAME is a node's, GLUTEN_CACERT and GLUTEN_HEADER the load's, not what these commands call so."""
    loads = command in ("run", "submit")
    other = command == "submit" if name == "name" else name in ("cacert", "header") and not loads
    return name not in _NOT_SETTINGS and not other


def _part_keys(command: str, options: dict[str, Any]) -> None:
    """`--key` is the cluster's, but for a certificate's; `submit` knows both, and takes it for the certificate's if one
    is given."""
    if "--key-file" in TEXTS[command] and not options.get("cert"):
        options["cluster-key"] = options.get("key")
        options["key"] = None


def _prepared(command: str, argv: Sequence[str]) -> list[str]:
    """The list as docopt can read it: the command's word in front, a bare `--rpc-port` with a value."""
    rest = [word for word in argv if word != "--"]
    if command not in ("master", "slave") and (not rest or rest[0] != command):
        rest.insert(0, command)
    for index, word in enumerate(rest):
        following = rest[index + 1] if index + 1 < len(rest) else "-"
        if word == "--rpc-port" and following.startswith("-") and not following[1:].isdigit() and command == "slave":
            rest[index] = "--rpc-port=0"
    return rest


def _docopt(command: str, argv: list[str]) -> dict[str, Any]:
    text = TEXTS[command]
    _refuse_unknown(command, text, argv)
    try:
        return dict(docopt.docopt(text, argv, default_help=False, options_first=False))
    except docopt.DocoptExit:
        raise UsageError(usage_error(command, argv)) from None


def _refuse_unknown(command: str, text: str, argv: Sequence[str]) -> None:
    """One line that names the option: docopt's own answer is the whole usage."""
    long = set(re.findall(r"(--[a-z][a-z_-]*)", text))
    short = {m[1]: m[2] is not None for m in re.finditer(r"^  -([A-Za-z]), --[a-z_-]+( [A-Z])?", text, re.M)}
    valued = {m[1] for m in re.finditer(r"(--[a-z][a-z_-]*) [A-Z]", text)}
    expects = False
    for word in argv:
        if expects:
            expects = False
        elif word.startswith("--") and len(word) > 2:
            name, equals, _ = word.partition("=")
            matches = {name} & long or {option for option in long if option.startswith(name)}
            if len(matches) != 1:
                raise _unknown(command, name)
            expects = not equals and matches.pop() in valued
        elif word.startswith("-") and len(word) > 1:
            _refuse_one_dash(command, word.partition("=")[0], long)
            expects = _short(command, word, short)
    if expects:
        raise UsageError(f"{argv[-1]}: a value must follow")


def _refuse_one_dash(command: str, word: str, long: set[str]) -> None:
    """`-duration` is `-d uration` here, and something else where it comes from. Raises UsageError."""
    if len(word) > 3 and f"-{word}" in long:
        raise UsageError(f"{word}: here -{word}, with two dashes")
    if len(word) > 2 and hint(command, word):
        raise _unknown(command, word)


def _unknown(command: str, option: str) -> UsageError:
    said = hint(command, option) or "no such option"
    return UsageError(f"{option}: {said}: see `{_PROGRAM} help {command}`")


def _short(command: str, word: str, short: Mapping[str, bool]) -> bool:
    """Check a group of short options; True when the last of them takes the next word as its value."""
    for index, letter in enumerate(word[1:]):
        if letter not in short:
            raise _unknown(command, f"-{letter}")
        if short[letter]:
            return index + 2 == len(word)
    return False


def _name(option: str) -> str:
    return option.lstrip("-")


def _words(given: Mapping[str, Any]) -> list[str]:
    """Raises UsageError for one that can be sent to nobody; a URL is checked with its task."""
    words: list[str] = []
    for key, value in given.items():
        if key.isupper() and value is not None:
            found = value if isinstance(value, list) else [value]
            if key != "URL" and (wrong := next((word for word in found if not is_utf8(word)), None)):
                raise UsageError(f"{wrong!r}: has bytes that are not UTF-8: no {key} is called so")
            words += found
    return words
