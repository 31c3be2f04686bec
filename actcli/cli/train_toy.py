"""`actcli train-toy`: small networks, and what the function does to their learning."""

import os
from typing import Any

import click
from click.core import ParameterSource

from .cluster_options import Workers, worker_options
from .layer_functions import activations_of
from .notes import note, note_unused
from .output import STANDARD_OUTPUT, destination
from .output_options import Output
from .picture_options import DESIGN, IN_TERMINAL, NO_PICTURE, Look, size_options
from .subcommand import Param, subcommand
from .training_experiments import reproduce
from .training_options import blocks_of, number_in, training_options
from .training_pictures import draw, show_losses
from .training_report import write_runs
from .training_runs import loaded_runs, trained_runs

# Read when numpy is first imported: threads slow such small matrix products down, to a quarter.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

FRAMES = 48  # of an animation
SAVED_FRAMES, MOST_SAVED = 24, 20  # of a saved run for a page, unless it has more seeds
SEEDS_OF_AN_INTERVAL = 6  # with fewer, even from the least to the largest difference is below 95 %
STILL = [name for name in DESIGN if name not in ("style", "title")]  # no effect on one


@subcommand("train-toy", training_options, worker_options, size_options, needs_function=False)
@click.pass_context
def command(
    ctx: click.Context, /, functions: tuple[str, ...], param: Param, layers: tuple[str, ...],
    learning_rate: str | None, features: str | None, experiment: str | None, save: str | None,
    load: str | None, gif: str | None, summary: bool, pairs: bool, workers: Workers,
    look: Look, out: Output, **options: Any,
) -> int:  # fmt: skip
    """Train small networks whose hidden units use FUNCTION, and show what it does to learning.

    Several FUNCTIONs are trained on the same data from the same seeds; tanh/relu means the first
    hidden layer tanh, the second relu. On a terminal a table sums up; otherwise every record is
    printed. With --output FILE.png (.svg, .pdf) the loss curves and what was learned are drawn,
    with --terminal the loss curves right here.

    \b
    Examples:
      actcli train-toy relu tanh --epochs 60 --summary
      actcli train-toy prelu --learn slope --data xor --epochs 60 -o xor.png
      actcli train-toy --experiment list
    """  # fmt: skip
    from ..files import check, whole_file
    from ..toy.training import Setup

    design = look.design  # which refuses what is no size before any work
    given = {n for n in ctx.params if ctx.get_parameter_source(n) is ParameterSource.COMMANDLINE}
    if experiment is not None:
        return reproduce(experiment, functions, param, out, given)
    if gif is not None:
        if not gif.lower().endswith(".gif"):
            raise ValueError(f"--gif {gif!r} does not end in .gif")
        options["frames"] = FRAMES
    elif save is not None and load is None and options["seeds"] <= MOST_SAVED:
        options["frames"] = SAVED_FRAMES
    learn = options["learn"] or ""
    options["learn"] = tuple(name.strip() for name in learn.split(",") if name.strip())
    if features is not None:
        options["features"] = tuple(part.strip() for part in features.split(","))
    number = number_in(load)
    if number is not None:
        options["load"] = number
        options["data"] = options["data"] or "patterns"
        if options["data"] != "patterns":
            raise ValueError(
                f"--load {load}: patterns per unit belong to --data patterns; a saved run is a file"
            )
    for option, path in (("--save", save), ("--gif", gif), ("-o", out.output)):
        if path == "-" and option != "-o":
            raise ValueError(f"{option} -: records go to standard output; name a file")
        if path not in STANDARD_OUTPUT:
            check(str(path))
    blocks = [options | block for block in blocks_of(learning_rate, layers)]
    if load is not None and number is None:
        if workers != Workers():
            raise ValueError("a saved run goes on here; leave out --processes and --dask")
        if len(blocks) > 1:
            raise ValueError("a saved run goes on with one --learning-rate; give one")
        runs, interrupted = loaded_runs(load, given, functions, blocks[0], out.quiet)
    else:
        if not functions:
            raise click.UsageError(
                "Missing argument 'FUNCTION...', as in 'train-toy relu tanh'.", ctx
            )
        activations = activations_of(functions, param)
        if pairs and len(activations) * len(blocks) < 2:
            raise ValueError("--pairs compares functions; name two, as in 'train-toy relu tanh'")
        if "learn_per" in given and not options["learn"]:
            raise ValueError("--learn-per says how many values --learn has; add --learn NAME")
        if pairs and options["seeds"] < SEEDS_OF_AN_INTERVAL:
            note(f"low and high take {SEEDS_OF_AN_INTERVAL} --seeds or more", out.quiet)
        runs, interrupted = trained_runs(
            [(Setup(**block), activations) for block in blocks],
            given,
            out.quiet,
            workers=workers if workers != Workers() else None,
        )
    if save is not None:
        from ..toy import storage

        with whole_file(save, "wb") as stream:
            storage.save(runs, stream)
    draw(runs, design, gif, out)
    for path in (save, out.output if out.drawn else None, gif):
        if path is not None:
            note(path, out.quiet)
    if not out.drawn:
        unused, why = DESIGN, IN_TERMINAL if look.terminal else NO_PICTURE
        note_unused(STILL if gif is not None else unused, why, out.quiet)
    with destination(out.target) as text:
        shown = out.drawn or (look.terminal and out.target in STANDARD_OUTPUT)
        form = "table" if shown and out.format_ is None else out.form
        write_runs(form, runs, text, "pairs" if pairs else "summary" if summary else "records")
    if look.terminal:
        show_losses(runs)
    if interrupted:
        reached = max(int(run.epochs[-1]) for run in runs)
        note(f"actcli: interrupted at epoch {reached} of {runs[-1].label}")
    return 130 if interrupted else 0
