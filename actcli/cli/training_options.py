"""The options of train-toy."""

from collections.abc import Sequence
from itertools import groupby, product
from typing import Any

import click

from ..toy.choices import (
    DATA_SETS,
    FEATURES,
    LEARN_PER,
    LEARNERS,
    PENALTIES,
    SCHEMES,
    TOPOLOGIES,
    defaults_said,
)
from ..wording import joined
from .completion import complete_from, complete_learned
from .input_options import decimal_option
from .options import declared


def _data_sets() -> str:
    """Their names, those of one kind together."""
    kinds = groupby(DATA_SETS, lambda name: DATA_SETS[name].kind)
    return "; ".join(", ".join(names) for _, names in kinds)


def _experiments() -> Sequence[str]:
    from ..toy.experiments import NAMES

    return (*NAMES, "list")


training_options = declared(
    click.option("--data", metavar="NAME|FILE.csv", shell_complete=complete_from(lambda: DATA_SETS),
                 help=f"{_data_sets()}; or a file whose last column is the target."),
    decimal_option,
    click.option("--topology", metavar="NAME", shell_complete=complete_from(lambda: TOPOLOGIES),
                 help=f"{joined(tuple(TOPOLOGIES), 'or')}."),
    click.option("--layers", metavar="N[,N...]", multiple=True,
                 help=f"Units per hidden layer (default {defaults_said('layers')}); several times: "
                 "one block of records each."),
    click.option("--features", metavar="NAME[,NAME...]",
                 help=f"Of {','.join(FEATURES)}, or columns of the file (default x,y)."),
    click.option("--learner", metavar="NAME", shell_complete=complete_from(lambda: LEARNERS),
                 help=f"{joined(LEARNERS, 'or')} (default {defaults_said('learner')})."),
    click.option("--learning-rate", metavar="RATE[,RATE...]",
                 help=f"Step size (default {defaults_said('learning_rate')}); several: one block of "
                 "records each."),
    click.option("--batch-size", type=int, default=10, show_default=True, metavar="N",
                 help="Examples per step."),
    click.option("--epochs", type=int, metavar="N",
                 help=f"Passes over the data (default {defaults_said('epochs')})."),
    click.option("--init", metavar="NAME", shell_complete=complete_from(lambda: SCHEMES),
                 help=f"{joined(SCHEMES, 'or')}."),
    click.option("--regularization", metavar="|".join(PENALTIES), default="none",
                 shell_complete=complete_from(lambda: PENALTIES), help="Penalty on weights."),
    click.option("--regularization-rate", type=float, default=0.0, metavar="RATE",
                 help="Its strength."),
    click.option("--noise", type=float, metavar="0..0.5", help="Noise in the data."),
    click.option("--train-share", type=float, default=0.5, show_default=True, metavar="0..1",
                 help="Share of the data to train on; the rest tests."),
    click.option("--length", type=int, metavar="N",
                 help="Length of sequences, rounds of messages of the composite topology (default "
                 f"{defaults_said('length')})."),
    click.option("--seeds", type=int, default=5, show_default=True, metavar="N",
                 help="How many seeds."),
    click.option("--seed", type=int, default=0, show_default=True, metavar="N",
                 help="The first seed."),
    click.option("--stop-loss", type=float, metavar="L",
                 help="A seed stops once its test loss is below."),
    click.option("--every", type=int, default=1, metavar="K", help="Record every K epochs."),
    click.option("--experiment", metavar="NAME", shell_complete=complete_from(_experiments),
                 help="Reproduce a published result; 'list' says what each shows."),
    click.option("--learn", metavar="NAME[,NAME...]", shell_complete=complete_learned,
                 help="Train these parameters of the FUNCTIONs with the weights."),
    click.option("--learn-per", type=click.Choice(LEARN_PER), default="layer", show_default=True,
                 help="How many values a learned parameter has."),
    click.option("--summary", is_flag=True,
                 help="Print what a terminal shows instead of every record, in every format."),
    click.option("--pairs", is_flag=True,
                 help="Print every two FUNCTIONs compared seed by seed instead."),
    click.option("--save", metavar="FILE.npz", type=click.Path(),
                 help="Keep weights, options and records."),
    click.option("--load", metavar="FILE.npz|LOAD", type=click.Path(),
                 help="Show a saved run, or train it on up to --epochs; a number: patterns per "
                 "unit of the associative memory (default 0.1)."),
    click.option("--gif", metavar="FILE.gif", type=click.Path(), help="The surface as it is learned."),
)  # fmt: skip


def blocks_of(rates: str | None, layers: Sequence[str]) -> list[dict[str, Any]]:
    """What --learning-rate and --layers set, once for each of their combinations."""
    units: Sequence[tuple[int, ...] | None] = [*map(units_of, layers)] or [None]
    steps: Sequence[float | None] = [None]
    try:
        if rates is not None:
            steps = [float(part) for part in rates.split(",")]
    except ValueError:
        raise ValueError(
            f"--learning-rate {rates!r}: give a number, or several as in 0.01,0.03,0.1"
        ) from None
    counts = {"learning_rate": (len(steps), len({*steps})), "layers": (len(units), len({*units}))}
    for name, (given, different) in counts.items():
        if different < given:
            raise ValueError(f"--{name.replace('_', '-')} names the same twice; give each once")
    swept = tuple(name for name, (given, _) in counts.items() if given > 1)
    return [
        {"learning_rate": step, "layers": each, "swept": swept}
        for step, each in product(steps, units)
    ]


def units_of(layers: str) -> tuple[int, ...]:
    """Reads the numbers of --layers; ValueError says what is accepted."""
    try:
        return tuple(int(part) for part in layers.split(","))
    except ValueError:
        raise ValueError(f"--layers {layers!r}: give numbers of units, as in 4,2") from None


def number_in(load: str | None) -> float | None:
    """Reads the number of --load, if it is one and not a file."""
    try:
        return None if load is None else float(load)
    except ValueError:
        return None
