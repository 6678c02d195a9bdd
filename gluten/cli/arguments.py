"""Turns the arguments into options. docopt reads the usage texts; settings fill in what the arguments do not give."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import docopt

from gluten.cli.hints import option_hint
from gluten.cli.usage import TEXTS
from gluten.config import Settings
from gluten.errors import ConfigError, UsageError
from gluten.task.fields import FIELDS, Kind
from gluten.task.storable import is_utf8
from gluten.units import UnitError

T = TypeVar("T")
D = TypeVar("D")

_PROGRAM = "gluten.pyz"
_ONLY_COMMAND_LINE = frozenset({"help", "config", "master-mode", "slave-mode", "out", "try", "host"})
"""Options that only the command line sets."""
_OPTION = r"^  (?:-(\w), )?(--[a-z][\w-]*)(?: (\S+))?"
"""The begin of an option in a usage text: its letter, its name, and what stands for its value."""
_NOT_SETTINGS = _ONLY_COMMAND_LINE | {"key", "key-file"}
"""`cli/clusterkey` looks up the key and the key file together."""
_LISTS = {"allow-target": r"[,\s]+", "web-host": r"[,\s]+", "otlp-header": r"[\r\n]+", "influx-header": r"[\r\n]+"} | {
    field.option: r"[\r\n]+" if field.kind in (Kind.HEADERS, Kind.SLOS) else r"[,\s]+"
    for field in FIELDS
    if field.repeated
}
"""Options that may be repeated, with the pattern that separates several values in the environment."""
_FIELDS = {field.label: f"--{field.option}" for field in FIELDS if field.long} | {"url": "URL"}
"""What the fields of a task are called on a command line."""


class Arguments(NamedTuple):
    """A command with its options.

    `command` is a key of `usage.TEXTS`. `options` has the long names without dashes; the value of an option that is
    not given anywhere is None. `words` are the arguments that are not options.
    """

    command: str
    options: Mapping[str, Any]
    words: Sequence[str]
    settings: Settings = Settings({})
    places: Mapping[str, str] = MappingProxyType({})
    """Where an option was set, if a setting gave its value: `GLUTEN_RATE` or `gluten.toml: rate`."""

    def name_source(self, message: str) -> str:
        """The error message with the name that the user knows: the option's, or the place where it was set."""
        field, colon, rest = message.partition(":")
        name = _FIELDS.get(field, f"--{field.replace('_', '-')}")
        if field == "url" and self.options.get("url") and not any("://" in word for word in self.words):
            name = "--url"  # the argument is a workload file
        if colon and not field.startswith("-") and (field in _FIELDS or _name(name) in self.options):
            message = f"{name}:{rest}"
        for option, place in self.places.items():
            message = re.sub(rf"(?<![\w-])--{option}(?![\w-])", place.replace("\\", r"\\"), message)
        return message

    def setting(self, name: str) -> str | None:
        """The option's value, else its setting. The command need not have the option."""
        value = self.options.get(name)
        return value if value is not None else self.settings.get(name)

    def get(self, name: str, default: Any = None) -> Any:
        value = self.options.get(name)
        return default if value is None else value

    @property
    def log_format(self) -> str:
        """The value of `--log-format`. Raises UsageError."""
        wanted: str = self.get("log-format", "text")
        if wanted not in ("text", "json"):
            raise UsageError(f"--log-format: {wanted!r} is not text or json")
        return wanted

    def read(self, name: str, reader: Callable[[str], T], default: D) -> T | D:
        """The option's value as `reader` parses it. Raises UsageError where `reader` raises UnitError."""
        text = self.get(name)
        if text is None:
            return default
        try:
            return reader(text)
        except UnitError as error:
            raise UsageError(f"--{name}: {error}") from None

    def flag(self, name: str) -> bool:
        """Whether the flag is given, or a setting turns it on. Raises UsageError."""
        value = self.options.get(name)
        if isinstance(value, str):
            return truth(name, value)
        return bool(value)


def truth(name: str, text: str) -> bool:
    """True for `1 true yes on`, False for `0 false no off`. Raises UsageError."""
    word = text.strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("", "0", "false", "no", "off"):
        return False
    raise UsageError(f"--{name}: {text!r} is not yes or no")


def command_of(argv: Sequence[str]) -> str:
    """The command that these arguments ask for: a key of `usage.TEXTS`. Raises UsageError."""
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
    from gluten.cli.usage_errors import not_a_command  # here, because most words are commands

    raise not_a_command(first)


def _refuse_late_command(argv: Sequence[str]) -> None:
    """Raises UsageError for `--master HOST:PORT runs`, which would read as a task for the URL `runs`."""
    words = (word for before, word in pairwise(argv) if not before.startswith("-"))  # without options' values
    late = next((word for word in words if word in TEXTS), None)
    if late and not any("://" in word for word in argv):
        raise UsageError(f"{late!r}: a command comes first: {_PROGRAM} {late} [options]")


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> Arguments:
    """The arguments, completed by the settings of the environment and of the file. Raises UsageError, ConfigError."""
    command = command_of(argv)
    given = _docopt(command, _for_docopt(command, argv))
    options = {_name(key): value for key, value in given.items() if key.startswith("-")}
    words = _words(given)
    settings = Settings.load(options.get("config"), environ)
    _refuse_unknown_settings(settings)
    places = _fill_from_settings(command, options, settings)
    _refuse_nul(options, places)
    _separate_keys(command, options)
    return Arguments(command, options, words, settings, places)


