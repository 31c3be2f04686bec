"""The commands by name, each imported when it is called or asked for help, not before."""

from importlib import import_module

import click

COMMANDS = {
    "list": "List every registered function, or show some in full.",
    "plot": "Draw value and gradient: a PNG, SVG or PDF, or in the terminal.",
    "table": "Print values and gradients, one row per input.",
    "compare": "Show how far functions are apart, and their facts side by side.",
    "check-properties": "Show which properties hold, with evidence.",
    "neuron": "Compute, draw or fit one artificial neuron: z = w.x + b, a = f(z).",
    "train-toy": "Train small networks and show what the function does to learning.",
    "page": "Write an HTML page with curves, sliders and properties.",
    "audit": "Compare somebody's implementation with the truth, in ulps.",
    "summary": "Show what a function does to stored pre-activations.",
    "approximate": "Design an approximation and prove its error.",
    "export": "Write the stable formula as code: C, numpy, torch, jax, JavaScript ...",
    "help": "Show the commands, or all about one of them.",
}


class ReaderGone(Exception):
    """Standard output was closed early; click itself would exit with 1 at the bare EPIPE."""


class Interrupted(Exception):
    """Ctrl-C was typed; click itself would print an empty line at the bare KeyboardInterrupt."""


class CommandGroup(click.Group):
    """Imports a subcommand's module when it is called or asked for help, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]  # for .list takes the name of list

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        name = name.lower().replace("_", "-")
        if name not in COMMANDS:
            return None
        module = import_module(f".{name.replace('-', '_')}", __package__)
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from ..wording import unknown

            raise click.UsageError(str(unknown("command", args[0], COMMANDS))) from None

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error
        except KeyboardInterrupt as error:
            raise Interrupted from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])
