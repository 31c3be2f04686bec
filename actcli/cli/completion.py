"""Completion of words with : or = in them, such as gelu:approx=tanh. Imported only for that."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
    shell_complete,
    split_arg_string,
)

if TYPE_CHECKING:
    from ..functions.parameters import Parameter

SCRIPT = r"""%(complete_func)s() {
    local IFS=$'\n' line=${COMP_LINE:0:COMP_POINT} response completion kind value
    local last=${COMP_WORDS[COMP_CWORD]} word=${line##*[[:blank:]]}
    case $last in *[:=]) last= ;; esac

    response=$(env COMP_LINE="$line" %(complete_var)s=bash_complete $1)

    for completion in $response; do
        IFS=',' read -r kind value <<< "$completion"
        if [[ $kind == dir ]]; then
            COMPREPLY=()
            compopt -o dirnames
        elif [[ $kind == file ]]; then
            COMPREPLY=()
            compopt -o default
        elif [[ $kind == plain ]]; then
            [[ $value != *= ]] || compopt -o nospace
            COMPREPLY+=("${value#"${word%%"$last"}"}")
        fi
    done
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class WholeWords(ShellComplete):
    """Offers `--style=dark` for `--style=d`, where click offers `dark` in its stead."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Returns what the word may become."""
        found = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if equals and option.startswith("--"):
            for item in found:
                item.value = f"{option}={item.value}"
        return found


@add_completion_class
class Bash(WholeWords, BashComplete):
    """Reads the line as typed, where bash's own list of words is cut at every : and =; that list
    where a script of click's own asks."""

    source_template = SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        """Returns the words before the one that is typed, and that one."""
        line = os.environ.get("COMP_LINE")
        if line is None:
            return super().get_completion_args()
        words = split_arg_string(line)
        incomplete = "" if line[-1:].isspace() else words.pop()
        return words[1:], incomplete


@add_completion_class
class Zsh(WholeWords, ZshComplete):
    """As click has it."""


@add_completion_class
class Fish(WholeWords, FishComplete):
    """As click has it."""


def answer(group: click.Group, asked: str) -> int:
    """Prints the script of a shell, asked as `bash_source`, or completes a line, as `bash_complete`.

    What cannot be completed is met with silence: a message would stand in the line being typed.
    """
    shell, _, instruction = asked.partition("_")
    if instruction == "source" and get_completion_class(shell) is None:
        raise ValueError(f"there is no completion for {shell!r}; ask for bash, zsh or fish")
    try:
        return shell_complete(group, {}, "actcli", "_ACTCLI_COMPLETE", asked)
    except BrokenPipeError:
        raise
    except Exception:
        return 1


def complete_function(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offers names and aliases that start like what was typed; parameters after a colon."""
    from ..functions.catalogue import all_names, find, knows

    name, colon, typed = incomplete.partition(":")
    if colon and knows(name):
        head, comma, last = typed.rpartition(",")
        offers = _settings(find(name).parameters)
        return [f"{name}:{head}{comma}{offer}" for offer in offers if offer.startswith(last)]
    wanted = incomplete.lower().replace("-", "_")
    return [name for name in all_names() if name.startswith(wanted)]


def _settings(parameters: "Sequence[Parameter]") -> list[str]:
    """`name=` of each parameter, and `name=word` where it takes words."""
    offers = []
    for parameter in parameters:
        words = getattr(parameter.domain, "options", ())
        offers += [f"{parameter.name}={word}" for word in words or ("",)]
    return offers


def _parameters(ctx: click.Context) -> "Sequence[Parameter]":
    """Of the FUNCTIONs typed before, or of all if these have none."""
    from ..evaluation.function_text import parameters_of
    from ..functions.catalogue import names

    def of(functions: Iterable[str]) -> "Iterator[Parameter]":
        for function in functions:
            with suppress(ValueError):
                yield from parameters_of(function)

    typed = ctx.params.get("functions") or ctx.args  # the latter where an option is unfinished
    return [*of(typed)] or [*of(names())]


def complete_param(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offers `name=` of parameters, and `name=word` where they take words."""
    offers = dict.fromkeys(_settings(_parameters(ctx)))
    return [offer for offer in offers if offer.startswith(incomplete)]


def complete_learned(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offers names of parameters that take numbers, after every comma."""
    offers = dict.fromkeys(p.name for p in _parameters(ctx) if not hasattr(p.domain, "options"))
    return complete_from(lambda: offers, listed=True)(ctx, parameter, incomplete)


Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def complete_from(words: Callable[[], Iterable[str]], listed: bool = False) -> Complete:
    """Offers the words that start like what was typed, or `listed` after every comma; they are
    asked for only then."""

    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        head, comma, last = incomplete.rpartition(",") if listed else ("", "", incomplete)
        return [f"{head}{comma}{word}" for word in words() if word.startswith(last)]

    return complete
