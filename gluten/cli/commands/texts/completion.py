"""`gluten completion SHELL`: prints a completion script for bash, zsh or fish, made from the usage texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gluten.cli import grammar
from gluten.cli.arguments import Arguments
from gluten.cli.grammar import MODES, Option
from gluten.cli.output import write
from gluten.errors import UsageError

PROGRAMS = ("gluten.pyz", "gluten", "gluten-server")


def completion(arguments: Arguments) -> int:
    """Print the script. Raises UsageError for an unknown shell."""
    shell = arguments.words[0]
    if shell not in SHELLS:
        raise UsageError(f"completion: {shell!r} is not one of {', '.join(SHELLS)}")
    write(SHELLS[shell](), None)
    return 0


def bash() -> str:
    """A bash function. Before a command is typed it offers the options of `submit`, as the program takes them."""
    return f"""\
# Completion of gluten.pyz for bash, made by `gluten.pyz completion bash`.
# To use it: source <(gluten.pyz completion bash)
_gluten() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD - 1]}}" command="" word index
    for ((index = 1; index < COMP_CWORD; index++)); do
        word="${{COMP_WORDS[index]}}"
{_command_of_word()}
    done
    COMPREPLY=()
    case "${{command:-submit}} $previous" in
{_bash_values()}
    esac
    case "${{command:-start}} $current" in
{_bash_options()}
        "start "*) COMPREPLY=($(compgen -W "{" ".join([*_named(), "help"])}" -- "$current")) ;;
{_bash_words()}
    esac
}}
complete -F _gluten {" ".join(PROGRAMS)}
"""


def zsh() -> str:
    """A zsh function that calls `_arguments`."""
    described = " ".join(_quoted(f"{name}:{_plain(grammar.summary(name))}") for name in _named())
    cases = "\n".join(_zsh_case(command) for command in grammar.commands())
    return f"""\
#compdef {" ".join(PROGRAMS)}
# Completion of gluten.pyz for zsh, made by `gluten.pyz completion zsh`: save it as _gluten in a directory of $fpath.
_gluten() {{
    local command word
    for word in "${{(@)words[2,CURRENT-1]}}"; do
{_command_of_word()}
    done
    if [[ -z "$command" && "${{words[CURRENT]}}" != -* && CURRENT -eq 2 ]]; then
        local -a commands
        commands=({described} 'help:show the options of a command')
        _describe command commands
        return
    fi
    case "${{command:-submit}}" in
{cases}
        help) _values command {" ".join(grammar.commands())} ;;
    esac
}}
if [[ "${{funcstack[1]}}" == _gluten ]]; then _gluten "$@"; else compdef _gluten {" ".join(PROGRAMS)}; fi
"""


def fish() -> str:
    """Fish commands: one `complete` for each option and command."""
    lines = ["# Completion of gluten.pyz for fish, made by `gluten.pyz completion fish`: save it as gluten.pyz.fish in"]
    lines.append("# ~/.config/fish/completions")
    for program in PROGRAMS:
        lines += _fish_of(program)
    return "\n".join(lines) + "\n"


def _command_of_word() -> str:
    """The body of a loop over the words before the cursor, in bash and zsh: the first command that is named."""
    return f"""\
        case "$word" in
            --master-mode) command=master ;;
            --slave-mode) command=slave ;;
            {"|".join([*_named(), "help"])}) command="$word" ;;
            *) continue ;;
        esac
        break"""


def _named() -> list[str]:
    """The commands that a word selects, not a flag."""
    return [name for name in grammar.commands() if name not in MODES]


def _all_options(command: str) -> list[Option]:
    """The options of the command. Those of `submit` include the flags that select a mode, since `submit` needs no
    word."""
    options = grammar.options(command)
    if command == "submit":
        options = [*options, *(Option("", flag.strip("-"), "", f"start a {name}") for name, flag in MODES.items())]
    return options


def _bash_values() -> str:
    lines: dict[str, list[str]] = {}
    for command in grammar.commands():
        for option in grammar.options(command):
            if option.value:
                names = [f"--{option.long}"] + ([f"-{option.short}"] if option.short else [])
                lines.setdefault(_bash_value(option), []).extend(f'"{command} {name}"' for name in names)
    return "\n".join(f"        {' | '.join(patterns)}) {answer}return ;;" for answer, patterns in lines.items())


def _bash_value(option: Option) -> str:
    if option.choices:
        return f'COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$current")); '
    return 'COMPREPLY=($(compgen -f -- "$current")); ' if option.is_file else ""


def _bash_options() -> str:
    lines = []
    for command in grammar.commands():
        names = " ".join(f"--{option.long}" for option in _all_options(command))
        patterns = f'"{command} -"*' + (' | "start -"*' if command == "submit" else "")
        lines.append(f'        {patterns}) COMPREPLY=($(compgen -W "{names}" -- "$current")) ;;')
    return "\n".join(lines)


def _bash_words() -> str:
    listed = {command: grammar.words(command) for command in (*_named(), "help")}
    answers = (
        f'        "{command} "*) COMPREPLY=($(compgen -W "{" ".join(words)}" -- "$current")) ;;'
        for command, words in listed.items()
        if words
    )
    return "\n".join(answers)


def _zsh_case(command: str) -> str:
    specs = [spec for option in _all_options(command) for spec in _zsh_option(option)]
    words = grammar.words(command)
    specs.append(_quoted(f"*::word:({' '.join(words)})" if words else "*:word: "))
    return f"        {command}) _arguments -S " + " \\\n            ".join(specs) + " ;;"


def _zsh_option(option: Option) -> Iterator[str]:
    action = "_files" if option.is_file else f"({' '.join(option.choices)})" if option.choices else " "
    value = f":{option.value.replace(':', '-')}:{action}" if option.value else ""
    for name in (f"--{option.long}", f"-{option.short}"):
        if name != "-":
            yield _quoted(f"*{name}[{_plain(option.text)}]{value}")


def _fish_of(program: str) -> Iterator[str]:
    begin = f"complete -c {program}"
    yield f"{begin} -f"
    for name in _named():
        yield f"{begin} -n __fish_use_subcommand -a {name} -d {_quoted(grammar.summary(name))}"
    yield f"{begin} -n __fish_use_subcommand -a help -d 'Show the options of a command'"
    for command in grammar.commands():
        place = f"-n {_quoted(_fish_condition(command))}"
        for option in _all_options(command):
            yield f"{begin} {place} {_fish_option(option)}"
    for command in (*_named(), "help"):
        if words := grammar.words(command):
            yield f"{begin} -n '__fish_seen_subcommand_from {command}' -a {_quoted(' '.join(words))}"


def _fish_condition(command: str) -> str:
    if command in MODES:
        return f"__fish_contains_opt {MODES[command].strip('-')}"
    named = f"__fish_seen_subcommand_from {command}"
    return f"{named}; or __fish_use_subcommand" if command == "submit" else named


def _fish_option(option: Option) -> str:
    words = [f"-l {option.long}"] + ([f"-s {option.short}"] if option.short else [])
    if option.choices:
        words.append(f"-x -a {_quoted(' '.join(option.choices))}")
    elif option.value:
        words.append("-r -F" if option.is_file else "-x")
    return " ".join([*words, f"-d {_quoted(option.text)}"])


def _plain(text: str) -> str:
    """The text without the characters that would end a description in zsh."""
    return text.replace("[", "(").replace("]", ")").replace(":", " -").replace("\\", "")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "’").replace("\\", "") + "'"


SHELLS: dict[str, Callable[[], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
