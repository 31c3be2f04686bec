"""Completion of words with : or = in them, such as gelu:approx=tanh. Imported only for that."""

import os

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
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
        """What the word may become."""
        found = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if equals and option.startswith("--"):
            for item in found:
                item.value = f"{option}={item.value}"
        return found


@add_completion_class
class Bash(WholeWords, BashComplete):
    """Reads the line as typed, where bash's own list of words is cut at every : and =."""

    source_template = SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is typed, and that one."""
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)
        incomplete = "" if line[-1:].isspace() else words.pop()
        return words[1:], incomplete


@add_completion_class
class Zsh(WholeWords, ZshComplete):
    """As click has it."""


@add_completion_class
class Fish(WholeWords, FishComplete):
    """As click has it."""
