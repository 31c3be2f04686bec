"""What the program itself does: its cost and its rounding."""

from math import inf

import numpy as np

from .cost import cost as measure_cost
from .rounding import stability
from .subject import Answer, Subject, words

LIMIT = 16  # units in the last place


def _count(operations: int | None) -> str:
    if operations is None:
        return "an unknown number"
    return f"{operations} operation" + ("s" if operations != 1 else "")


def cost(subject: Subject) -> Answer:
    value = measure_cost(subject.activation)
    return (
        "measured",
        value,
        None,
        f"{_count(value['operations'])}, {_count(value['gradient_operations'])} for the gradient",
    )


def numerically_stable(subject: Subject) -> Answer:
    found = stability(subject.activation, subject.shape, subject.dtype, subject.low, subject.high)
    worst = max(found.value_ulp, found.gradient_ulp)
    value = {"value_ulp": found.value_ulp, "gradient_ulp": found.gradient_ulp}
    where = [found.value_at, found.gradient_at]
    if worst > LIMIT:
        of_value = found.value_ulp >= found.gradient_ulp
        place = where[0] if of_value else where[1]
        breakpoints = subject.activation.breakpoints
        if (
            not of_value
            and breakpoints.is_known(place)
            and np.isnan(breakpoints.sides(place, 1)[1])
        ):
            told = "the gradient is that of one branch, by convention at a kink"
            return "refuted", value, where, f"at x = {words(place)} {told}"
        lost = "all digits are" if worst > 1e15 or worst == inf else f"{words(worst)} ulp are"
        return "refuted", value, where, f"at x = {words(place)} {lost} lost to rounding"
    return "measured", value, where, f"right to {words(worst)} ulp at every test input"
