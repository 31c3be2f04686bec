"""`actcli train-toy`: small networks, and what the function does to their learning."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from .notes import note
from .options import (
    LOOKS,
    NO_PICTURE,
    OTHER_PICTURES,
    PICTURES,
    STANDARD_OUTPUT,
    Command,
    destination,
    format_for,
    functions_argument,
    note_unused,
    output_options,
    parameter_options,
    resolve_functions,
)

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..toy.summary import Spread, Summary
    from ..toy.training import Run, Setup

# Read when numpy is first imported: threads slow such small matrix products down, to a quarter.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

FRAMES = 48  # of a film
LATER = (  # what may differ when a saved run is trained on
    "epochs", "learning_rate", "batch_size", "regularization", "regularization_rate", "stop_loss",
    "every",
)  # fmt: skip
Progress = Callable[[int, int, float], None]


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
    from ..pictures.function import parse_size

    if output is not None and output.lower().endswith(OTHER_PICTURES):
        raise ValueError(f"-o {output!r}: a picture is .png, .svg or .pdf; a film takes --gif FILE.gif")
    form = format_for(format_, output)
    inches = parse_size(size) if size else None
    given = {name for name in ctx.params if _typed(ctx, name)}
    if experiment is not None:
        from .experiments import reproduce

        with _bar(quiet) as progress:
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
        runs, interrupted = _loaded(file, given, functions, options, quiet)
    else:
        if not functions:
            raise click.UsageError(
                "Missing argument 'FUNCTION...', as in 'train-toy relu tanh'.", ctx
            )
        from ..toy.training import Setup

        activations = activations_of(functions, param, approx)
        runs, interrupted = _trained(Setup(**options), given, activations, quiet)
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
            pictures.write_film(runs, gif, style)
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


def _note(text: str, quiet: bool) -> None:
    if not quiet:
        note(text)


# -- what is to be trained -------------------------------------------------------------------------
def activations_of(
    functions: Sequence[str], param: Sequence[str], approx: str | None
) -> "list[Activation | tuple[Activation, ...]]":
    """The FUNCTIONs; a tuple for those that name one function per layer, as tanh/relu does."""
    split = [_per_layer(text) for text in functions]
    flat = [part for parts in split for part in parts]
    if all(len(parts) == 1 for parts in split):
        return list(resolve_functions(flat, param, approx))
    found: list[Activation | tuple[Activation, ...]] = []
    if param or approx is not None:
        raise ValueError(
            "-p does not go with one function per layer; write it as leaky_relu:slope=0.2/tanh"
        )
    for parts in split:
        resolved = resolve_functions(parts)
        found.append(resolved[0] if len(resolved) == 1 else tuple(resolved))
    return found


def _per_layer(text: str) -> list[str]:
    """The parts between slashes if each is a FUNCTION and the whole is no formula."""
    from ..evaluation.function_text import resolve
    from ..functions.registry import named

    parts = text.split("/")
    if len(parts) == 1:
        return [text]
    try:
        if all(named(part.strip()) for part in parts):
            return parts
        resolve(text)
    except ValueError as error:
        try:
            for part in parts:
                resolve(part)
        except ValueError:
            raise error from None
        return parts
    return [text]


def _trained(
    setup: "Setup",
    given: set[str],
    activations: "Sequence[Activation | Sequence[Activation]]",
    quiet: bool,
    resume: "Sequence[Run] | None" = None,
) -> "tuple[list[Run], bool]":
    """The runs, and whether Ctrl-C ended them; `given` are the options that were typed."""
    from ..toy.training import Interrupted, completed, train
    from .unused_options import without_effect

    setup = completed(setup)
    for line in without_effect(setup, given):
        _note(f"actcli: {line}", quiet)
    try:
        with _bar(quiet) as progress:
            return train(setup, activations, progress, resume), False
    except Interrupted as stop:
        if not stop.runs:
            raise
        return stop.runs, True


def _loaded(
    file: str, given: set[str], functions: Sequence[str], options: dict[str, Any], quiet: bool
) -> "tuple[list[Run], bool]":
    """The runs in the file, trained on if options ask for more epochs."""
    from ..evaluation.function_text import stored
    from ..toy.training import Setup, load

    named = [part.strip() for text in functions for part in text.split("/")]
    runs = load(file, lambda label: stored(label, named))
    trained = {f.label for run in runs for f in run.activations if f.family == "Python callable"}
    for name in named:  # it is named again so that it may be imported
        if name not in trained:
            raise ValueError(f"{file!r} says what was trained; leave out {name!r}")
    names = {name for name in given if name in Setup.__dataclass_fields__} - {"load", "output"}
    for name in sorted(names - set(LATER)):
        raise ValueError(f"--{name.replace('_', '-')} cannot change in a saved run; start afresh")
    setup, reached = runs[0].setup, max(int(run.epochs[-1]) for run in runs)
    if "epochs" not in names:
        if names:
            raise ValueError(f"{file!r} has {reached} epochs; say how many with --epochs")
        return runs, False
    if options["epochs"] <= reached:
        raise ValueError(f"{file!r} has {reached} epochs already; --epochs takes more than that")
    setup = replace(setup, **{name: options[name] for name in names})
    setup = replace(setup, frames=options.get("frames", setup.frames))
    return _trained(setup, names, [run.activations for run in runs], quiet, runs)


@contextmanager
def _bar(quiet: bool) -> Iterator[Progress | None]:
    """One bar with loss and time left on standard error, if that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    shown = TextColumn("{task.fields[loss]}", markup=False)
    kinds = BarColumn(), TaskProgressColumn(), shown, TimeRemainingColumn()
    with Progress(*kinds, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, loss="")

        def advance(done: int, total: int, loss: float) -> None:
            said = f"loss {loss:.4f}" if loss == loss else ""
            bar.update(task, completed=done, total=total, loss=said)

        yield advance


