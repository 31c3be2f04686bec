"""`actcli audit`: somebody's implementation against the truth, in units of the last place."""

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from .audit_blocks import shared
from .cluster_options import Workers, worker_options
from .function_argument import resolve_functions, resolve_one
from .notes import note
from .options import Count, Positive, declared
from .output import destination
from .output_options import Output, output_options
from .picture_files import deliver
from .picture_options import Look, design_options
from .subcommand import Command, Param, param_options

if TYPE_CHECKING:
    from ..audits.audit import AuditedBlock
    from ..audits.callers import Code


@declared(
    click.command(cls=Command, name="audit"),
    click.argument("function", metavar="FUNCTION"),
    click.argument("implementation", metavar="IMPLEMENTATION"),
    param_options(one=True),
    click.option("--dtype", metavar="D[,D]",
                 help="float64, float32, float16, bfloat16 (default: all that it accepts)."),
    click.option("--gradient", metavar="auto|none|MODULE:ATTR", default="auto", show_default=True,
                 help="Where its gradient is from; auto: the framework's own, where there is one."),
    click.option("--samples", type=Count(100, 10**7), metavar="N",
                 help="Inputs of float32 and float64; 16 bits are always exhaustive."),
    click.option("--exhaustive", is_flag=True,
                 help="Try all 2^32 numbers of float32; 16 bits always are."),
    click.option("--every", type=Count(1), metavar="N",
                 help="Try one of so many numbers of float32, and of float64 from 2^40 on."),
    click.option("--resume", metavar="FILE",
                 help="Keep in FILE what is finished, and go on from there."),
    worker_options,
    click.option("--call", "calls", default="array", show_default=True,
                 metavar="array,strided,scalar", help="How it is called."),
    click.option("--signature", metavar="SIGNATURE",
                 help="Of a C function, as in 'float(float)' or 'void(float*,float*,n)'."),
    click.option("--timeout", type=Positive("60"), default=60, show_default=True, metavar="S",
                 help="Seconds that a block may take."),
    click.option("--max-ulps", type=Positive("1", zero=True), metavar="E",
                 help="Exit with status 1 if a result is farther off, or is nan."),
    click.option("--max-steps", type=Count(0), metavar="N",
                 help="Exit with status 1 if a result is more numbers of the format away."),
    click.option("--require", metavar="special,sign,monotonic,range",
                 help="Exit with status 1 unless these hold."),
    click.option("--flush-subnormals", is_flag=True,
                 help="Accept 0 for a subnormal number, and the result at 0."),
    design_options,
    output_options(),
)  # fmt: skip
def command(
    function: str, implementation: str, param: Param, dtype: str | None, gradient: str,
    samples: int | None, calls: str, signature: str | None, timeout: float,
    max_ulps: float | None, max_steps: int | None, require: str | None, look: Look, out: Output,
    exhaustive: bool, every: int | None, resume: str | None, workers: Workers,
    flush_subnormals: bool,
) -> int:  # fmt: skip
    """Compare an IMPLEMENTATION of FUNCTION with the truth, in units of the last place.

    IMPLEMENTATION is package.module:attribute, with keywords after another colon, ./libk.so:symbol,
    ./k.c:symbol, which is compiled first, model.onnx, TARGET:c and so on for what export writes, a
    FUNCTION for actcli's own evaluation, or a formula, computed step by step in the format. It runs in
    a process of its own. 16 bits are tried exhaustively. With --output FILE.png (.svg, .pdf) the errors
    are drawn against the inputs.

    \b
    Examples:
      actcli audit softplus 'log(1+exp(x))' --dtype float16
      actcli audit tanh numpy:tanh --dtype float32,float64 --max-ulps 4
    """
    from ..audits import DEFINITIONS
    from ..audits.audit import (
        CALLS,
        COLUMNS,
        AuditRequest,
        Refusal,
        audit,
        columns_for_people,
        diagnoses,
        records,
    )
    from ..audits.callers import named
    from ..audits.diagnosis import diagnosis
    from ..audits.requirements import NAMES, Required
    from ..evaluation.dtypes import DTYPES
    from ..tables import write
    from ..wording import unknown, wrapped

    def listed(option: str, text: str | None, known: "tuple[str, ...]") -> list[str]:
        found = [part.strip() for part in (text or "").split(",") if part.strip()]
        for part in found:
            if part not in known:
                raise ValueError(f"{option}: {unknown('such thing', part, known)}")
        return found

    asked = AuditRequest(
        listed("--dtype", dtype, DTYPES) or DTYPES, gradient != "none",
        listed("--call", calls, CALLS) or ["array"], samples, every,
        flush_subnormals, exhaustive,
    )  # fmt: skip
    f = resolve_one("audit", [function], param)
    required = Required(f, listed("--require", require, NAMES), max_ulps, max_steps)
    code: Code = (
        named(f, implementation, signature, gradient) or resolve_functions([implementation])[0]
    )
    missed: list[str] = []
    blocks: list[AuditedBlock] = []
    refused: list[Refusal] = []
    rows: list[dict[str, Any]] = []
    with shared(f, implementation, code, asked, timeout, resume, workers, out.quiet) as shares:
        for each in audit(f, implementation, shares[0], asked, shares[1]):
            if isinstance(each, str):
                note(each, out.quiet)
                continue
            if isinstance(each, Refusal):
                rows.append(each.record(f, implementation))
                if out.form != "table" and str(each) not in map(str, refused):  # there it is below
                    note(f"{implementation} {each}", out.quiet)
                refused.append(each)
                continue
            blocks.append(each)
            ask = partial(shares[0], quantity=each.quantity, how=each.call)
            rows += records(f, implementation, each, diagnosis(f, each, ask))
            missed += required.missed(each)
    if not blocks:
        raise ValueError(f"{implementation} {refused[0]}")
    if out.drawn:
        from ..audits.picture import audit_picture
        from ..figures.audit import render
        from ..figures.data import FigureOptions

        drawn = audit_picture(f, implementation, blocks, FigureOptions(**look.design))
        deliver(partial(render, drawn), None, look, out)
    table = out.form == "table"
    with destination(out.target) as stream:
        write(out.form, columns_for_people(rows) if table else COLUMNS, rows, stream)
    if table:
        for line in (*diagnoses(rows), f"{DEFINITIONS} -f csv has all columns."):
            note(wrapped(line), out.quiet)
    for line in missed:
        note(f"actcli: {line}", out.quiet)
    return 1 if missed else 0
