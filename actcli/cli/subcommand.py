"""Declares subcommands: FUNCTIONs with parameters, options of their own, and the output."""

from shlex import join
from typing import NamedTuple

import click

from .completion import complete_from, complete_function, complete_param
from .options import Decorator, bundled, declared
from .output_options import output_options

APPROX = ("none", "tanh", "sigmoid")
TYPED = "actcli.typed"  # the words of a command, in click's context


class Param(NamedTuple):
    """`-p`, `--approx` and `--label` as typed."""

    param: tuple[str, ...] = ()
    approx: str | None = None
    labels: tuple[str, ...] = ()


class Command(click.Command):
    """A command with details in its help, whose FUNCTION may be a formula that starts with a minus."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from .details import details

        if text := details(self.name):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(text)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {n: p.is_flag for p in self.params if isinstance(p, click.Option) for n in p.opts}
        previous = ""
        shielded = []
        for arg in args:
            if arg[2:3] == "=" and known.get(arg[:2]) is False and known.get(previous, True):
                previous, arg = arg[:2], arg[3:]  # click would take -r=0:5 for -r '=0:5'
                shielded.append(previous)
            formula = arg.startswith("-") and arg[:2] not in known and set(arg) & set("x(")
            if formula and not arg.startswith("--") and previous not in known:
                arg = " " + arg
            shielded.append(arg)
            previous = arg
        ctx.meta[TYPED] = [*shielded]
        try:
            return super().parse_args(ctx, shielded)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # so that advice names this command's help
            raise


def command_line(*without: str) -> str:
    """Writes the command that runs, for a shell, `without` the options of these names."""
    ctx = click.get_current_context()
    values, _, given = ctx.command.make_parser(ctx).parse_args([*ctx.meta[TYPED]])
    words, options = ["actcli", str(ctx.command.name)], list[str]()
    for parameter in dict.fromkeys(given):
        value = values[str(parameter.name)]
        each = value if isinstance(value, list | tuple) else [value]
        if isinstance(parameter, click.Argument):
            words += [str(word).strip() for word in each]  # of what shields a minus
        elif parameter.name not in without:
            flag = isinstance(parameter, click.Option) and parameter.is_flag
            for one in each:
                options += [max(parameter.opts, key=len), *([] if flag else [str(one)])]
    return join([*words, *options])


def param_options(one: bool = False) -> Decorator:
    """Declares the options of `Param`, for a command that takes `one` FUNCTION or several."""
    values, told, called = (
        ("NAME=VALUE", "Set a parameter of FUNCTION.", "What to call FUNCTION.") if one else
        ("NAME=VALUE[,VALUE...]", "Set a parameter on every FUNCTION that has it; several values: "
         "one curve, or one block of rows, each.", "What to call a FUNCTION; once for each, in order.")
    )  # fmt: skip
    return bundled(
        "param", Param,
        click.option("-p", "--param", multiple=True, metavar=values, help=told,
                     shell_complete=complete_param),
        click.option("--approx", metavar="|".join(APPROX), help="Short for -p approx=...",
                     shell_complete=complete_from(lambda: APPROX)),
        click.option("--label", "labels", multiple=True, metavar="TEXT", help=called),
    )  # fmt: skip


def subcommand(
    name: str, *own: Decorator, needs_function: bool = True, one: bool = False, param: bool = True,
    output: Decorator | None = None,
) -> Decorator:  # fmt: skip
    """Declares a subcommand: FUNCTION... (in its help FUNCTION if it takes `one`), passed on as a tuple
    of texts named `functions`, -p and --approx unless it takes no `param`, the options of its `own`,
    and those of the `output` (by default of records)."""
    metavar = "FUNCTION" if one else "FUNCTION..."
    functions = click.argument(
        "functions", metavar=metavar if needs_function else f"[{metavar}]", nargs=-1,
        required=needs_function, shell_complete=complete_function,
    )  # fmt: skip
    command = click.command(cls=Command, name=name)
    shared = [param_options(one)] if param else []
    return declared(command, functions, *shared, *own, output or output_options())
