"""`actcli help`: what --help shows, of the program or of one command."""

import click

from . import COMMANDS
from .completion import complete_from


@click.command(name="help")
@click.argument(
    "name", metavar="[COMMAND]", required=False, shell_complete=complete_from(lambda: COMMANDS)
)
@click.pass_context
def command(ctx: click.Context, name: str | None) -> None:
    """Show the commands, or all about one COMMAND.

    \b
    Examples:
      actcli help
      actcli help plot
    """
    assert isinstance(ctx.parent, click.Context)
    assert isinstance(ctx.parent.command, click.Group)
    shown = ctx.parent
    if name is not None:
        found = ctx.parent.command.resolve_command(ctx.parent, [name])[1]
        assert found is not None
        shown = click.Context(found, ctx.parent, found.name)
    click.echo(shown.get_help())
