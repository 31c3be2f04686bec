"""The command line: the program, its errors and its exit statuses. One file per subcommand."""

import os
import sys

import click

from .errors import fail, file_of, sentence, unexpected
from .group import COMMANDS, CommandGroup, Interrupted, ReaderGone
from .notes import forget, tell
from .streams import interrupt_again, open_streams

START = """\
actcli shows what an activation function of a neural network really does. Try:

  actcli list                          what it knows; formulas may be typed too
  actcli plot gelu                     value and gradient as a picture, gelu.png
  actcli check-properties 'x*tanh(x)'  what holds of your formula, with evidence

'actcli help' lists the commands, 'actcli help COMMAND' tells all about one."""


def _version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from .. import native
        from ..version import __version__

        parts = "" if native.is_there() else " (without its compiled part: slower, as accurate)"
        click.echo(f"actcli {__version__}{parts}")
        ctx.exit()


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    epilog="FUNCTION is a name (gelu), a name with parameters (swish:beta=2), a quoted formula "
    "in x ('x*tanh(x)'), or a Python callable (package.module:attribute).",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version,
    help="Print the version.",
)  # fmt: skip
def main() -> None:
    """Explore activation functions of neural networks: what does this one really do?

    \b
    Examples:
      actcli list
      actcli plot gelu
      actcli check-properties 'x*tanh(x)'
    """


def _answered(args: list[str] | None) -> object:
    """Answers a shell that asks how a line can be completed, or else runs the command."""
    if asked := os.environ.get("_ACTCLI_COMPLETE"):
        from .shells import answer

        return answer(main, asked)
    open_streams()
    status = main.main(args, prog_name="actcli", standalone_mode=False)
    sys.stdout.flush()
    tell()
    return status


def run(args: list[str] | None = None) -> None:
    """Run the program and exit: 0 done, 1 a verdict is not met, 2 unusable input, 130 interrupted."""
    sys.unraisablehook = interrupt_again
    forget()
    try:
        status = _answered(args)
    except click.exceptions.NoArgsIsHelpError:
        click.echo(START)
        status = 0
    except click.ClickException as error:
        status = fail(sentence(error))
    except click.exceptions.Exit as stop:
        status = stop.exit_code
    except (ReaderGone, BrokenPipeError):
        # The reader has gone; what is still in the buffer must not raise once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except (ValueError, OSError) as error:
        ours = isinstance(error, OSError) or "actcli" in file_of(error)
        status = fail(sentence(error) if ours else unexpected(error))
    except MemoryError:
        status = fail("there is not enough memory for this; ask for less")
    except (Interrupted, KeyboardInterrupt, click.Abort):
        after_echo = "\n" if sys.stderr.isatty() else ""  # the terminal shows ^C without an end
        click.echo(f"{after_echo}actcli: interrupted", err=True)
        status = 130
    except Exception as error:  # a traceback's status 1 would read as a verdict
        status = fail(unexpected(error))
    sys.exit(status if isinstance(status, int) else 0)


__all__ = ["COMMANDS", "main", "run"]
