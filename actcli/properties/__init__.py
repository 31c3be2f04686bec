"""Checks twenty properties of an activation function, each answered with its evidence.

One function per property; `check` asks them in the fixed order. What each verdict asserts, and what
`value` and `where` hold, is part of the command line's contract.
"""

from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import Any

from ..evaluation.activation import Activation
from ..proofs.domain import NotDefined
from ..proofs.points import BUDGET, Undecided
from ..property_meanings import MEANINGS
from . import calculus, cost, identity, rounding
from .gaussian import questions
from .subject import Answer, Subject, Verdict

Question = Callable[[Subject], Answer]


def _question(name: str) -> Question:
    """The function of that name that answers it; of `range` it is `range_`."""
    for home in (calculus, identity, questions, cost, rounding):
        found: Question | None = vars(home).get(name) or vars(home).get(f"{name}_")
        if found is not None and found.__module__ == home.__name__:
            return found
    raise KeyError(name)


QUESTIONS = {name: _question(name) for name in MEANINGS}
NAMES = tuple(QUESTIONS)
PROGRAMS = ("cost", "numerically_stable")  # questions about the program, not the function


def check(
    activation: Activation, names: Iterable[str] | None = None, **options: Any
) -> list[Verdict]:
    """Checks the properties named (default: all), with the options of `answers`: all verdicts at once."""
    return list(answers(activation, names, **options))


def answers(
    activation: Activation,
    names: Iterable[str] | None = None,
    budget: int | None = None,
    dtype: str = "float64",
    low: float | None = None,
    high: float | None = None,
) -> Iterator[Verdict]:
    """Answers the questions named (default: all) one by one, in the fixed order.

    `budget` is the number of cells one question may cost; `dtype` ("float64", "float32", "float16",
    "bfloat16") is for numerically_stable. ValueError for an unknown name or an empty interval. With
    `low` and `high` every question is asked on that interval, one-sided at its ends.
    """
    wanted = set(NAMES if names is None else names)
    for name in wanted - set(NAMES):
        raise ValueError(f"no property is called {name!r}; there are {', '.join(NAMES)}")
    ends = -inf if low is None else float(low), inf if high is None else float(high)
    if not ends[0] < ends[1]:
        raise ValueError(
            f"low={low} is not below high={high}; give an interval such as low=-1, high=1"
        )
    subject = Subject(activation, BUDGET if budget is None else budget, dtype, *ends)
    for name, question in QUESTIONS.items():
        if name in wanted:
            try:
                if name not in PROGRAMS:
                    subject.own.pieces  # noqa: B018 - NotDefined if much of the line is missing
                answer = question(subject)
            except Undecided as why:
                answer = "undecided", None, None, str(why)
                if name == "continuous" and isinstance(why, NotDefined):
                    answer = "refuted", None, why.x, str(why)
            except (TypeError, ArithmeticError, RecursionError):
                told = "the formula could not be evaluated where it was needed"
                answer = "undecided", None, None, told
            yield Verdict(name, *answer)


def summary(verdicts: Iterable[Verdict]) -> str:
    """Summarizes in one line what the course asks of an activation function, and what this one has."""
    known: dict[str, Any] = {v.property: v for v in verdicts}

    def holds(name: str) -> bool | None:
        verdict = known[name].verdict if name in known else "undecided"
        return None if verdict == "undecided" else verdict in ("proved", "measured")

    asked = {
        "continuous": ("has jumps", "continuous"),
        "nonlinear": ("linear: layers of it are one layer", "non-linear"),
        "monotonic": ("falls somewhere", "never falls"),
        "zero_centred": ("shifts the mean of the next layer", "zero-centred"),
    }
    answers = ((told, holds(name)) for name, told in asked.items())
    parts = [told[answer] for told, answer in answers if answer is not None]
    saturates = {side: holds(f"saturates_{side}") for side in ("left", "right")}
    ends = [side for side, answer in saturates.items() if answer]
    if ends:
        parts.append(f"saturates on the {' and the '.join(ends)}")
    elif None not in saturates.values():
        parts.append("never saturates")
    if holds("dead_zone") is not None:
        parts.append("has a dead zone" if holds("dead_zone") else "no dead zone")
    return "; ".join(parts)


__all__ = ["NAMES", "Verdict", "answers", "check", "summary"]
