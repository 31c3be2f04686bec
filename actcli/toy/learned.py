"""Activation functions whose parameters are trained with the weights: one value per layer or unit.

The gradient in a parameter is exact: the formula is read with a jet in the parameter, as the
gradient in x is read with a jet in x. As with PReLU (He et al. 2015) no penalty acts on the
parameters; they stay in the domain that the function states for them.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from ..evaluation.activation import Activation
from ..expressions.node import Node
from ..expressions.parametric import read_with
from ..numbers.jet import Jet, slope_of, value_of
from ..numbers.types import Floats, Number

MEASURED = ("dead_fraction", "saturated_fraction", "gradient_norm")  # of each layer, in records


def learned_names(activation: Activation, wanted: Sequence[str]) -> tuple[str, ...]:
    """Those of the wanted names that are numbers among the function's parameters."""
    numbers = {k for k, v in activation.parameters.items() if not isinstance(v, str)}
    return tuple(name for name in wanted if name in numbers)


def read_at(activation: Activation, given: Mapping[str, float], x: Floats) -> Floats:
    """The function's values at x, same shape, with these parameters instead of its own."""
    values: dict[str, Number] = {name: np.float64(value) for name, value in given.items()}
    found = read_with(activation.symbolic(*given), x, values)
    return np.broadcast_to(np.asarray(found, np.float64), x.shape)


def check_learned(wanted: Sequence[str], functions: Sequence[Activation]) -> None:
    """Raises ValueError unless every parameter of --learn is a number of one of the functions."""
    for name in wanted:
        if name in MEASURED:
            raise ValueError(f"--learn {name}: this is measured of every layer; name it otherwise")
        if not any(learned_names(f, [name]) for f in functions):
            has = {f.label: ", ".join(learned_names(f, list(f.parameters))) for f in functions}
            shown = "; ".join(f"{label} has {names}" for label, names in has.items() if names)
            raise ValueError(
                f"--learn {name[:60]!r}: no FUNCTION here has such a number; "
                f"{shown or 'they have none, but prelu has slope'}"
            )


class LearnedParameters:
    """Value, slope and gradient in the parameters of one layer's function.

    Pre-activations are (S, B, units), parameters (S, n, 1), or (S, n, units) per unit.
    """

    def __init__(self, activation: Activation, names: Sequence[str], units: int) -> None:
        self.names = tuple(names)
        self.shape = (len(self.names), units)
        self._formula: Node = activation.symbolic(*self.names)
        known = (
            {p.name: p.domain for p in activation.function.parameters}
            if activation.function
            else {}
        )
        given = [activation.parameters[name] for name in self.names]
        lowest = [getattr(known.get(name), "lowest", -np.inf) for name in self.names]
        self.start, self.lowest = np.repeat([given, lowest], units, axis=1)

    def attach(self, values: Floats, gradient: Floats) -> None:
        """Take (S, *shape) values to read and gradients to write; both stay the caller's."""
        self.values, self.gradient = values, gradient

    def confine(self) -> None:
        """Move values that have left their domain back to its end."""
        np.maximum(self.values, self.lowest.reshape(self.shape), out=self.values)

    def forward(self, z: Floats, value: Floats, slope: Floats | None) -> None:
        """Fill value, and slope unless None, at the pre-activations z; all (S, B, units)."""
        if slope is None:
            value[...] = self._read(z)
            return
        found = self._read(Jet(z, 1))
        value[...], slope[...] = value_of(found), slope_of(found)

    def backward(self, d: Floats, z: Floats) -> None:
        """Add to the gradient what d = d loss/d value, (S, B, units) as z, says of the parameters."""
        for k in range(len(self.names)):
            moved = np.broadcast_to(slope_of(self._read(z, jet=k)), z.shape)
            each = (d * moved).sum(axis=1)
            self.gradient[:, k] += each if self.shape[1] > 1 else each.sum(axis=1, keepdims=True)

    def _read(self, x: Number, jet: int | None = None) -> Number:
        given: dict[str, Number] = {}
        for k, name in enumerate(self.names):
            value = self.values[:, k, None, :]
            given[name] = Jet(value, 1) if k == jet else value
        return read_with(self._formula, x, given)
