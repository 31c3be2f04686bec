"""Somebody else's function, `package.module:attribute`, for auditing it.

Its value is what it returns; nothing is known of its formula, so gradient and curvature are taken by
extrapolated central differences and are good to about ten and seven digits where it is smooth; if it
answers in float32, to four and one.
"""

import sys
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from ..expressions.node import Node
from ..numbers.types import Array
from ..wording import suggest
from .activation import Activation

if TYPE_CHECKING:
    from ..numbers.formats import Format


def load(reference: str) -> Activation:
    """The function at `module:attribute`; ValueError if it is not there or cannot be called."""
    module_name, _, attribute = reference.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")  # a module in the current directory, as with python -m
    try:
        found: Any = import_module(module_name)
    except Exception as error:  # importing runs somebody else's code
        advice = "type package.module:attribute, with the module installed or in this directory"
        if module_name.endswith(".py"):
            advice = f"leave out .py, as in {module_name[:-3]}:{attribute}"
        raise ValueError(f"cannot import {module_name!r} ({error}); {advice}") from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            hint = suggest(part, dir(found), "type the name of a function in it")
            raise ValueError(f"{module_name!r} has no attribute {attribute!r}; {hint}")
        found = getattr(found, part)
    if not callable(found):
        raise ValueError(
            f"{reference!r} is not callable; it is a {type(found).__name__}; "
            "type the name of a function"
        )
    return PythonCallable(reference, found)


# The precision that a callable answers in: the step of its differences, and about how many digits
# of the gradient they leave. Wider steps leave more, and reach across kinks from farther away.
STEPS = {"float16": (2.0**-4, 1), "float32": (2.0**-7, 4), "float64": (2.0**-11, 10)}
PROBES = np.concatenate([np.linspace(-3.1, 2.9, 41), [0.1]]) * np.sqrt(2)  # none is a float32


class PythonCallable(Activation):
    """A Python callable of one array (or one float), with derivatives by differences."""

    def __init__(self, label: str, called: Callable[[Any], Any]) -> None:
        super().__init__(label, label, self._call, {}, typed=True)
        self._called = called

    @cached_property
    def recorded(self) -> Node:
        return Node("use", (self.label, "", None, Node("x")))

    @property
    def family(self) -> str:
        return "Python callable"

    @cached_property
    def precision(self) -> str:
        """The precision that its answers have, whatever their dtype: a key of STEPS."""
        with np.errstate(all="ignore"):
            found = self._call(PROBES)
            found = found[np.isfinite(found)]
            for name, dtype in (("float16", np.float16), ("float32", np.float32)):
                if len(set(found)) > len(PROBES) // 3 and (found.astype(dtype) == found).all():
                    return name
        return "float64"

    @property
    def _kernel(self) -> None:
        return None

    def _call(self, x: Array) -> Array:
        plain = np.array(x, np.float64)
        try:
            result = np.asarray(self._called(plain), np.float64)
            if result.shape == plain.shape:
                return result
        except Exception:  # somebody else's code may raise anything; perhaps it takes floats only
            pass
        try:
            return np.array([float(self._called(float(v))) for v in plain.flat]).reshape(
                plain.shape
            )
        except Exception as error:
            said = str(error) or type(error).__name__
            raise ValueError(
                f"{self.label} cannot be evaluated: {said}; "
                "give a function of one number or of one numpy array"
            ) from None

    def _derivatives(self, x: Array, order: int) -> list[Array]:
        here = self._call(x)
        found = [here]
        if order >= 1:
            step = np.maximum(np.abs(x), 1) * STEPS[self.precision][0]
            found.append(
                _extrapolate(lambda h: (self._call(x + h) - self._call(x - h)) / (2 * h), step)
            )
        if order == 2:
            found.append(
                _extrapolate(
                    lambda h: (self._call(x + h) - 2 * here + self._call(x - h)) / h**2, 4 * step
                )
            )
        return found

    def _rounded(self, form: "Format", x: Array, orders: tuple[int, ...]) -> list[Array]:
        return [form.nearest(found) for found in self._evaluate(x, orders)]

    def quick(self, x: Array) -> tuple[Array, Array]:
        """Value and gradient, by differences as ever."""
        value, gradient = self._derivatives(np.asarray(x, np.float64), 1)
        return value, gradient

    def limit(self, side: int, order: int = 0) -> float:
        """What the function itself says at infinity; nan for its derivatives."""
        if order:
            return float("nan")
        with np.errstate(all="ignore"):
            return float(self._call(np.array([side * np.inf]))[0])


def _extrapolate(difference: Callable[[Array], Array], step: Array) -> Array:
    """Richardson's extrapolation of an even difference from three steps."""
    a, b, c = difference(step), difference(step / 2), difference(step / 4)
    d, e = (4 * b - a) / 3, (4 * c - b) / 3
    return (16 * e - d) / 15
