"""Results that are those of the function with another parameter: solved from one, tried on all."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..evaluation.function_text import parameters_of, resolve
from ..expressions.node import Node
from ..expressions.parametric import read_with
from ..functions.parameters import Choices, text
from ..numbers.formats import FORMATS, Format
from ..numbers.jet import Jet, slope_of, value_of
from ..numbers.types import Array, Floats

WIDE = 4.25  # units of 2^-p max(1, abs g) by which a wide format's results may differ from g
NARROW = 0.5 + 2.0**-6  # units of the last place, in 16 bits: computed in a wider format
OWN = 8.0  # units of 2^-p max(1, abs f) by which results differ from the function itself
ROUGH = 16.0  # and by which, at some inputs, those of a step by step computation may from g
DIGITS = 5  # at most, of a value that is looked for
FINER = 2  # and digits after them that the results must decide
FEW = 400  # inputs on which a value is tried first
GRID = np.concatenate([-np.geomspace(1e3, 1e-3, 120), [0.0], np.geomspace(1e-3, 1e3, 120)])


@np.errstate(all="ignore")
def another_parameter(f: Activation, order: int, x: Array, y: Array, judged: Any) -> str:
    """NAME=VALUE if results y at x, both (n,), are those of f or its gradient with it; else "".

    `judged` says at which inputs they count. All of these results agree, either to the last bit with
    the formula computed step by step, or, with errors as of a computation in a wider format, so
    closely that the value is decided to two digits more than are said. The value with the fewest
    digits is taken.
    """
    results = _Results(order, x[judged], y[judged])
    if not results.x.size or not results.coarse(f) > OWN:
        return ""
    for parameter in parameters_of(f.name):
        name = parameter.name
        if isinstance(parameter.domain, Choices):
            options: Any = [[word] for word in parameter.domain.options]
        else:
            options = _decimals(f, name, results)
        for values in options:
            given = [g for g in (_with(f, name, value) for value in values) if g is not None]
            agreeing = [g for g in given if g != f and results.agree(f, name, g)]
            if agreeing:
                (found, *more) = agreeing
                return "" if more else f"{name}={text(found.settings[name])}"
    return ""


def _with(f: Activation, name: str, value: str) -> Activation | None:
    try:
        return resolve(f.name, {**f.settings, name: value})
    except ValueError:
        return None


def plainly(g: Activation, order: int, x: Floats) -> Floats:
    """g or its gradient at x (n,), in plain arithmetic, which may overflow inside: nothing is tabulated."""
    read = g.read(Jet(x, 1)) if order else g.read(x)
    found = slope_of(read) if order else value_of(read)
    at_all: Floats = np.broadcast_to(np.asarray(found, np.float64), x.shape)
    return at_all


def some_of(count: int) -> Array:
    """Some of so many places, evenly spread."""
    return np.unique(np.linspace(0, max(count - 1, 0), FEW).astype(int))


class _Results:
    """What an implementation gave: inputs x, in their dtype, and results y."""

    def __init__(self, order: int, x: Array, y: Array) -> None:
        self.order, self.given = order, x
        self.x = x.astype(np.float64)
        self.y = np.asarray(y).astype(np.float64)
        self.form: Format = FORMATS[x.dtype.name]
        self.narrow = x.dtype.itemsize == 2
        self.bound = NARROW if self.narrow else WIDE
        self.few = some_of(len(x))

    def misfit(self, g: Activation) -> float:
        """The largest distance from g, in the units of the format; infinite where one is none."""
        value = np.asarray((g, g.gradient)[self.order](self.x), np.float64)
        return self._distance(value, slice(None))

    def coarse(self, g: Activation) -> float:
        """The same in units of 2^-p max(1, abs g)."""
        value = np.asarray((g, g.gradient)[self.order](self.x), np.float64)
        unit = np.ldexp(np.maximum(1, np.abs(value)), -self.form.digits)
        right = self.y == self.form.nearest(value)  # both may be infinite
        top = float(np.where(right, 0, np.abs(self.y - value) / unit).max(initial=0))
        return top if top == top else float("inf")

    def read(self, formula: Node, name: str, x: Floats, values: Floats) -> Floats:
        """The formula, or its derivative, at x (n,) with a named parameter, in plain arithmetic."""
        given: Any = Jet(x, 1) if self.order else x
        found = read_with(formula, given, {name: values})
        found = slope_of(found) if self.order else value_of(found)
        at_all: Floats = np.broadcast_to(np.asarray(found, np.float64), x.shape)
        return at_all

    def are_between(self, formula: Node, name: str, low: float, high: float) -> bool:
        """Whether some results are about those of the formula with a parameter between both."""
        x, y = self.x[self.few], self.y[self.few]
        ends = [self.read(formula, name, x, np.full(x.shape, v)) for v in (low, high)]
        room = ROUGH * np.ldexp(np.maximum(1, np.abs(y)), -self.form.digits)
        beyond = (y < np.minimum(*ends) - room) | (y > np.maximum(*ends) + room)
        return not beyond.any()  # nan, of what overflows inside, decides nothing

    def _misfit_of_few(self, g: Activation) -> float:
        """The same at some of the inputs, in plain arithmetic."""
        found = plainly(g, self.order, self.x[self.few])
        return self._distance(np.where(np.isfinite(found), found, self.y[self.few]), self.few)

    def _distance(self, value: Floats, where: Any) -> float:
        value = np.broadcast_to(value, self.y[where].shape)
        y, right = self.y[where], self.form.nearest(value)
        size = np.abs(value)
        if self.narrow:
            size = np.minimum(np.abs(right), self.form.largest)
            exponent = np.maximum(np.frexp(size)[1] - self.form.digits, self.form.lowest)
            unit = np.ldexp(1.0, np.where(size == 0, self.form.lowest, exponent))
        else:
            unit = np.ldexp(np.maximum(1, size), -self.form.digits)
        far = np.abs(y - value) / unit
        far = np.where(y == right, np.minimum(far, 0.5), far)
        far[np.isinf(right) & (y == right)] = 0
        top = float(far.max(initial=0))
        return top if top == top else float("inf")

    def agree(self, f: Activation, name: str, g: Activation) -> bool:
        """Whether all results are those of g, and of no value beside that of its parameter."""
        if self.order == 0 and self._steps(g, self.few) and self._steps(g, slice(None)):
            return True
        if not self._misfit_of_few(g) <= 4 * self.bound or not self.misfit(g) <= self.bound:
            return False
        value = g.settings[name]
        if isinstance(value, str):
            return True
        digits = len(Decimal(str(float(value))).normalize().as_tuple().digits)
        step = _place(float(value)) * 10.0 ** -(digits + FINER - 1)
        beside = (_with(f, name, repr(float(value) + side * step)) for side in (-1, 1))
        return all(h is None or self._is_another(h) for h in beside)

    def _is_another(self, g: Activation) -> bool:
        """Whether results are not those of g: far off at a few inputs, else off at any."""
        return self._misfit_of_few(g) > 16 * self.bound or self.misfit(g) > self.bound

    def _steps(self, g: Activation, where: Any) -> bool:
        """Whether results are bit for bit those of the formula computed step by step."""
        from .stepwise import StepwiseCaller

        steps = np.asarray(StepwiseCaller(g)(self.given[where])).astype(np.float64)
        return bool((steps == self.y[where]).all())


def _place(value: float) -> float:
    """The power of ten of the first digit."""
    return float(10.0 ** np.floor(np.log10(abs(value)))) if value else 1.0


def _decimals(f: Activation, name: str, results: _Results) -> Iterator[list[str]]:
    """Decimals with which one result comes about, those with the fewest digits first.

    The result is the one that differs most from the function's own.
    """
    own = np.asarray((f, f.gradient)[results.order](results.x), np.float64)
    near = np.abs(results.x) <= 8
    off = np.where(near & np.isfinite(results.y), np.abs(results.y - own), -1.0)
    off /= np.maximum(1, np.abs(own))
    most = np.flatnonzero(off == off.max())  # of equal ones the last: others may be at a kink
    worst = int(most[np.argmax(np.abs(results.x[most]))])
    x, y = results.x[worst], results.y[worst]
    formula = f.symbolic(name)

    def gap(values: Floats) -> Floats:
        found: Floats = results.read(formula, name, np.full(values.shape, x), values) - y
        return found

    room = 2 * results.form.unit(max(abs(y), 1.0 if not results.narrow else 0.0)) * results.bound
    for low, high in sorted(_solved(gap, room), key=lambda ends: ends[0] < 0):
        if not results.are_between(formula, name, low, high):
            continue
        if low <= 0 <= high:
            yield ["0"]
        for digits in range(1, DIGITS + 1):
            first = _place(max(abs(low), abs(high))) * 10.0 ** (1 - digits)
            whole = range(int(np.ceil(low / first)), int(np.floor(high / first)) + 1)
            if len(whole) > 40:
                break
            exponent = round(float(np.log10(first)))
            yield [format(Decimal(k).scaleb(exponent).normalize(), "f") for k in whole]


def _solved(gap: Any, room: float) -> Iterator[tuple[float, float]]:
    """Intervals of values in which |gap| stays within `room`, beside each crossing of 0."""
    grid = np.unique(np.concatenate([GRID, [1.0, -1.0]]))
    signs = np.sign(gap(grid))
    for k in np.flatnonzero(signs[:-1] * signs[1:] <= 0):
        low, high = float(grid[k]), float(grid[k + 1])
        below = float(signs[k]) or -float(signs[k + 1])
        for _ in range(12):  # a hundredth each time
            inner = np.linspace(low, high, 101)
            turned = np.flatnonzero(np.sign(gap(inner)) * below <= 0)
            at = int(turned[0]) if turned.size else 100
            low, high = float(inner[max(at - 1, 0)]), float(inner[at])
            if not low < high:
                break
        value = (low + high) / 2
        step = max(abs(value), 1e-6) * 1e-6
        slope = float(np.abs(np.diff(gap(np.array([value - step, value + step])))[0]) / (2 * step))
        if slope > 0:
            yield value - room / slope, value + room / slope