def _fill_from_settings(command: str, options: dict[str, Any], settings: Settings) -> dict[str, str]:
    """Set the options that the arguments do not give. Returns where each was found. Raises ConfigError."""
    places = {}
    for name, value in options.items():
        if value not in (None, False, []) or not _is_setting(command, name):
            continue
        found = settings.get_list(name, _LISTS[name]) if name in _LISTS else settings.get(name)
        if found is not None and found != []:
            options[name], places[name] = found, settings.place(name)
    return places


def _refuse_nul(options: Mapping[str, Any], places: Mapping[str, str]) -> None:
    """Raises UsageError for a NUL. Only a settings file can contain one, and system calls do not accept it."""
    for name, value in options.items():
        if name != "body" and any("\0" in str(text) for text in (value if isinstance(value, list) else [value])):
            raise UsageError(f"{places.get(name, f'--{name}')}: contains a NUL character; remove it")


def _refuse_unknown_settings(settings: Settings) -> None:
    """Raises ConfigError for a key in the file that no command knows, because it would have no effect."""
    if not settings.values:
        return
    known = set(re.findall(r"--([a-z][a-z0-9_-]*)", "".join(TEXTS.values())))
    for name in settings.values:
        if name in _ONLY_COMMAND_LINE:
            raise ConfigError(f"{settings.file}: {name}: can only be set on the command line: --{name}")
        if name not in {option.replace("_", "-") for option in known}:
            raise ConfigError(f"{settings.file}: {name}: there is no such setting: see `{_PROGRAM} help COMMAND`")


def _is_setting(command: str, name: str) -> bool:
    """Whether a setting may set this option of the command.

    GLUTEN_NAME is the name of a node, not of a run. GLUTEN_CACERT and GLUTEN_HEADER are about the load, so they do not
    set the options of the same name of other commands.
    """
    loads = command in ("run", "submit", "check")
    other_meaning = command == "submit" if name == "name" else name in ("cacert", "header") and not loads
    return name not in _NOT_SETTINGS and not other_meaning


def _separate_keys(command: str, options: dict[str, Any]) -> None:
    """Move the cluster's key from `key` to `cluster-key`.

    `submit` has two keys. There `--key` is the certificate's key if `--cert` is given, and else the cluster's.
    """
    if "--key-file" in TEXTS[command] and not options.get("cert"):
        options["cluster-key"] = options.get("key")
        options["key"] = None


def _for_docopt(command: str, argv: Sequence[str]) -> list[str]:
    """The arguments in a form that docopt can read: the command comes first, and a bare `--rpc-port` gets a value."""
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
    options = list(re.finditer(_OPTION, text, re.MULTILINE))
    usage = text.partition("\nUsage: ")[2].partition("\n")[0]
    meant = [found[0] for found in options if found[2] in usage or _may_mean(argv, found[1], found[2])]
    try:
        given = docopt.docopt("\n".join([f"Usage: {usage}", "", *meant]), argv, default_help=False)
    except docopt.DocoptExit:
        from gluten.cli.usage_errors import usage_error  # here, because most arguments fit

        raise UsageError(usage_error(command, argv)) from None
    return {found[2]: None if found[3] else False for found in options} | given


def _may_mean(argv: Sequence[str], letter: str | None, name: str) -> bool:
    """Whether a word may mean this option. The others are kept from docopt, which compares each with each other one:
    that would take half of the time in which a command reads its arguments."""
    return any(
        name.startswith(word.partition("=")[0]) if word.startswith("--") else letter is not None and letter in word
        for word in argv
        if word.startswith("-")
    )


def _refuse_unknown(command: str, text: str, argv: Sequence[str]) -> None:
    """Raises UsageError in one line that names the option. docopt itself would print the whole usage."""
    long = set(re.findall(r"(--[a-z][a-z0-9_-]*)", text))
    short = {m[1]: m[2] is not None for m in re.finditer(r"^  -([A-Za-z]), --[a-z][a-z0-9_-]*( [A-Z])?", text, re.M)}
    valued = {m[1] for m in re.finditer(r"(--[a-z][a-z0-9_-]*) [A-Z]", text)}
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
    """Raises UsageError for a long option with one dash, as other tools write it. `-duration` would read as
    `-d uration`."""
    if len(word) > 3 and f"-{word}" in long:
        raise UsageError(f"{word}: use -{word}, with two dashes")
    if len(word) > 2 and option_hint(command, word):
        raise _unknown(command, word)


def _unknown(command: str, option: str) -> UsageError:
    from gluten.cli.usage_errors import unknown_option  # here, because most arguments fit

    return unknown_option(command, option)


def _short(command: str, word: str, short: Mapping[str, bool]) -> bool:
    """Check a group of short options. Returns True if the last one takes the next word as its value."""
    for index, letter in enumerate(word[1:]):
        if letter not in short:
            raise _unknown(command, f"-{letter}")
        if short[letter]:
            return index + 2 == len(word)
    return False


def _name(option: str) -> str:
    return option.lstrip("-")


def _words(given: Mapping[str, Any]) -> list[str]:
    """The arguments that are not options. Raises UsageError for one that is not UTF-8; a URL is checked with its
    task."""
    words: list[str] = []
    for key, value in given.items():
        if key.isupper() and value is not None:
            found = value if isinstance(value, list) else [value]
            if key != "URL" and (wrong := next((word for word in found if not is_utf8(word)), None)):
                raise UsageError(f"{wrong!r}: is not a {key}: it has bytes that are not UTF-8")
            words += found
    return words
