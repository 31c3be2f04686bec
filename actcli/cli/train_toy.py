"""`actcli train-toy`: small networks, and what the function does to their learning."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from .notes import note, note_unused
from .options import (
    LOOKS,
    NO_PICTURE,
    Command,
    functions_argument,
    output_options,
    parameter_options,
)
from .output import OTHER_PICTURES, PICTURES, STANDARD_OUTPUT, destination, format_for
from .progress import epoch_bar
from .training_report import columns, entries, show
from .training_runs import _note, activations_of, loaded_runs, trained_runs

if TYPE_CHECKING:
    pass

# Read when numpy is first imported: threads slow such small matrix products down, to a quarter.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

FRAMES = 48  # of a film


def _listed(option: str, text: str, kind: Callable[[str], Any]) -> tuple[Any, ...]:
    try:
        return tuple(kind(part.strip()) for part in text.split(","))
    except ValueError:
        raise ValueError(f"{option} {text!r}: give numbers of units, as in 4,2") from None


@click.command(cls=Command, name="train-toy")
@functions_argument(required=False)
@parameter_options
@click.option(
    "--data",
    metavar="NAME|FILE.csv",
    help="circle, xor, gauss, spiral, moons, plane, gaussians; recall, parity, digit-sum, "
    "wave; karate, blocks; patterns; or a file whose last column is the target.",
)
@click.option("--topology", metavar="NAME", help="feedforward, memory, graph or composite.")
@click.option("--layers", metavar="N[,N...]", help="Units per hidden layer (default 4,2).")
@click.option(
    "--features",
    metavar="NAME[,NAME...]",
    help="Of x,y,x2,y2,xy,sinx,siny, or columns of the file (default x,y).",
)
@click.option(
    "--learner",
    metavar="NAME",
    help="sgd (default), momentum, adam, evolution, random-search or hebbian.",
)
@click.option("--learning-rate", type=float, default=0.03, show_default=True, help="Step size.")
@click.option("--batch-size", type=int, default=10, show_default=True, help="Examples per step.")
@click.option(
    "--epochs",
    type=int,
    metavar="N",
    help="Passes over the data (default 300; sequences 100; patterns 20 sweeps).",
)
@click.option("--init", metavar="NAME", help="playground, xavier, he, lecun or gain.")
@click.option("--regularization", metavar="none|l1|l2", default="none", help="Penalty on weights.")
@click.option("--regularization-rate", type=float, default=0.0, help="Its strength.")
@click.option("--noise", type=float, metavar="0..0.5", help="Noise in the data.")
@click.option(
    "--train-share",
    type=float,
    default=0.5,
    show_default=True,
    help="Share of the data to train on; the rest tests.",
)
@click.option(
    "--length",
    type=int,
    default=10,
    show_default=True,
    help="Length of sequences; rounds of messages of the composite topology.",
)
@click.option("--seeds", type=int, default=5, show_default=True, help="How many seeds.")
@click.option("--seed", type=int, default=0, show_default=True, help="The first seed.")
@click.option(
    "--stop-loss", type=float, metavar="L", help="A seed stops once its test loss is below."
)
@click.option("--every", type=int, default=1, metavar="K", help="Record every K epochs.")
@click.option(
    "--experiment", metavar="NAME", help="Reproduce a published result; 'list' lists them."
)
@click.option("--save", metavar="FILE.npz", help="Keep weights, options and records.")
@click.option(
    "--load",
    metavar="FILE.npz|LOAD",
    help="Show a saved run, or train it on up to --epochs; a number: patterns per unit "
    "of the associative memory (default 0.1).",
)
@click.option("--gif", metavar="FILE.gif", help="The surface as it is learned.")
@click.option(
    "--style",
    type=click.Choice(("light", "dark")),
    default="light",
    show_default=True,
    help="Colours.",
)
@click.option(
    "--dpi",
    type=click.IntRange(10, 1200),
    default=150,
    show_default=True,
    help="Dots per inch of a PNG.",
)
@click.option("--size", metavar="WIDTHxHEIGHT", help="Size in inches.")
@output_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    functions: tuple[str, ...],
    param: tuple[str, ...],
    approx: str | None,
    layers: str | None,
    features: str | None,
    experiment: str | None,
    save: str | None,
    load: str | None,
    gif: str | None,
    style: Literal["light", "dark"],
    dpi: int,
    size: str | None,
    format_: str | None,
    output: str | None,
    quiet: bool,
    **options: Any,
) -> int:
    """Train small networks whose hidden units use FUNCTION, and show what it does to learning.

    Several FUNCTIONs are trained on the same data from the same seeds; tanh/relu means the first
    hidden layer tanh, the second relu. On a terminal a table sums up; otherwise every record is
    printed. With --output FILE.png (.svg, .pdf) the courses and what was learned are drawn.
    """  # fmt: skip
    from ..files import check
    from ..pictures.picture_files import parse_size

    if output is not None and output.lower().endswith(OTHER_PICTURES):
        raise ValueError(f"-o {output!r}: a picture is .png, .svg or .pdf; a film takes --gif FILE.gif")
    form = format_for(format_, output)
    inches = parse_size(size) if size else None
    given = {name for name in ctx.params if _typed(ctx, name)}
    if experiment is not None:
        from .experiments import reproduce

        with epoch_bar(quiet) as progress:
            return reproduce(
                experiment, functions, param, approx, format_, output, given, progress
            )
    number = _number(load)
    file = load if number is None else None
    if gif is not None:
        if not gif.lower().endswith(".gif"):
            raise ValueError(f"--gif {gif!r} does not end in .gif")
        options["frames"] = FRAMES
    if layers is not None:
        options["layers"] = _listed("--layers", layers, int)
    if features is not None:
        options["features"] = _listed("--features", features, str)
    if number is not None:
        options["load"] = number
        options["data"] = options["data"] or "patterns"
        if options["data"] != "patterns":
            raise ValueError(
                f"--load {load}: patterns per unit belong to --data patterns; a saved run is a file"
            )
    for option, path in (("--save", save), ("--gif", gif), ("-o", output)):
        if path == "-" and option != "-o":
            raise ValueError(f"{option} -: records go to standard output; name a file")
        if path not in STANDARD_OUTPUT:
            check(str(path))
    interrupted = False
    if file is not None:
        runs, interrupted = loaded_runs(file, given, functions, options, quiet)
    else:
        if not functions:
            raise click.UsageError(
                "Missing argument 'FUNCTION...', as in 'train-toy relu tanh'.", ctx
            )
        from ..toy.training import Setup

        activations = activations_of(functions, param, approx)
        runs, interrupted = trained_runs(Setup(**options), given, activations, quiet)
    if save is not None:
        from ..files import whole_file
        from ..toy.training import save as save_runs

        with whole_file(save, "wb") as stream:
            save_runs(runs, stream)
        _note(save, quiet)
    drawn = output is not None and output.lower().endswith(PICTURES)
    if drawn or gif is not None:
        from ..pictures import training as pictures

        if drawn:
            pictures.write(runs, str(output), style, inches, dpi)
            _note(str(output), quiet)
        if gif is not None:
            pictures.write_animation(runs, gif, style)
            _note(gif, quiet)
    if not drawn:
        note_unused(LOOKS[: 2 if gif is not None else 3], NO_PICTURE, quiet)
    with destination(None if drawn else output) as text:
        if form == "table" or (drawn and format_ is None):
            show(runs, text)
        else:
            from ..tables import Writer

            with Writer(form, columns(runs), text) as writer:
                for run in runs:
                    writer.batch(list(entries(run)))
    if interrupted:
        reached = max(int(run.epochs[-1]) for run in runs)
        note(f"actcli: interrupted at epoch {reached} of {runs[-1].label}")
    return 130 if interrupted else 0


def _typed(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _number(load: str | None) -> float | None:
    try:
        return None if load is None else float(load)
    except ValueError:
        return None
