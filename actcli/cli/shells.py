"""Shells that ask how a line can be completed, words with : or = in them too. Imported only then."""

import os

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