# -- records ---------------------------------------------------------------------------------------
def columns(runs: "Sequence[Run]") -> tuple[str, ...]:
    """The names of the columns of every machine format."""
    return (
        "function", "seed", "epoch", "train_loss", "test_loss", "test_accuracy", "dead_fraction",
        "saturated_fraction", *(f"gradient_norm_{name}" for name in runs[0].layer_names),
    )  # fmt: skip


def entries(run: "Run") -> Iterator[Any]:
    """Columns of one function: arrays with one entry per seed and epoch that was recorded."""
    import numpy as np

    there = np.isfinite(run.train_loss) | np.isfinite(run.test_loss)
    seeds, epochs = np.meshgrid(run.seeds, run.epochs, indexing="ij")
    units = np.array(run.setup.layers, np.float64)
    known = np.isfinite(run.saturated).any(axis=(0, 1))
    saturated = np.full(there.shape, np.nan)
    if known.any():
        saturated = run.saturated[..., known] @ (units[known] / units[known].sum())
    yield run.label
    for values in (
        seeds, epochs, run.train_loss, run.test_loss, run.test_accuracy,
        run.dead @ (units / units.sum()), saturated,
        *np.moveaxis(run.gradient_norms, -1, 0),
    ):  # fmt: skip
        yield np.ascontiguousarray(values[there])


# -- for people ------------------------------------------------------------------------------------
def show(runs: "Sequence[Run]", stream: Any) -> None:
    """The table per function, and the sentence."""
    from ..tables import write
    from ..toy.summary import sentence, summarise
    from .check_properties import wrapped

    found = [summarise(run) for run in runs]
    setup = runs[0].setup
    stream.write(title(runs) + "\n\n")
    records = [_row(s, runs[0].layer_names, bool(runs[0].classes)) for s in found]
    facts = [name for name in records[0] if name != "function"]
    facts = [n for n in facts if any(r[n] for r in records)]
    labels = [s.label for s in found]
    if len(set(labels)) < len(labels):
        labels = [f"{label} ({k})" for k, label in enumerate(labels, 1)]
    table = [
        {
            "median over seeds": fact,
            **{label: r[fact] for label, r in zip(labels, records, strict=True)},
        }
        for fact in facts
    ]
    write("table", ("median over seeds", *labels), table, stream)
    stream.write("\n" + wrapped(sentence(runs)) + "\n")
    if setup.seeds > 1:
        stream.write(wrapped("In brackets: from the 10 % to the 90 % point over seeds.") + "\n")


def title(runs: "Sequence[Run]") -> str:
    """What was trained on what: circle, 2-4-2-1, sgd with rate 0.03, 300 epochs, 5 seeds from 0."""
    from ..wording import printable

    run, setup = runs[0], runs[0].setup
    units = "-".join(map(str, (run.inputs, *(setup.layers or ()), run.outputs)))
    parts = [printable(str(setup.data)), units if setup.data != "patterns" else f"{run.inputs} units"]
    if setup.topology != "feedforward":
        parts.append(str(setup.topology))
    if setup.learner in ("sgd", "momentum", "adam"):
        parts.append(f"{setup.learner} with rate {setup.learning_rate:g}")
    else:
        parts.append(str(setup.learner))
    epochs = max(int(run.epochs[-1]) for run in runs)
    parts.append(f"{epochs} epoch{'s' * (epochs != 1)}")
    parts.append(f"{len(run.seeds)} seed{'s' * (len(run.seeds) != 1)} from {run.seeds[0]}")
    return ", ".join(parts)


def _row(s: "Summary", layers: Sequence[str], classes: bool) -> dict[str, str]:
    solved = f"test loss < {s.target:g}"
    row = {
        "function": s.label,
        "train loss": _spread(s.train_loss),
        "test loss": _spread(s.test_loss),
        "test accuracy": _spread(s.accuracy, percent=True) if classes else "",
        f"{solved}: seeds": _percent(s.solved),
        f"{solved}: epoch": f"{s.solved_at:g}" if s.solved_at == s.solved_at else "never",
        "diverged seeds": ", ".join(map(str, s.diverged)),
    }
    for k, name in enumerate(layers[: len(s.dead)]):
        row[f"dead, {name}"] = _percent(s.dead[k])
        row[f"saturated, {name}"] = _percent(s.saturated[k])
    for name, norm in zip(layers, s.gradient_norms, strict=True):
        row[f"gradient norm, {name}"] = f"{norm:.2g}" if norm == norm else ""
    return row


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %" if share == share else ""


def _spread(s: "Spread", percent: bool = False) -> str:
    if s.median != s.median:
        return ""
    middle, low, high = (100 * v if percent else v for v in (s.median, s.low, s.high))
    unit = " %" if percent else ""
    if low == high:
        return f"{middle:.3g}{unit}"
    return f"{middle:.3g}{unit} ({low:.3g} to {high:.3g})"
