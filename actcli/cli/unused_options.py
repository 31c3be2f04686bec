"""What options of `train-toy` cannot do in their combination, said before training."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..toy.datasets import NAMES, kind_of
from ..toy.learners import GRADIENT
from ..toy.setup import Setup


@dataclass(frozen=True)
class Rule:
    """Where `condition` holds, `option` has no effect; `reason` may name fields of the setup."""

    option: str
    condition: Callable[[Setup], bool]
    reason: str


def _without_gradient(setup: Setup) -> bool:
    return setup.learner not in GRADIENT


def _patterns(setup: Setup) -> bool:
    return setup.data == "patterns"


def _graph(setup: Setup) -> bool:
    return setup.topology in ("graph", "composite")


def _without_length(setup: Setup) -> bool:
    return kind_of(str(setup.data)) != "sequences" and setup.topology != "composite"


RULES = (
    Rule("learning_rate", _without_gradient, "{learner} takes no steps along a gradient"),
    Rule("batch_size", _without_gradient, "{learner} takes all examples at once"),
    Rule("batch_size", _graph, "a graph is learned whole"),
    Rule("train_share", _patterns, "every pattern is stored and recalled"),
    Rule("train_share", lambda s: s.data == "karate", "in karate two members are labelled"),
    Rule("decimal", lambda s: s.data in NAMES, "{data} is no file"),
    Rule("init", _patterns, "the patterns alone make the weights"),
    Rule("length", _without_length, "{data} has no sequences, {topology} no rounds of messages"),
    Rule(
        "regularization",
        lambda s: s.regularization != "none" and s.regularization_rate == 0,
        "its strength is 0; add --regularization-rate 0.001",
    ),
    Rule(
        "regularization_rate",
        lambda s: s.regularization == "none" and s.regularization_rate > 0,
        "no penalty is chosen; add --regularization l2",
    ),
)


def without_effect(setup: Setup, given: set[str]) -> Iterator[str]:
    """Yields a note for each of the options given that does nothing in this completed setup."""
    told: set[str] = set()
    for rule in RULES:
        if rule.option in given - told and rule.condition(setup):
            told.add(rule.option)
            option = f"--{rule.option.replace('_', '-')}"
            yield f"{option} has no effect: {rule.reason.format(**vars(setup))}"
