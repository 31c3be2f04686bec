"""`actcli export`: the stable formula as code."""

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from ..expressions.code.targets import SUFFIXES, TARGETS
from ..wording import joined
from .completion import complete_function
from .function_argument import resolve_one
from .notes import note
from .options import bundled, declared, order_option
from .output import STANDARD_OUTPUT, destination
from .output_options import Output, format_options
from .subcommand import Command, Param, command_line, param_options

if TYPE_CHECKING:
    from ..audits.exported import Exported, Measured


@declared(
    click.command(cls=Command, name="export"),
    click.argument("function", metavar="FUNCTION", shell_complete=complete_function),
    param_options(one=True),
    click.option("--to", "target", type=click.Choice(tuple(TARGETS), case_sensitive=False),
                 required=True, help="The language, or library."),
    order_option("Without the gradient (0), or with the curvature too (2)."),
    click.option("--dtype", type=click.Choice(("float64", "float32")), default="float64",
                 show_default=True, help="Type of inputs and results."),
    click.option("--name", metavar="F", default="", help="What the function is called there."),
    click.option("--check", is_flag=True,
                 help="Compile it, run it and print how far it is from the truth."),
    bundled(
        "out", Output,
        format_options(),
        click.option("-o", "--output", metavar="FILE", type=click.Path(),
                     help="Write the code there; - is standard output."),
        click.option("-q", "--quiet", is_flag=True, help="No notes."),
    ),
)  # fmt: skip
def command(
    function: str, param: Param, target: str, order: int, dtype: str, name: str, check: bool,
    out: Output,
) -> int:  # fmt: skip
    """Write FUNCTION, its gradient, and both at once as code: one file that needs no other.

    The file says how far it is from the truth, in units of the last place, if it can be run here.

    \b
    Examples:
      actcli export gelu --to c
      actcli export swish:beta=2 --to numpy --name swish_2
      actcli export softsign --to js --check
    """
    from ..audits.exported import Exported

    check_code_suffix(target, out.output)
    exported = Exported(resolve_one("export", [function], param), target, order, dtype, name)
    measured = exported.measure()
    if out.output is not None or not check:
        write_code(exported.file(measured, made_by()), out.output)
    return _report(exported, measured, out) if check else 0


def made_by() -> str:
    """The command that writes this code, wherever to."""
    return command_line("output", "quiet", "check", "max_error", "json", "format_", "digits")


def check_code_suffix(target: str, output: str | None) -> None:
    """Refuses a file whose suffix is not one of the target's, and a model on a terminal."""
    suffix = os.path.splitext(output or "")[1].lower()
    known = SUFFIXES[target]
    if suffix and suffix not in known:
        raise ValueError(
            f"-o {output!r}: --to {target} is a file that ends in {joined(known, 'or')}"
        )
    if output in STANDARD_OUTPUT and target == "onnx" and sys.stdout.isatty():
        raise ValueError("a terminal shows no model; add -o FILE.onnx")


def write_code(code: Any, output: str | None) -> None:
    """The whole file, or nothing."""
    if isinstance(code, str):
        with destination(output) as stream:
            stream.write(code)
        return
    from .output import array_destination

    with array_destination(output) as binary:
        binary.write(code)


def _report(exported: "Exported", measured: "Measured", out: Output) -> int:
    """Prints the record of --check; the exit status."""
    from ..audits.exported import COLUMNS
    from ..tables import Writer

    record = exported.record(measured)
    with Writer(Output(None, out.quiet, out.format_).form, COLUMNS, sys.stdout) as writer:
        writer.rows([record])
    if measured.unsure:
        note(f"actcli: not checked, as {measured.unsure}", out.quiet)
    return 0 if record["verdict"] == "measured" else 1
